// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

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
    [[nodiscard]] int queryDim() const { return heads * head_dim; }
    [[nodiscard]] int keyDim() const { return kv_heads * head_dim; }
};

/// The four matrices of an attention layer, [out, in].
struct AttentionParameters {
    at::Tensor q_proj;          // [heads*head_dim, D]
    at::Tensor k_proj, v_proj;  // [kv_heads*head_dim, D]
    at::Tensor o_proj;          // [D, heads*head_dim]
};

/// Causal softmax attention with grouped queries and rotary positions ("attn"). Softmax in float32.
class AttentionBlock final : public Block {
  public:
    /// Throws Failure(bad_input, where) naming the matrix whose shape does not fit.
    AttentionBlock(AttentionDims dims, const AttentionParameters& parameters, std::shared_ptr<const Rotary> rotary,
                   const Compute& compute, const std::string& where = "attn");
    [[nodiscard]] const char* id() const override { return "attn"; }
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

  private:
    [[nodiscard]] at::Tensor rowsOf(std::int64_t first, std::int64_t count) const;
    [[nodiscard]] KvCache* cacheOf(BlockState* state, std::int64_t batch) const;
    AttentionDims m_dims;
    Compute m_compute;
    std::shared_ptr<const Rotary> m_rotary;
    LinearWeight m_qkv;  // [(heads + 2*kv_heads)*head_dim, D]: queries, keys, values
    LinearWeight m_o;    // [D, heads*head_dim]
};

}  // namespace airframe
