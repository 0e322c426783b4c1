// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/jet_gates.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/highway.h>

#include "kernels/jet_gates.h"
#include "kernels/simd/elements-inl.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::simd {
namespace HWY_NAMESPACE {

HWY_INLINE float softplus(float x) { return x > 20.0f ? x : std::log1p(std::exp(x)); }

template <class In, class Out>
HWY_INLINE void gatesRows(const JetGatesShape& s, const In* projected, const JetGatesWeights& weights,
                          const JetGatesOutputs<Out>& out, std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) {
        const In* row = projected + r * s.row();
        siluRow(row, s.key, out.q + r * s.key);
        siluRow(row + s.key, s.key, out.k + r * s.key);
        siluRow(row + s.w1(), s.generator, out.generator + r * s.generator);
        for (std::size_t h = 0; h < s.heads; ++h) {
            out.decay[r * s.heads + h] = -std::exp(weights.a_log[h]) * softplus(toFloat(row[s.a() + h]) + weights.dt_bias[h]);
            out.beta[r * s.heads + h] = sigmoid(toFloat(row[s.b() + h]));
        }
    }
}

void GatesFloat(const JetGatesShape& s, const float* projected, const JetGatesWeights& weights,
                const JetGatesOutputs<float>& out, std::size_t begin, std::size_t end) {
    gatesRows(s, projected, weights, out, begin, end);
}
void GatesBf16(const JetGatesShape& s, const Bf16* projected, const JetGatesWeights& weights,
               const JetGatesOutputs<Bf16>& out, std::size_t begin, std::size_t end) {
    gatesRows(s, projected, weights, out, begin, end);
}
void GatesFloatToBf16(const JetGatesShape& s, const float* projected, const JetGatesWeights& weights,
                      const JetGatesOutputs<Bf16>& out, std::size_t begin, std::size_t end) {
    gatesRows(s, projected, weights, out, begin, end);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels {
namespace simd {
HWY_EXPORT(GatesFloat);
HWY_EXPORT(GatesBf16);
HWY_EXPORT(GatesFloatToBf16);
}  // namespace simd

void jetGates(const JetGatesShape& shape, const float* projected, const JetGatesWeights& weights,
              const JetGatesOutputs<float>& out, std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(GatesFloat)(shape, projected, weights, out, begin, end);
}
void jetGates(const JetGatesShape& shape, const Bf16* projected, const JetGatesWeights& weights,
              const JetGatesOutputs<Bf16>& out, std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(GatesBf16)(shape, projected, weights, out, begin, end);
}
void jetGates(const JetGatesShape& shape, const float* projected, const JetGatesWeights& weights,
              const JetGatesOutputs<Bf16>& out, std::size_t begin, std::size_t end) {
    using namespace simd;
    HWY_DYNAMIC_DISPATCH(GatesFloatToBf16)(shape, projected, weights, out, begin, end);
}

}  // namespace airframe::kernels
#endif
