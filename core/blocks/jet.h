// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>

#include "core/blocks/block.h"
#include "core/blocks/compute.h"

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

/// The whole block over LibTorch operations, differentiable: x [B, T, D] -> [B, T, D]. Updates `carry` if given.
/// On a CPU the convolution and the rule are the native operators (native_rule.h). Elsewhere, in float64, or when
/// `recurrent` asks for a form, they are plain LibTorch: by token (the default up to T = 16) or chunked (64 tokens).
/// Projections run in x's type; gates, norms, the rule and its state in float32 (float64 if x is float64).
[[nodiscard]] at::Tensor jetForward(const JetDims& dims, const JetParameters& p, const at::Tensor& x,
                                    JetCarry* carry = nullptr, std::optional<bool> recurrent = std::nullopt);
/// The same with the input matrices given fused; p's own are not read.
[[nodiscard]] at::Tensor jetForwardFused(const JetDims& dims, const JetParameters& p, const at::Tensor& inputs,
                                         const at::Tensor& x, JetCarry* carry = nullptr,
                                         std::optional<bool> recurrent = std::nullopt);

/// All before the output projection: [B, T, H*V], what o_proj reads.
[[nodiscard]] at::Tensor jetFeatures(const JetDims& dims, const JetParameters& p, const at::Tensor& inputs,
                                     const at::Tensor& x, JetCarry* carry = nullptr,
                                     std::optional<bool> recurrent = std::nullopt);

/// A JetBlock ready to run, and its per-sequence state.
class JetBlock final : public Block {
  public:
    /// Converts matrices to the compute type; A_log, dt_bias and o_norm stay float32. Throws Failure(bad_input, where)
    /// naming the tensor whose shape does not fit.
    JetBlock(JetDims dims, JetParameters parameters, const Compute& compute, const std::string& where = "jet");
    [[nodiscard]] const char* id() const override { return "jet"; }
    [[nodiscard]] at::Tensor forward(const at::Tensor& x, BlockState* state) const override;
    [[nodiscard]] std::unique_ptr<BlockState> emptyState(std::int64_t batch, std::int64_t capacity) const override;
    [[nodiscard]] std::int64_t stateBytes(std::int64_t batch, std::int64_t tokens) const override;
    [[nodiscard]] std::vector<std::pair<std::string, at::Tensor>> parameters() const override;
    [[nodiscard]] const JetDims& dims() const { return m_dims; }

  private:
    JetDims m_dims;
    JetParameters m_p;    // the seven input matrices are views of m_inputs
    at::Tensor m_inputs;  // [sum, D] in the compute type
};

}  // namespace airframe
