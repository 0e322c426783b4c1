// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/delta_product.h"

#include <stdexcept>
#include <string>
#include <type_traits>

#include "kernels/simd/half_state.h"
#include "kernels/simd/simd.h"

namespace airframe::kernels {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::invalid_argument("delta product: " + what); }

template <class T, class State>
void run(const DeltaProductShape& s, const DeltaProductInputs<T, State>& in, const DeltaProductOutputs<T, State>& out,
         std::size_t begin, std::size_t end) {
    if (s.batch == 0 || s.tokens == 0 || s.heads == 0) fail("batch, tokens and heads must be at least 1");
    if (s.k == 0 || s.k > 512 || s.v == 0 || s.v > 512)
        fail("K = " + std::to_string(s.k) + " and V = " + std::to_string(s.v) + " must lie in 1..512");
    checkSequences(s.sequences, s.batch, s.tokens, "delta product");
    const std::size_t pairs = sequenceCount(s.sequences, s.batch) * s.heads;
    if (begin > end || end > pairs)
        fail("pairs " + std::to_string(begin) + ".." + std::to_string(end) + " are outside sequences*heads = " + std::to_string(pairs));
    if (!in.r || !in.w || !in.k || !in.v || !in.a || !in.b || !out.o) fail("r, w, k, v, a, b or o is missing");
    const auto part = [&](const float* initial, float* state, std::size_t first, std::size_t last) {
        simd::deltaProduct(s, DeltaProductInputs<T>{in.r, in.w, in.k, in.v, in.a, in.b, initial}, DeltaProductOutputs<T>{out.o, state},
                           first, last, std::is_same_v<State, float> ? 0 : first);
    };
    if constexpr (std::is_same_v<State, float>) part(in.initial, out.state, begin, end);
    else simd::withHalfStates(in.initial, out.state, s.k * s.v, begin, end, part);
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
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<float, Bf16>& in, const DeltaProductOutputs<float, Bf16>& out,
                  std::size_t begin, std::size_t end) {
    run(shape, in, out, begin, end);
}
void deltaProduct(const DeltaProductShape& shape, const DeltaProductInputs<Bf16, Bf16>& in, const DeltaProductOutputs<Bf16, Bf16>& out,
                  std::size_t begin, std::size_t end) {
    run(shape, in, out, begin, end);
}

}  // namespace airframe::kernels
