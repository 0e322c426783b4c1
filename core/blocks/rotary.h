// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <mutex>

#include "core/blocks/compute.h"
#include "core/formats/rope_frequencies.h"

namespace airframe {

/// Rotary position embedding in the half-split order (Su et al., arXiv 2104.09864): elements i and i + d/2 of a head of
/// size d turn by position * frequency[i]. One table of cosines and sines serves all layers of a model; it grows when
/// a longer sequence comes. Any thread.
class Rotary {
  public:
    /// Angles are formed in double precision and kept as float32 cosines and sines.
    Rotary(RopeSetting setting, const Compute& compute);
    /// Turns x [B, T, H, head_dim], whose first token is at position `start` of a sequence that now has `length` tokens.
    /// Returns the type of x.
    [[nodiscard]] at::Tensor apply(const at::Tensor& x, std::int64_t start, std::int64_t length) const;
    /// Whether the frequencies depend on the length: then a cache holds keys that are not turned yet, because all turn anew
    /// when the sequence grows (Peng et al., arXiv 2309.00071, section 3.3 says so of dynamic scaling).
    [[nodiscard]] bool followsLength() const { return m_setting.followsLength(); }

  private:
    void fill(std::int64_t positions) const;
    const RopeSetting m_setting;
    const Compute m_compute;
    mutable std::mutex m_mutex;
    mutable std::int64_t m_regime = 0;  // RopeSetting::regime() of the table
    mutable at::Tensor m_cos, m_sin;    // [positions, 1, head_dim] float32; sin has the sign of the half it multiplies
};

}  // namespace airframe
