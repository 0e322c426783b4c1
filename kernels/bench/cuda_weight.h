// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include "kernels/bench/cuda_support.h"
#include "kernels/cuda/operators.h"
#include "kernels/reference/quantized_linear_reference.h"

namespace airframe::kernels::bench {

/// A random weight on the device, and what its values are.
class DeviceWeight {
  public:
    DeviceWeight(WeightType type, std::size_t rows, std::size_t columns, std::mt19937_64& random, float scale = 1)
        : DeviceWeight(type, rows, columns, stored(type, rows, columns, random, scale)) {}
    [[nodiscard]] cuda::QuantizedMatrix matrix() const {
        return {m_packed.type, m_packed.rows, m_packed.columns, m_quants.data(),
                m_packed.scales.empty() ? nullptr : m_scales.data()};
    }
    [[nodiscard]] const std::vector<double>& values() const { return m_values; }

  private:
    DeviceWeight(WeightType type, std::size_t rows, std::size_t columns, const std::vector<std::byte>& bytes)
        : m_values(reference::dequantize(type, bytes.data(), rows, columns)),
          m_packed(cuda::packQuantized(type, bytes.data(), rows, columns)),
          m_quants(m_packed.quants),
          m_scales(m_packed.scales) {}
    static std::vector<std::byte> stored(WeightType type, std::size_t rows, std::size_t columns,
                                         std::mt19937_64& random, float scale) {
        const Floats some = normal(random, std::min<std::size_t>(rows * columns, 65521), scale);
        Floats x(rows * columns);
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = some[i % some.size()];
        std::vector<std::byte> bytes(rows * weightRowBytes(type, columns));
        quantizeRows(type, x.data(), rows, columns, bytes.data());
        return bytes;
    }
    std::vector<double> m_values;
    cuda::PackedRows m_packed;
    cuda::DeviceArray<std::uint8_t> m_quants;
    cuda::DeviceArray<std::uint16_t> m_scales;
};

}  // namespace airframe::kernels::bench
