// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/cuda/operators.h"
#include "kernels/cuda/quantized_format.cuh"
#include "kernels/reference/quantized_linear_reference.h"
#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {

/// A random weight [N, K] for the emulator, with what its values are.
class EmulatedWeight {
  public:
    EmulatedWeight(WeightType type, std::size_t rows, std::size_t columns, std::mt19937_64& random)
        : m_rows(static_cast<int>(rows)), m_columns(static_cast<int>(columns)) {
        const auto x = bench::normal(random, rows * columns);
        std::vector<std::byte> stored(rows * weightRowBytes(type, columns));
        quantizeRows(type, x.data(), rows, columns, stored.data());
        m_values = reference::dequantize(type, stored.data(), rows, columns);
        const PackedRows packed = packQuantized(type, stored.data(), rows, columns);
        m_quants = {"quants", packed.quants};
        m_scales = {"scales", packed.scales};
    }
    [[nodiscard]] QuantizedRows kernelView() { return {m_rows, m_columns, m_quants, m_scales}; }
    [[nodiscard]] const std::vector<double>& values() const { return m_values; }

  private:
    int m_rows, m_columns;
    std::vector<double> m_values;
    GlobalArray<std::uint8_t> m_quants{"quants", {}};
    GlobalArray<std::uint16_t> m_scales{"scales", {}};
};

/// y (+)= x W^T in double precision; rows of x and y `x_stride` and `y_stride` apart, what lies between is left alone.
inline std::vector<double> product(const std::vector<float>& x, std::size_t x_stride, const EmulatedWeight& weight,
                                   std::size_t rows, std::size_t n, std::size_t k, std::vector<double> y,
                                   std::size_t y_stride, bool add) {
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t i = 0; i < n; ++i) {
            double sum = add ? y[r * y_stride + i] : 0.0;
            for (std::size_t c = 0; c < k; ++c) sum += weight.values()[i * k + c] * x[r * x_stride + c];
            y[r * y_stride + i] = sum;
        }
    return y;
}

}  // namespace airframe::kernels::cuda::test
