// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/short_conv.h"

#include <stdexcept>
#include <string>

#include "kernels/simd/simd.h"

namespace airframe::kernels {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::invalid_argument("short convolution: " + what); }

template <class T>
void run(ShortConvShape s, const ShortConvInputs<T>& in, const ShortConvOutputs<T>& out, std::size_t begin, std::size_t end) {
    if (s.batch == 0 || s.tokens == 0 || s.channels == 0) fail("batch, tokens and channels must be at least 1");
    if (s.taps < 2 || s.taps > 4) fail(std::to_string(s.taps) + " taps; 2 to 4 were wanted");
    if (s.stride == 0) s.stride = s.channels;
    if (s.stride < s.channels)
        fail("the stride " + std::to_string(s.stride) + " is below " + std::to_string(s.channels) + " channels");
    checkSequences(s.sequences, s.batch, s.tokens, "short convolution");
    if (begin > end || end > s.channels)
        fail("channels " + std::to_string(begin) + ".." + std::to_string(end) + " are outside " + std::to_string(s.channels));
    if (!in.u || !in.weight || !out.y) fail("u, weight or y is missing");
    simd::shortConv(s, in, out, begin, end);
}

}  // namespace

void shortConv(const ShortConvShape& shape, const ShortConvInputs<float>& in, const ShortConvOutputs<float>& out,
               std::size_t begin, std::size_t end) {
    run(shape, in, out, begin, end);
}
void shortConv(const ShortConvShape& shape, const ShortConvInputs<Bf16>& in, const ShortConvOutputs<Bf16>& out,
               std::size_t begin, std::size_t end) {
    run(shape, in, out, begin, end);
}

}  // namespace airframe::kernels
