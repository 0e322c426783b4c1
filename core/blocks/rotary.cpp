// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/rotary.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/blocks/native_rows.h"

namespace airframe {
namespace {

constexpr std::int64_t first_positions = 2048;

}  // namespace

Rotary::Rotary(int head_dim, double theta, const Compute& compute)
    : m_head_dim(head_dim), m_theta(theta), m_compute(compute) {
    grow(first_positions);
}

void Rotary::grow(std::int64_t positions) const {
    // An ordinary tensor even if a caller under InferenceMode is the one who makes it grow: others may differentiate.
    const c10::InferenceMode ordinary(false);
    const auto wide = at::TensorOptions().dtype(at::kDouble);
    const at::Tensor exponent = at::arange(0, m_head_dim, 2, wide) / m_head_dim;
    const at::Tensor frequency = at::pow(at::full({}, m_theta, wide), -exponent);
    const at::Tensor angle = at::outer(at::arange(positions, wide), frequency);
    const at::Tensor cos = angle.cos(), sin = angle.sin();
    const auto narrow = at::TensorOptions().dtype(at::kFloat).device(m_compute.device);
    m_cos = at::cat({cos, cos}, -1).unsqueeze(1).to(narrow);
    m_sin = at::cat({-sin, sin}, -1).unsqueeze(1).to(narrow);
}

at::Tensor Rotary::apply(const at::Tensor& x, std::int64_t start) const {
    const std::int64_t tokens = x.size(1);
    at::Tensor cos, sin;
    {
        const std::lock_guard lock(m_mutex);
        if (start + tokens > m_cos.size(0)) grow(std::max(start + tokens, 2 * m_cos.size(0)));
        cos = m_cos.narrow(0, start, tokens);
        sin = m_sin.narrow(0, start, tokens);
    }
    if (nativeForwardFits({x})) return rotaryNative(x, cos, sin);
    const std::int64_t half = m_head_dim / 2;
    const at::Tensor swapped = at::cat({x.narrow(-1, half, half), x.narrow(-1, 0, half)}, -1);
    return at::addcmul(x * cos, swapped, sin).to(x.scalar_type());
}

}  // namespace airframe
