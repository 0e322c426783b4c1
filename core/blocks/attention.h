// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/blocks/block.h"
#include "core/blocks/compute.h"
#include "core/blocks/kv_cache.h"
#include "core/blocks/linear_weight.h"
#include "core/blocks/rotary.h"

namespace airframe {

/// Sizes of a grouped-query attention layer. heads % kv_heads == 0; query head h reads key/value head h / (heads /
/// kv_heads).
struct AttentionDims {
    int hidden = 0;  ///< D
    int heads = 0, kv_heads = 0, head_dim = 0;
    int window = 0;          ///< keys that a query sees, its own among them; 0 = all before it
    double scale = 0;        ///< of the scores; 0 = head_dim^-0.5
    double norm_eps = 1e-6;  ///< of the norms on queries and keys, where there are some
    [[nodiscard]] int queryDim() const { return heads * head_dim; }
    [[nodiscard]] int keyDim() const { return kv_heads * head_dim; }
};

/// The tensors of an attention layer; matrices are [out, in]. Those of the second half may be undefined: the layer then has
/// no such bias or norm. q, k and v have biases together, q and k norms together.
struct AttentionParameters {
    at::Tensor q_proj;                    // [heads*head_dim, D]
    at::Tensor k_proj, v_proj;            // [kv_heads*head_dim, D]
    at::Tensor o_proj;                    // [D, heads*head_dim]
    at::Tensor q_bias = {};               // [heads*head_dim]
    at::Tensor k_bias = {}, v_bias = {};  // [kv_heads*head_dim]
    at::Tensor o_bias = {};               // [D]
    at::Tensor q_norm = {}, k_norm = {};  // [head_dim], multiplied with as they are

    /// Name (below "self_attn.") and pointer to member, in file order: THE list of an attention layer's tensors.
    static const std::vector<std::pair<std::string, at::Tensor AttentionParameters::*>>& table();
    /// The shape that `dims` gives each tensor of the table, in its order.
    static std::vector<std::vector<std::int64_t>> shapes(const AttentionDims& dims);
    /// Throws Failure(bad_input, "where.name") for a matrix that is missing, a bias or norm without those that go with it, or
    /// another shape.
    void check(const AttentionDims& dims, const std::string& where) const;
};

/// Causal softmax attention with grouped queries and rotary positions ("attn"; "swa" in hybrids whose own attention is full).
/// Biases (Qwen2), norms of each head's query and key before the rotation (Qwen3) and a window (Mistral, Gemma 3) where the
/// dims and parameters have them. Softmax in float32.
class AttentionBlock final : public Block {
  public:
    /// Throws as AttentionParameters::check. `id` is "attn" or "swa".
    AttentionBlock(AttentionDims dims, const AttentionParameters& parameters, std::shared_ptr<const Rotary> rotary,
                   const Compute& compute, const std::string& where = "attn", const char* id = "attn");
    [[nodiscard]] const char* id() const override { return m_id; }
    [[nodiscard]] at::Tensor forward(const at::Tensor& x, BlockState* state) const override;
    [[nodiscard]] std::unique_ptr<BlockState> emptyState(std::int64_t batch, std::int64_t capacity) const override;
    [[nodiscard]] std::int64_t stateBytes(std::int64_t batch, std::int64_t tokens) const override;
    [[nodiscard]] std::vector<std::pair<std::string, at::Tensor>> parameters() const override;

    [[nodiscard]] const AttentionDims& dims() const { return m_dims; }
    // The matrices as float32 [out, in], for initialising other blocks from this one: what this layer computes with,
    // hence rounded to bf16 where the compute type is bf16.
    [[nodiscard]] at::Tensor qProj() const;
    [[nodiscard]] at::Tensor kProj() const;
    [[nodiscard]] at::Tensor vProj() const;
    [[nodiscard]] at::Tensor oProj() const;

    [[nodiscard]] const at::Tensor& qNorm() const { return m_q_norm; }  ///< float32, undefined if there is none
    [[nodiscard]] const at::Tensor& kNorm() const { return m_k_norm; }

  private:
    [[nodiscard]] at::Tensor rowsOf(std::int64_t first, std::int64_t count) const;
    [[nodiscard]] KvCache* cacheOf(BlockState* state, std::int64_t batch) const;
    [[nodiscard]] at::Tensor normedHeads(const at::Tensor& qkv) const;
    /// Tokens that a cache keeps, 0 = all. Keys that turn anew need their positions, so none is let go then.
    [[nodiscard]] std::int64_t cacheWindow() const { return m_rotary->followsLength() ? 0 : m_dims.window; }
    AttentionDims m_dims;
    Compute m_compute;
    const char* m_id;
    std::shared_ptr<const Rotary> m_rotary;
    LinearWeight m_qkv;             // [(heads + 2*kv_heads)*head_dim, D]: queries, keys, values
    LinearWeight m_o;               // [D, heads*head_dim]
    at::Tensor m_q_norm, m_k_norm;  // [head_dim] float32
};

}  // namespace airframe
