// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/layer/mlp_layer.h"

#include <algorithm>

#include "kernels/quantized_linear.h"
#include "kernels/swiglu.h"

namespace airframe::kernels {
namespace {

constexpr std::size_t group = PackedWeight::lanes;  // columns of gate, then of up

/// F': the width rounded up to whole groups.
std::size_t padded(std::size_t intermediate) { return (intermediate + group - 1) / group * group; }

}  // namespace

PackedWeight MlpLayer::packGateUp(WeightType type, std::size_t hidden, std::size_t intermediate, const void* gate, const void* up) {
    const std::size_t row = weightRowBytes(type, hidden);
    const std::vector<std::byte> zeros(group * row);  // all types: zero bytes are zero weights
    std::vector<WeightRows> parts;
    for (std::size_t i = 0; i < intermediate; i += group) {
        const std::size_t count = std::min(group, intermediate - i);
        for (const void* from : {gate, up}) {
            parts.push_back({static_cast<const std::byte*>(from) + i * row, count});
            parts.push_back({zeros.data(), group - count});
        }
    }
    return {type, hidden, parts};
}

void MlpLayer::prepare(LayerRows& rows, std::size_t threads) const {
    LayerRows::grown(rows.normed, std::max(rows.rows(), std::min(rows.rows(), rows_worth_sharing) * threads) * rows.hidden);
    LayerRows::grown(rows.wide, rows.rows() * 2 * padded(intermediate));
    LayerRows::grown(rows.narrow, rows.rows() * padded(intermediate));
}

void MlpLayer::run(const Team& team, LayerRows& rows) const {
    const std::size_t R = rows.rows(), width = padded(intermediate), groups = width / group;
    const Bf16* in = normedRows(team, rows, norm.data(), eps);
    const auto [begin, end] = team.share(groups);
    quantizedLinear(gate_up, LinearInputs<Bf16>{in, R}, {rows.wide.data()}, 2 * begin, 2 * end);
    // A row of gate_up is `groups` pairs of 32 gates and 32 ups, each of them a short row of its own for SwiGLU.
    for (std::size_t r = 0; r < R; ++r) swiglu(rows.wide.data(), group, rows.narrow.data(), r * groups + begin, r * groups + end);
    team.wait();
    shareLinear(team, down, rows.narrow.data(), R, rows.x.data(), true, width);
    team.wait();
}

}  // namespace airframe::kernels
