// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/quantized_launch.cuh"
#include "kernels/cuda/quantized_matrix.cuh"

namespace airframe::kernels::cuda {
namespace {

constexpr const char* operation = "quantised product";

template <WeightType W, class Tiling>
__global__ void __launch_bounds__(quantized::matrix_threads)
    matrixKernel(const __grid_constant__ QuantizedMatrixArguments p) {
    quantizedMatrix<W, Tiling>(p);
}

}  // namespace

void quantizedLinear(const QuantizedMatrix& w, const LinearInputs<float>& in, const LinearOutputs& out,
                     const Stream& stream) {
    quantizedRowByRow(w, in, out, stream);
}
void quantizedLinear(const QuantizedMatrix& w, const LinearInputs<Bf16>& in, const LinearOutputs& out,
                     const Stream& stream) {
    // So few that the weights' way to the multiprocessors counts, which the vector kernel keeps busier.
    if (in.rows <= quantized_few_rows) return quantizedRowByRow(w, in, out, stream);
    QuantizedMatrixArguments p;
    setOperands(p, w, in, out);
    const std::size_t processors = multiprocessors(operation);
    const auto enough = [](const Grid& grid, std::size_t blocks) {
        return static_cast<std::size_t>(grid.x) * grid.y >= blocks;
    };
    // All add up in the same order: which one runs does not change a bit of the result.
    forWeightType(w.type, [&]<WeightType W> {
        using namespace quantized;
        const Grid wide = quantizedMatrixGrid<WideTiling>(w.rows, in.rows),
                   narrow = quantizedMatrixGrid<NarrowTiling>(w.rows, in.rows);
        if (in.rows > NarrowTiling::rows && enough(wide, processors))
            launch(matrixKernel<W, WideTiling>, operation, wide, p, stream);
        else if (enough(narrow, 2 * processors))
            launch(matrixKernel<W, NarrowTiling>, operation, narrow, p, stream);
        else
            launch(matrixKernel<W, SmallTiling>, operation, quantizedMatrixGrid<SmallTiling>(w.rows, in.rows), p,
                   stream);
    });
}

}  // namespace airframe::kernels::cuda
