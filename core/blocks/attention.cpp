// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/attention.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/blocks/native_attention.h"
#include "core/blocks/rms_norm.h"
#include "core/blocks/tensor_reader.h"

namespace airframe {
namespace {

bool same(const at::Tensor& a, const at::Tensor& b) { return a.defined() == b.defined(); }

at::Tensor float32On(const at::Tensor& t, const Compute& compute) {
    return t.defined() ? t.to(compute.device, at::kFloat).contiguous() : at::Tensor();
}

}  // namespace

const std::vector<std::pair<std::string, at::Tensor AttentionParameters::*>>& AttentionParameters::table() {
    using P = AttentionParameters;
    static const std::vector<std::pair<std::string, at::Tensor P::*>> rows = {
        {"q_proj.weight", &P::q_proj}, {"k_proj.weight", &P::k_proj}, {"v_proj.weight", &P::v_proj}, {"o_proj.weight", &P::o_proj},
        {"q_proj.bias", &P::q_bias},   {"k_proj.bias", &P::k_bias},   {"v_proj.bias", &P::v_bias},   {"o_proj.bias", &P::o_bias},
        {"q_norm.weight", &P::q_norm}, {"k_norm.weight", &P::k_norm},
    };
    return rows;
}

std::vector<std::vector<std::int64_t>> AttentionParameters::shapes(const AttentionDims& d) {
    const std::int64_t D = d.hidden, Q = d.queryDim(), KV = d.keyDim(), h = d.head_dim;
    return {{Q, D}, {KV, D}, {KV, D}, {D, Q}, {Q}, {KV}, {KV}, {D}, {h}, {h}};
}

void AttentionParameters::check(const AttentionDims& dims, const std::string& where) const {
    const auto want = shapes(dims);
    const auto fail = [&](const std::string& name, const std::string& what) {
        throw Failure(ErrorCode::bad_input, where + "." + name, what, "the weights do not fit the attention's dimensions");
    };
    constexpr std::size_t matrices = 4;
    for (std::size_t i = 0; i < want.size(); ++i) {
        const auto& [name, member] = table()[i];
        const at::Tensor& tensor = this->*member;
        if (!tensor.defined()) {
            if (i < matrices) fail(name, "the tensor is missing");
            continue;
        }
        if (tensor.sizes() != at::IntArrayRef(want[i]))
            fail(name, "wanted shape " + sizesText(want[i]) + ", found " + sizesText(tensor.sizes()));
    }
    if (!same(q_bias, k_bias) || !same(q_bias, v_bias)) fail("q_proj.bias", "q, k and v have biases together or none");
    if (!same(q_norm, k_norm)) fail("q_norm.weight", "q and k have norms together or none");
}

AttentionBlock::AttentionBlock(AttentionDims dims, const AttentionParameters& p, std::shared_ptr<const Rotary> rotary,
                               const Compute& compute, const std::string& where, const char* id)
    : m_dims(dims), m_compute(compute), m_id(id), m_rotary(std::move(rotary)) {
    p.check(dims, where);
    at::Tensor qkv_bias, o_bias;
    if (p.q_bias.defined()) qkv_bias = toCompute(at::cat({p.q_bias, p.k_bias, p.v_bias}, 0), compute);
    if (p.o_bias.defined()) o_bias = toCompute(p.o_bias, compute);
    m_qkv = LinearWeight::packed(toCompute(at::cat({p.q_proj, p.k_proj, p.v_proj}, 0), compute), qkv_bias);
    m_o = LinearWeight::packed(toCompute(p.o_proj, compute), o_bias);
    m_q_norm = float32On(p.q_norm, compute);
    m_k_norm = float32On(p.k_norm, compute);
}

/// Queries and keys before they turn, of the projection [B, T, heads + 2*kv_heads, head_dim].
at::Tensor AttentionBlock::normedHeads(const at::Tensor& qkv) const {
    const std::int64_t heads = m_dims.heads, groups = m_dims.kv_heads;
    if (!m_q_norm.defined()) return qkv.narrow(2, 0, heads + groups);
    return at::cat({rmsNorm(qkv.narrow(2, 0, heads), m_q_norm, m_dims.norm_eps),
                    rmsNorm(qkv.narrow(2, heads, groups), m_k_norm, m_dims.norm_eps)},
                   2);
}

at::Tensor AttentionBlock::forward(const at::Tensor& x, BlockState* state) const {
    const std::int64_t batch = x.size(0), tokens = x.size(1);
    const std::int64_t heads = m_dims.heads, groups = m_dims.kv_heads, head_dim = m_dims.head_dim;
    KvCache* cache = cacheOf(state, batch);
    const std::int64_t past = cache ? cache->length() : 0, length = past + tokens;
    const bool late = cache && m_rotary->followsLength();

    const at::Tensor qkv = m_qkv(x).view({batch, tokens, heads + 2 * groups, head_dim});
    const at::Tensor straight = normedHeads(qkv);
    const at::Tensor turned = m_rotary->apply(late ? straight.narrow(2, 0, heads) : straight, past, length).transpose(1, 2);
    const at::Tensor q = turned.narrow(1, 0, heads);
    at::Tensor k = late ? straight.narrow(2, heads, groups).transpose(1, 2) : turned.narrow(1, heads, groups);
    at::Tensor v = qkv.narrow(2, heads + groups, groups).transpose(1, 2);
    AttentionForm form{m_dims.scale, m_dims.window};
    if (cache) {
        const KvCache::View view = cache->append(k, v);
        k = late ? m_rotary->apply(view.keys.transpose(1, 2), 0, length).transpose(1, 2) : view.keys;
        v = view.values;
        if (view.ring) form.window = 0;
    }
    return m_o(causalAttention(q, k, v, form).transpose(1, 2).reshape({batch, tokens, heads * head_dim}));
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
    return std::make_unique<KvCache>(batch, m_dims.kv_heads, m_dims.head_dim, capacity, cacheWindow(), m_compute);
}

std::int64_t AttentionBlock::stateBytes(std::int64_t batch, std::int64_t tokens) const {
    const std::int64_t kept = cacheWindow() > 0 ? std::min(tokens, cacheWindow()) : tokens;
    return 2 * batch * m_dims.keyDim() * kept * static_cast<std::int64_t>(c10::elementSize(m_compute.dtype));
}

at::Tensor AttentionBlock::rowsOf(std::int64_t first, std::int64_t count) const {
    return m_qkv.dense().narrow(0, first, count).to(at::kFloat);
}
at::Tensor AttentionBlock::qProj() const { return rowsOf(0, m_dims.queryDim()); }
at::Tensor AttentionBlock::kProj() const { return rowsOf(m_dims.queryDim(), m_dims.keyDim()); }
at::Tensor AttentionBlock::vProj() const { return rowsOf(m_dims.queryDim() + m_dims.keyDim(), m_dims.keyDim()); }
at::Tensor AttentionBlock::oProj() const { return m_o.dense().to(at::kFloat); }

std::vector<std::pair<std::string, at::Tensor>> AttentionBlock::parameters() const {
    AttentionParameters p{qProj(), kProj(), vProj(), oProj()};
    const std::int64_t Q = m_dims.queryDim(), KV = m_dims.keyDim();
    if (const at::Tensor& bias = m_qkv.bias(); bias.defined()) {
        p.q_bias = bias.narrow(0, 0, Q).to(at::kFloat);
        p.k_bias = bias.narrow(0, Q, KV).to(at::kFloat);
        p.v_bias = bias.narrow(0, Q + KV, KV).to(at::kFloat);
    }
    if (m_o.bias().defined()) p.o_bias = m_o.bias().to(at::kFloat);
    p.q_norm = m_q_norm;
    p.k_norm = m_k_norm;
    std::vector<std::pair<std::string, at::Tensor>> all;
    for (const auto& [name, member] : AttentionParameters::table())
        if ((p.*member).defined()) all.emplace_back(name, p.*member);
    return all;
}

}  // namespace airframe
