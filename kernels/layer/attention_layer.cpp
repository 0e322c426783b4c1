// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/layer/attention_layer.h"

#include <algorithm>
#include <cstring>

#include "kernels/attention.h"
#include "kernels/qkv_rotary.h"
#include "kernels/quantized_linear.h"

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
    return s;
}

/// Moves [heads, slots, d] into an array with room for more slots.
void widen(AlignedVector<Bf16>& array, std::size_t heads, std::size_t slots, std::size_t more, std::size_t held, std::size_t d) {
    AlignedVector<Bf16> larger(heads * more * d);
    for (std::size_t h = 0; h < heads; ++h)
        if (held) std::memcpy(larger.data() + h * more * d, array.data() + h * slots * d, held * d * sizeof(Bf16));
    array = std::move(larger);
}

}  // namespace

void AttentionLayer::prepare(LayerRows& rows, AttentionCache& cache, std::size_t threads) const {
    const std::size_t R = rows.rows(), wanted = cache.length + rows.tokens;
    if (wanted > cache.slots) {
        const std::size_t more = std::max(wanted, 2 * cache.slots);
        for (auto* array : {&cache.keys, &cache.values}) widen(*array, rows.batch * groups, cache.slots, more, cache.length, head_dim);
        cache.slots = more;
    }
    LayerRows::grown(rows.normed, std::max(R, std::min(R, rows_worth_sharing) * threads) * rows.hidden);
    LayerRows::grown(rows.wide, R * qkv.rows());
    LayerRows::grown(rows.q, R * heads * head_dim);
    LayerRows::grown(rows.narrow, R * heads * head_dim);
    LayerRows::grown(rows.workspace, attentionPlan(shapeOf(*this, rows, cache)).workspace);
}

void AttentionLayer::run(const Team& team, LayerRows& rows, AttentionCache& cache, const float* cosine, const float* sine) const {
    const std::size_t R = rows.rows(), d = head_dim;
    const QkvRotaryShape turn{rows.batch, rows.tokens, heads, groups, d, cache.length, cache.slots, false};
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
