// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operators.h"
#include "kernels/cuda/quantized_vector.cuh"

namespace airframe::kernels::cuda {
namespace {

__global__ void __launch_bounds__(quantized::threads)
    quantizedKernel8(const __grid_constant__ QuantizedVectorArguments p) {
    quantizedVector8(p);
}
__global__ void __launch_bounds__(quantized::threads)
    quantizedKernel4(const __grid_constant__ QuantizedVectorArguments p) {
    quantizedVector4(p);
}

}  // namespace

void quantizedVector(const QuantizedMatrix& m, const float* x, float* y, const Stream& stream) {
    constexpr const char* operation = "quantised matrix times vector";
    checkSizes(operation, {m.rows, m.n});
    checkArrays(operation, {m.quants, m.scales, x, y});
    if (m.n % 32)
        throw std::invalid_argument("quantised matrix on CUDA: n is " + std::to_string(m.n) +
                                    "; a multiple of 32 is possible");
    if (m.bits != 8 && m.bits != 4)
        throw std::invalid_argument("quantised matrix on CUDA: Q8_0 (8 bits) or Q4_1 (4 bits) is possible");
    if (!aligned({m.quants, x}, 16))
        throw std::invalid_argument("quantised matrix on CUDA: quants and x must begin at multiples of 16 bytes");
    QuantizedVectorArguments p;
    p.rows = static_cast<int>(m.rows);
    p.n = static_cast<int>(m.n);
    p.quants.data = m.quants;
    p.scales.data = m.scales;
    p.x.data = x;
    p.y.data = y;
    launch(m.bits == 8 ? quantizedKernel8 : quantizedKernel4, operation, quantizedVectorGrid(m.rows), p, stream);
}

}  // namespace airframe::kernels::cuda
