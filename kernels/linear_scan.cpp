// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/linear_scan.h"

#include "kernels/linear_scan_check.h"
#include "kernels/simd/simd.h"

namespace airframe::kernels {
namespace {

template <class T>
void check(const LinearScanShape& s, const LinearScanInputs<T>& in, const LinearScanOutputs<T>& out, std::size_t begin,
           std::size_t end) {
    checkLinearScanShape(s, "linear scan");
    checkSequences(s.sequences, s.batch, s.tokens, "linear scan");
    const std::size_t pairs = sequenceCount(s.sequences, s.batch) * s.heads;
    if (begin > end || end > pairs)
        throw std::invalid_argument("linear scan: pairs " + std::to_string(begin) + ".." + std::to_string(end) +
                                    " are outside sequences*heads = " + std::to_string(pairs));
    checkLinearScanArrays(s, in, out, "linear scan");
}

template <class T>
void run(const LinearScanShape& shape, const LinearScanInputs<T>& in, const LinearScanOutputs<T>& out, std::size_t begin,
         std::size_t end) {
    const LinearScanShape s = filled(shape);
    check(s, in, out, begin, end);
    simd::linearScan(s, in, out, begin, end);
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

}  // namespace airframe::kernels
