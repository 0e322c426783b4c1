// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/adamw.h"

#include <ATen/ATen.h>

#include <bit>
#include <cmath>

#include "core/base/error.h"
#include "core/blocks/wide.h"

namespace airframe {
namespace {

/// The options with everything that does not depend on the element worked out.
struct Scalars {
    float beta1, beta2, grad_scale, keep, rate, v_scale, eps;
};

inline float widen(std::uint16_t bits) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}
inline float widen(float value) {
    return value;
}
inline void narrow(float value, float& out) {
    out = value;
}
inline void narrow(float value, std::uint16_t& out) {  // to nearest, ties to even; weights are never NaN
    const auto bits = std::bit_cast<std::uint32_t>(value);
    out = static_cast<std::uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

#define AIRFRAME_ADAMW_LOOP                                                           \
    for (std::int64_t i = 0; i < n; ++i) {                                            \
        const float g = widen(grad[i]) * s.grad_scale;                                \
        m[i] = s.beta1 * m[i] + (1 - s.beta1) * g;                                    \
        v[i] = s.beta2 * v[i] + (1 - s.beta2) * g * g;                                \
        w[i] = s.keep * w[i] - s.rate * m[i] / (std::sqrt(v[i] * s.v_scale) + s.eps); \
        narrow(w[i], copy[i]);                                                        \
    }

AIRFRAME_WIDE void stepBf16(float* __restrict w, float* __restrict m, float* __restrict v,
                            const std::uint16_t* __restrict grad, std::uint16_t* __restrict copy, std::int64_t n,
                            const Scalars& s){AIRFRAME_ADAMW_LOOP}

AIRFRAME_WIDE void stepFloat(float* __restrict w, float* __restrict m, float* __restrict v,
                             const float* __restrict grad, float* __restrict copy, std::int64_t n, const Scalars& s) {
    AIRFRAME_ADAMW_LOOP
}
#undef AIRFRAME_ADAMW_LOOP

}  // namespace

void adamw(const at::Tensor& master, const at::Tensor& m, const at::Tensor& v, const at::Tensor& grad,
           const at::Tensor& copy, const AdamwStep& o) {
    for (const auto* t : {&master, &m, &v, &grad, &copy})
        if (!t->is_contiguous() || t->numel() != master.numel())
            throw Failure(ErrorCode::internal, "adamw", "contiguous tensors of one shape were wanted");
    const double step = static_cast<double>(o.step);
    const Scalars s{static_cast<float>(o.beta1),
                    static_cast<float>(o.beta2),
                    static_cast<float>(o.grad_scale),
                    static_cast<float>(1 - o.lr * o.decay),
                    static_cast<float>(o.lr / (1 - std::pow(o.beta1, step))),
                    static_cast<float>(1 / (1 - std::pow(o.beta2, step))),
                    static_cast<float>(o.eps)};
    auto* w = master.mutable_data_ptr<float>();
    auto* first = m.mutable_data_ptr<float>();
    auto* second = v.mutable_data_ptr<float>();
    const auto n = master.numel();
    if (grad.scalar_type() == at::kBFloat16 && copy.scalar_type() == at::kBFloat16)
        stepBf16(w, first, second, static_cast<const std::uint16_t*>(grad.const_data_ptr()),
                 static_cast<std::uint16_t*>(copy.mutable_data_ptr()), n, s);
    else
        stepFloat(w, first, second, grad.const_data_ptr<float>(), copy.mutable_data_ptr<float>(), n, s);
}

}  // namespace airframe
