// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/linear_scan.h"

#include <stdexcept>
#include <string>

#include "kernels/simd/simd.h"

namespace airframe::kernels {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::invalid_argument("linear scan: " + what); }

void checkHeads(std::size_t part, std::size_t heads, const char* name) {
    if (heads % part != 0)
        fail(std::string(name) + " = " + std::to_string(part) + " must divide " + std::to_string(heads) + " heads");
}

void checkStride(std::size_t stride, std::size_t least, const char* name) {
    if (stride < least) fail(std::string(name) + " = " + std::to_string(stride) + " is below its row of " + std::to_string(least));
}

template <class T>
void check(const LinearScanShape& s, const LinearScanInputs<T>& in, const LinearScanOutputs<T>& out, std::size_t begin,
           std::size_t end) {
    if (s.batch == 0 || s.tokens == 0 || s.heads == 0) fail("batch, tokens and heads must be at least 1");
    if (s.k == 0 || s.k > 512 || s.v == 0 || s.v > 512)
        fail("K = " + std::to_string(s.k) + " and V = " + std::to_string(s.v) + " must lie in 1..512");
    checkHeads(s.q_heads, s.heads, "q_heads");
    checkHeads(s.k_heads, s.heads, "k_heads");
    checkHeads(s.v_heads, s.heads, "v_heads");
    checkHeads(s.g_heads, s.heads, "g_heads");
    checkStride(s.q_stride, s.q_heads * s.k, "q_stride");
    checkStride(s.k_stride, s.k_heads * s.k, "k_stride");
    checkStride(s.v_stride, s.v_heads * s.v, "v_stride");
    checkStride(s.skip_stride, s.v_heads * s.v, "skip_stride");
    checkSequences(s.sequences, s.batch, s.tokens, "linear scan");
    const std::size_t pairs = sequenceCount(s.sequences, s.batch) * s.heads;
    if (begin > end || end > pairs)
        fail("pairs " + std::to_string(begin) + ".." + std::to_string(end) + " are outside sequences*heads = " + std::to_string(pairs));
    if (!in.q || !in.k || !in.v || !out.o) fail("q, k, v or o is missing");
    if (!in.g && s.decay != Decay::none) fail("g is missing; Decay::none runs without it");
    if (in.skip && !in.skip_input) fail("skip is given without skip_input");
}

template <class T>
void run(const LinearScanShape& shape, const LinearScanInputs<T>& in, const LinearScanOutputs<T>& out, std::size_t begin,
         std::size_t end) {
    const LinearScanShape s = filled(shape);
    check(s, in, out, begin, end);
    simd::linearScan(s, in, out, begin, end);
}

}  // namespace

LinearScanShape filled(LinearScanShape s) {
    const auto fill = [](std::size_t& x, std::size_t value) { x = x ? x : value; };
    fill(s.q_heads, s.heads);
    fill(s.k_heads, s.heads);
    fill(s.v_heads, s.heads);
    fill(s.g_heads, s.heads);
    fill(s.q_stride, s.q_heads * s.k);
    fill(s.k_stride, s.k_heads * s.k);
    fill(s.v_stride, s.v_heads * s.v);
    fill(s.skip_stride, s.v_heads * s.v);
    return s;
}

void linearScan(const LinearScanShape& shape, const LinearScanInputs<float>& in, const LinearScanOutputs<float>& out,
                std::size_t begin, std::size_t end) {
    run(shape, in, out, begin, end);
}
void linearScan(const LinearScanShape& shape, const LinearScanInputs<Bf16>& in, const LinearScanOutputs<Bf16>& out,
                std::size_t begin, std::size_t end) {
    run(shape, in, out, begin, end);
}

}  // namespace airframe::kernels
