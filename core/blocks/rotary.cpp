// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/rotary.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "core/blocks/native_rows.h"

namespace airframe {
namespace {

constexpr std::int64_t first_positions = 2048;

}  // namespace

Rotary::Rotary(RopeSetting setting, const Compute& compute) : m_setting(std::move(setting)), m_compute(compute) {
    fill(first_positions);
}

void Rotary::fill(std::int64_t positions) const {
    // An ordinary tensor even if a caller under InferenceMode is the one who makes it grow: others may differentiate.
    const c10::InferenceMode ordinary(false);
    const RopeFrequencies rope = m_setting.frequencies(m_regime);
    const auto wide = at::TensorOptions().dtype(at::kDouble);
    const at::Tensor angle = at::outer(at::arange(positions, wide), at::tensor(rope.frequency, wide));
    const at::Tensor cos = angle.cos() * rope.amplitude, sin = angle.sin() * rope.amplitude;
    const auto narrow = at::TensorOptions().dtype(at::kFloat).device(m_compute.device);
    m_cos = at::cat({cos, cos}, -1).unsqueeze(1).to(narrow);
    m_sin = at::cat({-sin, sin}, -1).unsqueeze(1).to(narrow);
}

at::Tensor Rotary::apply(const at::Tensor& x, std::int64_t start, std::int64_t length) const {
    const std::int64_t tokens = x.size(1);
    at::Tensor cos, sin;
    {
        const std::lock_guard lock(m_mutex);
        const std::int64_t regime = m_setting.regime(length), end = start + tokens;
        if (regime != m_regime) {
            m_regime = regime;
            fill(std::max(end, first_positions));
        } else if (end > m_cos.size(0)) {
            fill(std::max(end, 2 * m_cos.size(0)));
        }
        cos = m_cos.narrow(0, start, tokens);
        sin = m_sin.narrow(0, start, tokens);
    }
    if (nativeForwardFits({x})) return rotaryNative(x, cos, sin);
    const std::int64_t half = m_setting.head_dim / 2;
    const at::Tensor swapped = at::cat({x.narrow(-1, half, half), x.narrow(-1, 0, half)}, -1);
    return at::addcmul(x * cos, swapped, sin).to(x.scalar_type());
}

}  // namespace airframe
