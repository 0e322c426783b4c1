// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/linear_scan.h"

#include <type_traits>

#include "kernels/linear_scan_check.h"
#include "kernels/simd/half_state.h"
#include "kernels/simd/simd.h"

namespace airframe::kernels {
namespace {

template <class T, class State>
void run(const LinearScanShape& shape, const LinearScanInputs<T, State>& in, const LinearScanOutputs<T, State>& out,
         std::size_t begin, std::size_t end) {
    const LinearScanShape s = filled(shape);
    checkLinearScanShape(s, "linear scan");
    checkSequences(s.sequences, s.batch, s.tokens, "linear scan");
    const std::size_t pairs = sequenceCount(s.sequences, s.batch) * s.heads;
    if (begin > end || end > pairs)
        throw std::invalid_argument("linear scan: pairs " + std::to_string(begin) + ".." + std::to_string(end) +
                                    " are outside sequences*heads = " + std::to_string(pairs));
    const auto part = [&](const float* initial, float* state, std::size_t first, std::size_t last) {
        const LinearScanInputs<T> inputs{in.q, in.k, in.v, in.g, initial, in.skip, in.skip_input};
        const LinearScanOutputs<T> outputs{out.o, state};
        checkLinearScanArrays(s, inputs, outputs, "linear scan");
        simd::linearScan(s, inputs, outputs, first, last, std::is_same_v<State, float> ? 0 : first);
    };
    if constexpr (std::is_same_v<State, float>) part(in.initial, out.state, begin, end);
    else simd::withHalfStates(in.initial, out.state, s.k * s.v, begin, end, part);
}

}  // namespace

void linearScan(const LinearScanShape& shape, const LinearScanInputs<float>& in, const LinearScanOutputs<float>& out,
                std::size_t begin, std::size_t end) {
    run(shape, in, out, begin, end);
}
void linearScan(const LinearScanShape& shape, const LinearScanInputs<Bf16>& in, const LinearScanOutputs<Bf16>& out,
                std::size_t begin, std::size_t end) {
    run(shape, in, out, begin, end);
}
void linearScan(const LinearScanShape& shape, const LinearScanInputs<float, Bf16>& in, const LinearScanOutputs<float, Bf16>& out,
                std::size_t begin, std::size_t end) {
    run(shape, in, out, begin, end);
}
void linearScan(const LinearScanShape& shape, const LinearScanInputs<Bf16, Bf16>& in, const LinearScanOutputs<Bf16, Bf16>& out,
                std::size_t begin, std::size_t end) {
    run(shape, in, out, begin, end);
}

}  // namespace airframe::kernels
