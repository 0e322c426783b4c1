// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <mutex>

#include "core/blocks/compute.h"

namespace airframe {

/// Rotary position embedding in the half-split order (Su et al., arXiv 2104.09864): elements i and i + d/2 of a head of
/// size d turn by position * theta^(-2i/d). One table of cosines and sines serves all layers of a model; it grows when
/// a longer sequence comes. Any thread.
class Rotary {
  public:
    /// Angles are formed in double precision and kept as float32 cosines and sines.
    Rotary(int head_dim, double theta, const Compute& compute);
    /// Turns x [B, T, H, head_dim], whose first token is at position `start`. Returns the type of x.
    [[nodiscard]] at::Tensor apply(const at::Tensor& x, std::int64_t start) const;

  private:
    void grow(std::int64_t positions) const;
    const int m_head_dim;
    const double m_theta;
    const Compute m_compute;
    mutable std::mutex m_mutex;
    mutable at::Tensor m_cos, m_sin;  // [positions, 1, head_dim] float32; sin has the sign of the half it multiplies
};

}  // namespace airframe
