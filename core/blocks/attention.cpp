// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/attention.h"

#include <ATen/ATen.h>

#include "core/base/error.h"
#include "core/blocks/native_attention.h"
#include "core/blocks/tensor_reader.h"

namespace airframe {
namespace {

void checkShape(const at::Tensor& tensor, std::int64_t rows, std::int64_t columns, const std::string& where,
                const char* name) {
    if (tensor.dim() == 2 && tensor.size(0) == rows && tensor.size(1) == columns) return;
    throw Failure(ErrorCode::bad_input, where + "." + name,
                  "wanted shape " + sizesText({rows, columns}) + ", found " + sizesText(tensor.sizes()),
                  "the weights do not fit the attention's dimensions");
}

}  // namespace

AttentionBlock::AttentionBlock(AttentionDims dims, const AttentionParameters& p, std::shared_ptr<const Rotary> rotary,
                               const Compute& compute, const std::string& where)
    : m_dims(dims), m_compute(compute), m_rotary(std::move(rotary)) {
    checkShape(p.q_proj, dims.queryDim(), dims.hidden, where, "q_proj.weight");
    checkShape(p.k_proj, dims.keyDim(), dims.hidden, where, "k_proj.weight");
    checkShape(p.v_proj, dims.keyDim(), dims.hidden, where, "v_proj.weight");
    checkShape(p.o_proj, dims.hidden, dims.queryDim(), where, "o_proj.weight");
    m_qkv = LinearWeight::packed(toCompute(at::cat({p.q_proj, p.k_proj, p.v_proj}, 0), compute));
    m_o = LinearWeight::packed(toCompute(p.o_proj, compute));
}

at::Tensor AttentionBlock::forward(const at::Tensor& x, BlockState* state) const {
    const std::int64_t batch = x.size(0), tokens = x.size(1);
    const std::int64_t heads = m_dims.heads, groups = m_dims.kv_heads, head_dim = m_dims.head_dim;
    KvCache* cache = cacheOf(state, batch);
    const std::int64_t past = cache ? cache->length() : 0;

    const at::Tensor qkv = m_qkv(x).view({batch, tokens, heads + 2 * groups, head_dim});
    const at::Tensor turned = m_rotary->apply(qkv.narrow(2, 0, heads + groups), past).transpose(1, 2);
    const at::Tensor q = turned.narrow(1, 0, heads);
    at::Tensor k = turned.narrow(1, heads, groups);
    at::Tensor v = qkv.narrow(2, heads + groups, groups).transpose(1, 2);
    if (cache) {
        cache->append(k, v);
        k = cache->keys();
        v = cache->values();
    }
    return m_o(causalAttention(q, k, v).transpose(1, 2).reshape({batch, tokens, heads * head_dim}));
}

KvCache* AttentionBlock::cacheOf(BlockState* state, std::int64_t batch) const {
    if (!state) return nullptr;
    auto* cache = dynamic_cast<KvCache*>(state);
    if (!cache) throw Failure(ErrorCode::internal, "attention", "the state passed was made by another kind of block");
    if (cache->batch() != batch)
        throw Failure(
            ErrorCode::internal, "attention",
            "the state holds " + std::to_string(cache->batch()) + " sequences, the input " + std::to_string(batch));
    return cache;
}

std::unique_ptr<BlockState> AttentionBlock::emptyState(std::int64_t batch, std::int64_t capacity) const {
    return std::make_unique<KvCache>(batch, m_dims.kv_heads, m_dims.head_dim, capacity, m_compute);
}

std::int64_t AttentionBlock::stateBytes(std::int64_t batch, std::int64_t tokens) const {
    return 2 * batch * m_dims.keyDim() * tokens * static_cast<std::int64_t>(c10::elementSize(m_compute.dtype));
}

at::Tensor AttentionBlock::rowsOf(std::int64_t first, std::int64_t count) const {
    return m_qkv.dense().narrow(0, first, count).to(at::kFloat);
}
at::Tensor AttentionBlock::qProj() const { return rowsOf(0, m_dims.queryDim()); }
at::Tensor AttentionBlock::kProj() const { return rowsOf(m_dims.queryDim(), m_dims.keyDim()); }
at::Tensor AttentionBlock::vProj() const { return rowsOf(m_dims.queryDim() + m_dims.keyDim(), m_dims.keyDim()); }
at::Tensor AttentionBlock::oProj() const { return m_o.dense().to(at::kFloat); }

std::vector<std::pair<std::string, at::Tensor>> AttentionBlock::parameters() const {
    return {
        {"q_proj.weight", qProj()}, {"k_proj.weight", kProj()}, {"v_proj.weight", vProj()}, {"o_proj.weight", oProj()}};
}

}  // namespace airframe
