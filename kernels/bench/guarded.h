// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/bf16.h"

namespace airframe::kernels::bench {

/// An output array, of float or Bf16, filled with NaN between two guard zones.
template <class T>
class GuardedArray {
  public:
    explicit GuardedArray(std::size_t n) : m_data(n + 2 * zone), m_size(n) {
        for (T& x : m_data) assign(x, std::numeric_limits<float>::quiet_NaN());
        for (std::size_t i = 0; i < zone; ++i) m_data[i] = m_data[zone + n + i] = mark();
    }
    [[nodiscard]] T* data() { return m_data.data() + zone; }
    /// Relative root-mean-square error; infinite where a guard was touched, NaN where a value was never written.
    [[nodiscard]] double error(const std::vector<double>& want) const {
        for (std::size_t i = 0; i < zone; ++i)
            if (toFloat(m_data[i]) != toFloat(mark()) || toFloat(m_data[zone + m_size + i]) != toFloat(mark()))
                return std::numeric_limits<double>::infinity();
        double difference = 0, size = 0;
        for (std::size_t i = 0; i < m_size; ++i) {
            const double d = toFloat(m_data[zone + i]) - want[i];
            difference += d * d;
            size += want[i] * want[i];
        }
        return std::sqrt(difference / static_cast<double>(m_size)) / (std::sqrt(size / static_cast<double>(m_size)) + 1e-8);
    }

  private:
    static constexpr std::size_t zone = 32;
    static T mark() {
        T x;
        assign(x, 12345.678f);
        return x;
    }
    std::vector<T> m_data;
    std::size_t m_size;
};
using Guarded = GuardedArray<float>;

}  // namespace airframe::kernels::bench
