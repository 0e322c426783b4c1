// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace airframe {

/// Dimensions of a JetBlock (Jet-Nemotron, arXiv 2508.15884, section 2.4 and the released configuration).
struct JetDims {
    int hidden = 0;     ///< D
    int heads = 0;      ///< H, query = key = value heads
    int k = 0, v = 0;   ///< K and V, sizes of one head's key and value
    int generator = 0;  ///< R, hidden width of the kernel generator: H*V/8 as released
    double norm_eps = 1e-5;
    [[nodiscard]] int keyDim() const { return heads * k; }
    [[nodiscard]] int valueDim() const { return heads * v; }
};

/// The thirteen tensors of a JetBlock, by their published names. [out, in] for matrices.
struct JetParameters {
    at::Tensor q_proj, k_proj;  // [H*K, D]
    at::Tensor v_proj, g_proj;  // [H*V, D]
    at::Tensor a_proj, b_proj;  // [H, D]
    at::Tensor A_log, dt_bias;  // [H] float32 always
    at::Tensor w1;              // [R, D]
    at::Tensor w2, w2_bias;     // [H*V*4, R], [H*V*4]: row 4*d + w, tap fastest; tap 3 is the current token
    at::Tensor o_norm;          // [V]
    at::Tensor o_proj;          // [D, H*V]

    /// Name (below "self_attn.") and pointer to member, in file order: THE list of a JetBlock's tensors.
    static const std::vector<std::pair<std::string, at::Tensor JetParameters::*>>& table();
    /// Shape that `dims` gives each tensor of the table, in its order.
    static std::vector<std::vector<std::int64_t>> shapes(const JetDims& dims);
    /// Throws Failure(bad_input, "where.name") for a tensor that is missing or has another shape.
    void check(const JetDims& dims, const std::string& where) const;
    /// The seven matrices that read the layer's input as one: rows q | k | v | g | a | b | w1, [sum, D].
    [[nodiscard]] at::Tensor fusedInputs() const;
};

/// Rows of the fused input matrix, in its order (see JetParameters::fusedInputs).
[[nodiscard]] std::vector<std::int64_t> fusedRows(const JetDims& dims);

/// State carried between calls; absent tensors mean "start of sequence".
struct JetCarry {
    at::Tensor recurrent;  ///< [B, H, K, V] float32
    at::Tensor conv;       ///< [B, H*V, 4] the last four raw v_proj outputs, oldest first
};

}  // namespace airframe
