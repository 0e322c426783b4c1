// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/delta_product.h"

#include <stdexcept>
#include <string>

#include "kernels/simd/simd.h"

namespace airframe::kernels {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::invalid_argument("delta product: " + what); }

template <class T>
void run(const DeltaProductShape& s, const DeltaProductInputs<T>& in, const DeltaProductOutputs<T>& out, std::size_t begin,
         std::size_t end) {
    if (s.batch == 0 || s.tokens == 0 || s.heads == 0) fail("batch, tokens and heads must be at least 1");
    if (s.k == 0 || s.k > 512 || s.v == 0 || s.v > 512)
        fail("K = " + std::to_string(s.k) + " and V = " + std::to_string(s.v) + " must lie in 1..512");
    checkSequences(s.sequences, s.batch, s.tokens, "delta product");
    const std::size_t pairs = sequenceCount(s.sequences, s.batch) * s.heads;
    if (begin > end || end > pairs)
        fail("pairs " + std::to_string(begin) + ".." + std::to_string(end) + " are outside sequences*heads = " + std::to_string(pairs));
    if (!in.r || !in.w || !in.k || !in.v || !in.a || !in.b || !out.o) fail("r, w, k, v, a, b or o is missing");
    simd::deltaProduct(s, in, out, begin, end);
}

}  // namespace

void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<float>& in, const DeltaProductOutputs<float>& out,
                  std::size_t begin, std::size_t end) {
    run(shape, in, out, begin, end);
}
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<Bf16>& in, const DeltaProductOutputs<Bf16>& out,
                  std::size_t begin, std::size_t end) {
    run(shape, in, out, begin, end);
}

}  // namespace airframe::kernels
