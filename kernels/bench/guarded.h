// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace airframe::kernels::bench {

/// An output array filled with NaN between two guard zones.
class Guarded {
  public:
    explicit Guarded(std::size_t n) : m_data(n + 2 * zone, std::numeric_limits<float>::quiet_NaN()), m_size(n) {
        for (std::size_t i = 0; i < zone; ++i) m_data[i] = m_data[zone + n + i] = mark;
    }
    [[nodiscard]] float* data() { return m_data.data() + zone; }
    /// Relative root-mean-square error; infinite where a guard was touched, NaN where a value was never written.
    [[nodiscard]] double error(const std::vector<double>& want) const {
        for (std::size_t i = 0; i < zone; ++i)
            if (m_data[i] != mark || m_data[zone + m_size + i] != mark) return std::numeric_limits<double>::infinity();
        double difference = 0, size = 0;
        for (std::size_t i = 0; i < m_size; ++i) {
            const double d = m_data[zone + i] - want[i];
            difference += d * d;
            size += want[i] * want[i];
        }
        return std::sqrt(difference / static_cast<double>(m_size)) / (std::sqrt(size / static_cast<double>(m_size)) + 1e-8);
    }

  private:
    static constexpr std::size_t zone = 32;
    static constexpr float mark = 12345.678f;
    std::vector<float> m_data;
    std::size_t m_size;
};

}  // namespace airframe::kernels::bench
