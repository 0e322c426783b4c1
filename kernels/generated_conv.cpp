// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/generated_conv.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/quantized_linear.h"
#include "kernels/simd/generated_conv_simd.h"

namespace airframe::kernels {
namespace {

/// Floats of taps that are formed at a time: they stay in the second-level cache.
constexpr std::size_t taps_at_once = 32768;

void check(const GeneratedConvInputs& in, const GeneratedConvOutputs& out, std::size_t begin, std::size_t end) {
    const auto fail = [](const std::string& what) { throw std::invalid_argument("generated_conv: " + what); };
    if (!in.hidden || !in.w2 || !in.bias || !in.u || !out.y) fail("an array is missing");
    if (in.batch == 0 || in.tokens == 0 || in.channels == 0) fail("a size is zero; at least 1 was wanted");
    if (in.w2->rows() != conv_taps * in.channels)
        fail("w2 has " + std::to_string(in.w2->rows()) + " rows; " + std::to_string(conv_taps * in.channels) + " were wanted, 4 per channel");
    if (in.u_stride != 0 && in.u_stride < in.channels) fail("tokens of u lie closer than the channels are many");
    if (begin > end || end > in.w2->units()) fail("units " + std::to_string(begin) + " to " + std::to_string(end) + " of " + std::to_string(in.w2->units()));
}

}  // namespace

void generatedConv(const GeneratedConvInputs& in, const GeneratedConvOutputs& out, std::size_t begin, std::size_t end) {
    check(in, out, begin, end);
    const std::size_t rows = in.batch * in.tokens, lanes = PackedWeight::lanes;
    const std::size_t step = std::max<std::size_t>(1, taps_at_once / (rows * lanes));
    thread_local std::vector<float> scratch;
    for (std::size_t unit = begin; unit < end; unit += step) {
        const std::size_t units = std::min(step, end - unit), width = units * lanes;
        const std::size_t taps = std::min(width, in.w2->rows() - unit * lanes);
        scratch.resize(std::max(scratch.size(), rows * width));
        for (std::size_t r = 0; r < rows; ++r) std::copy_n(in.bias + unit * lanes, taps, scratch.data() + r * width);
        quantizedLinear(*in.w2, LinearInputs<Bf16>{in.hidden, rows}, {scratch.data(), width, true, unit * lanes}, unit, unit + units);
        simd::convolve(in, scratch.data(), width, out, unit * generated_conv_channels, taps / conv_taps);
    }
}

}  // namespace airframe::kernels
