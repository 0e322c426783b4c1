// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/layer/attention_layer.h"

#include <algorithm>
#include <cstring>

#include "kernels/attention.h"
#include "kernels/qkv_rotary.h"
#include "kernels/quantized_linear.h"
#include "kernels/rms_norm.h"

namespace airframe::kernels {
namespace {

AttentionShape shapeOf(const AttentionLayer& layer, const LayerRows& rows, const AttentionCache& cache) {
    AttentionShape s;
    s.batch = rows.batch;
    s.tokens = rows.tokens;
    s.heads = layer.heads;
    s.groups = layer.groups;
    s.d = layer.head_dim;
    s.length = cache.length + rows.tokens;
    s.slots = cache.slots;
    s.window = layer.window;
    s.ring = layer.window > 0;
    s.scale = layer.scale;
    return s;
}

/// Moves [heads, slots, d] into an array with room for more slots: the last `kept` of `length` positions, each from slot
/// p mod slots to slot p mod more.
void widen(AlignedVector<Bf16>& array, std::size_t heads, std::size_t slots, std::size_t more, std::size_t length, std::size_t kept, std::size_t d) {
    AlignedVector<Bf16> larger(heads * more * d);
    for (std::size_t h = 0; h < heads; ++h)
        for (std::size_t p = length - kept; p < length; ++p)
            std::memcpy(larger.data() + (h * more + p % more) * d, array.data() + (h * slots + p % slots) * d, d * sizeof(Bf16));
    array = std::move(larger);
}

}  // namespace

void AttentionLayer::prepare(LayerRows& rows, AttentionCache& cache, std::size_t threads) const {
    const std::size_t R = rows.rows(), total = cache.length + rows.tokens;
    const std::size_t most = window > 0 ? window + rows.tokens - 1 : total, wanted = std::min(total, most);
    if (wanted > cache.slots) {
        const std::size_t doubled = 2 * cache.slots, more = std::max(wanted, window > 0 ? std::min(doubled, most) : doubled);
        const std::size_t kept = window > 0 ? std::min(cache.length, window) : cache.length;
        for (auto* array : {&cache.keys, &cache.values}) widen(*array, rows.batch * groups, cache.slots, more, cache.length, kept, head_dim);
        cache.slots = more;
    }
    LayerRows::grown(rows.normed, std::max(R, std::min(R, rows_worth_sharing) * threads) * rows.hidden);
    LayerRows::grown(rows.wide, R * qkv.rows());
    LayerRows::grown(rows.q, R * heads * head_dim);
    LayerRows::grown(rows.narrow, R * heads * head_dim);
    LayerRows::grown(rows.workspace, attentionPlan(shapeOf(*this, rows, cache)).workspace);
}

/// Biases and norms of the heads `begin` to `end` of the projection, before they turn.
void AttentionLayer::finishHeads(LayerRows& rows, std::size_t begin, std::size_t end) const {
    const std::size_t d = head_dim, parts = heads + 2 * groups;
    for (std::size_t r = 0; r < rows.rows(); ++r)
        for (std::size_t part = begin; part < end; ++part) {
            float* x = rows.wide.data() + (r * parts + part) * d;
            if (!bias.empty())
                for (std::size_t i = 0; i < d; ++i) x[i] += bias[part * d + i];
            const std::vector<float>& weight = part < heads ? q_norm : k_norm;
            if (part < heads + groups && !weight.empty()) rmsNorm(x, weight.data(), d, eps, x, 0, 1);
        }
}

void AttentionLayer::run(const Team& team, LayerRows& rows, AttentionCache& cache, const float* cosine, const float* sine) const {
    const std::size_t R = rows.rows(), d = head_dim;
    const QkvRotaryShape turn{rows.batch, rows.tokens, heads, groups, d, cache.length, cache.slots, window > 0};
    const QkvRotaryArrays arrays{rows.wide.data(), cosine, sine, rows.q.data(), cache.keys.data(), cache.values.data()};
    const Bf16* in = normedRows(team, rows, norm.data(), eps);
    const auto [first, last] = team.share(turn.parts());
    if (d % PackedWeight::lanes == 0) {  // whole units make a head: it is turned by the thread that computed it
        const std::size_t units = d / PackedWeight::lanes;
        quantizedLinear(qkv, LinearInputs<Bf16>{in, R}, {rows.wide.data()}, first * units, last * units);
    } else {
        shareLinear(team, qkv, in, R, rows.wide.data(), false);
        team.wait();
    }
    if (!bias.empty() || !q_norm.empty()) finishHeads(rows, first, last);
    qkvRotary(turn, arrays, first, last);
    team.wait();
    const AttentionShape shape = shapeOf(*this, rows, cache);
    const AttentionPlan plan = attentionPlan(shape);
    const AttentionInputs<Bf16, Bf16> cached{rows.q.data(), cache.keys.data(), cache.values.data()};
    const auto units = team.share(plan.units);
    attention(shape, cached, rows.narrow.data(), rows.workspace.data(), units.begin, units.end);
    team.wait();
    if (plan.merges) {
        const auto merges = team.share(plan.merges);
        attentionMerge(shape, cached, rows.narrow.data(), rows.workspace.data(), merges.begin, merges.end);
        team.wait();
    }
    shareLinear(team, o, rows.narrow.data(), R, rows.x.data(), true);
    team.wait();
}

}  // namespace airframe::kernels
