// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/embedding.cuh"
#include "kernels/cuda/quantized_launch.cuh"
#include "kernels/cuda/quantized_vector.cuh"

namespace airframe::kernels::cuda {
namespace {

// With the registers of so many blocks per multiprocessor nothing spills, and all blocks of a weight of 2 to 3 per
// multiprocessor (quantizedVectorLanes) run at once.
template <WeightType W, int XRows, class X>
__global__ void __launch_bounds__(quantized::vector_threads, XRows == 1 ? 5 : 3)
    vectorKernel(const __grid_constant__ QuantizedVectorArguments<X> p) {
    quantizedVector<W, XRows>(p);
}
template <WeightType W, class T>
__global__ void __launch_bounds__(quantized::embedding_threads)
    embeddingKernel(const __grid_constant__ EmbeddingArguments<T> p) {
    embedding<W>(p);
}

template <class T>
void runEmbedding(const QuantizedMatrix& w, const std::int32_t* rows, std::size_t count, T* out, const Stream& stream) {
    constexpr const char* operation = "embedding";
    checkSizes(operation, {count});
    checkArrays(operation, {rows, out});
    if (!aligned({out}, 4 * sizeof(T)))
        throw std::invalid_argument("embedding on CUDA: the output must begin at a multiple of four elements");
    EmbeddingArguments<T> p;
    p.weight = checkedRows(w);
    p.count = static_cast<int>(count);
    p.rows.data = rows;
    p.out.data = out;
    forWeightType(w.type, [&]<WeightType W> {
        launch(embeddingKernel<W, T>, operation, embeddingGrid<W>(count, w.columns), p, stream);
    });
}

}  // namespace

template <class X>
void quantizedRowByRow(const QuantizedMatrix& w, const LinearInputs<X>& in, const LinearOutputs& out,
                       const Stream& stream) {
    constexpr const char* operation = "quantised product";
    QuantizedVectorArguments<X> p;
    setOperands(p, w, in, out);
    const std::size_t processors = multiprocessors(operation);
    forWeightType(w.type, [&]<WeightType W> {
        p.lanes = quantizedVectorLanes<W>(w.rows, w.columns, processors);
        p.tile_steps = quantizedVectorTileSteps<W>(w.columns, p.lanes);
        if (p.rows == 1)
            launch(vectorKernel<W, 1, X>, operation, quantizedVectorGrid<W, 1>(p), p, stream);
        else
            launch(vectorKernel<W, quantized::x_rows, X>, operation, quantizedVectorGrid<W, quantized::x_rows>(p), p,
                   stream);
    });
}
template void quantizedRowByRow(const QuantizedMatrix&, const LinearInputs<float>&, const LinearOutputs&,
                                const Stream&);
template void quantizedRowByRow(const QuantizedMatrix&, const LinearInputs<Bf16>&, const LinearOutputs&, const Stream&);

void embedding(const QuantizedMatrix& w, const std::int32_t* rows, std::size_t count, float* out,
               const Stream& stream) {
    runEmbedding(w, rows, count, out, stream);
}
void embedding(const QuantizedMatrix& w, const std::int32_t* rows, std::size_t count, Bf16* out, const Stream& stream) {
    runEmbedding(w, rows, count, out, stream);
}

}  // namespace airframe::kernels::cuda
