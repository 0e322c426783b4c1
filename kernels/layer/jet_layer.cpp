// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/layer/jet_layer.h"

#include <algorithm>

#include "kernels/gated_delta.h"
#include "kernels/gated_norm.h"
#include "kernels/generated_conv.h"
#include "kernels/jet_gates.h"

namespace airframe::kernels {
namespace {

JetGatesShape gatesOf(const JetLayer& l) { return {l.heads, l.heads * l.k, l.heads * l.v, l.generator}; }

}  // namespace

void JetLayer::prepare(LayerRows& rows, JetMemory& memory, std::size_t threads) const {
    const std::size_t R = rows.rows(), copies = R < rows_worth_sharing ? threads : 1;
    if (memory.state.empty()) {
        memory.state.assign(rows.batch * heads * k * v, 0.0f);
        memory.window.assign(rows.batch * heads * v * conv_taps, 0.0f);
    }
    LayerRows::grown(rows.normed, std::max(R, std::min(R, rows_worth_sharing) * threads) * rows.hidden);
    LayerRows::grown(rows.wide, R * inputs.rows());
    for (auto& array : rows.key_rows) LayerRows::grown(array, copies * R * heads * k);
    for (auto* array : {&rows.decay, &rows.beta}) LayerRows::grown(*array, copies * R * heads);
    LayerRows::grown(rows.generator, copies * R * generator);
    for (auto& array : rows.value_rows) LayerRows::grown(array, R * heads * v);
    LayerRows::grown(rows.narrow, R * heads * v);
}

void JetLayer::run(const Team& team, LayerRows& rows, JetMemory& memory) const {
    const std::size_t R = rows.rows(), B = rows.batch, T = rows.tokens, H = heads, values = H * v;
    const JetGatesShape shape = gatesOf(*this);
    const float* projected = rows.wide.data();
    shareLinear(team, inputs, normedRows(team, rows, norm.data(), eps), R, rows.wide.data(), false);
    team.wait();

    const bool alone = R < rows_worth_sharing;  // every thread forms all gates for itself
    const std::size_t copy = alone ? team.rank() : 0;
    const JetGatesOutputs<Bf16> gates{rows.key_rows[0].data() + copy * R * H * k, rows.key_rows[1].data() + copy * R * H * k,
                                      rows.decay.data() + copy * R * H, rows.beta.data() + copy * R * H,
                                      rows.generator.data() + copy * R * generator};
    const auto [row, row_end] = alone ? Team::Range{0, R} : team.share(R);
    jetGates(shape, projected, {a_log.data(), dt_bias.data()}, gates, row, row_end);
    if (!alone) team.wait();

    const GeneratedConvInputs conv{B, T, values, gates.generator, &w2, w2_bias.data(), projected + shape.v(), shape.row(), memory.window.data()};
    float *convolved = rows.value_rows[0].data(), *o_rows = rows.value_rows[1].data();
    const auto [head, head_end] = team.share(H);
    if (v % generated_conv_channels == 0) {  // whole units make a head: its rule runs where its values were convolved
        const std::size_t units = v / generated_conv_channels;
        generatedConv(conv, {convolved, memory.window.data()}, head * units, head_end * units);
    } else {
        const auto [unit, unit_end] = team.share(w2.units());
        generatedConv(conv, {convolved, memory.window.data()}, unit, unit_end);
        team.wait();
    }
    const GatedDeltaShape rule{B, T, H, k, v};
    const GatedDeltaInputs in{gates.q, gates.k, convolved, gates.decay, gates.beta, memory.state.data(), true};
    for (std::size_t b = 0; b < B; ++b)
        gatedDeltaForward(rule, in, {o_rows, memory.state.data(), nullptr}, b * H + head, b * H + head_end);
    const GatedNormShape out{head_end - head, v, shape.row(), norm_eps};
    for (std::size_t r = 0; r < R; ++r) {
        const std::size_t at = r * values + head * v;
        gatedNorm(out, o_rows + at, o_norm.data(), projected + r * shape.row() + shape.g() + head * v, rows.narrow.data() + at, 0, 1);
    }
    team.wait();
    shareLinear(team, o, rows.narrow.data(), R, rows.x.data(), true);
    team.wait();
}

}  // namespace airframe::kernels
