// SPDX-License-Identifier: GPL-3.0-or-later
// What a decode step needs between its products.
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/operators.h"
#include "kernels/cuda/qkv_rotary.cuh"
#include "kernels/cuda/rms_norm.cuh"
#include "kernels/cuda/swiglu.cuh"

namespace airframe::kernels::cuda {
namespace {

template <class X, class Y>
__global__ void __launch_bounds__(rms::threads) rmsNormKernel(const __grid_constant__ RmsNormArguments<X, Y> p) {
    rmsNorm(p);
}
template <class X, class Y>
__global__ void __launch_bounds__(gating::threads) swigluKernel(const __grid_constant__ SwigluArguments<X, Y> p) {
    swiglu(p);
}
__global__ void __launch_bounds__(turning::threads) qkvRotaryKernel(const __grid_constant__ QkvRotaryArguments p) {
    qkvRotary(p);
}

template <class X, class Y>
void runRmsNorm(const X* x, const float* weight, std::size_t n, float eps, Y* y, std::size_t rows,
                const Stream& stream) {
    checkSizes("rms norm", {n, rows});
    checkArrays("rms norm", {x, weight, y});
    RmsNormArguments<X, Y> p;
    p.n = static_cast<int>(n);
    p.eps = eps;
    p.x.data = x;
    p.weight.data = weight;
    p.y.data = y;
    launch(rmsNormKernel<X, Y>, "rms norm", rmsNormGrid(rows), p, stream);
}
template <class X, class Y>
void runSwiglu(const X* gate_up, std::size_t n, Y* y, std::size_t rows, const Stream& stream) {
    checkSizes("swiglu", {n, rows});
    checkArrays("swiglu", {gate_up, y});
    SwigluArguments<X, Y> p;
    p.n = static_cast<int>(n);
    p.units = rows * n;
    p.x.data = gate_up;
    p.y.data = y;
    launch(swigluKernel<X, Y>, "swiglu", swigluGrid(p.units), p, stream);
}

}  // namespace

void rmsNorm(const float* x, const float* weight, std::size_t n, float eps, float* y, std::size_t rows,
             const Stream& stream) {
    runRmsNorm(x, weight, n, eps, y, rows, stream);
}
void rmsNorm(const float* x, const float* weight, std::size_t n, float eps, Bf16* y, std::size_t rows,
             const Stream& stream) {
    runRmsNorm(x, weight, n, eps, y, rows, stream);
}
void swiglu(const float* gate_up, std::size_t n, float* y, std::size_t rows, const Stream& stream) {
    runSwiglu(gate_up, n, y, rows, stream);
}
void swiglu(const float* gate_up, std::size_t n, Bf16* y, std::size_t rows, const Stream& stream) {
    runSwiglu(gate_up, n, y, rows, stream);
}

void qkvRotary(const QkvRotaryShape& s, const QkvRotaryArrays& arrays, const std::size_t* lengths,
               const Stream& stream) {
    constexpr const char* operation = "rotary embedding";
    checkSizes(operation, {s.batch, s.tokens, s.heads, s.groups, s.d, s.slots});
    checkSizes(operation, {s.position + 1});
    checkArrays(operation, {arrays.projected, arrays.cosine, arrays.sine, arrays.q, arrays.keys, arrays.values});
    if (s.d % 2)
        throw std::invalid_argument("rotary embedding on CUDA: the head dimension is " + std::to_string(s.d) +
                                    "; an even one is possible");
    if (!lengths && !s.ring && s.position + s.tokens > s.slots)
        throw std::invalid_argument("rotary embedding on CUDA: " + std::to_string(s.position + s.tokens) +
                                    " positions do not fit the cache of " + std::to_string(s.slots) + " slots");
    QkvRotaryArguments p;
    p.tokens = static_cast<int>(s.tokens);
    p.heads = static_cast<int>(s.heads);
    p.groups = static_cast<int>(s.groups);
    p.half = static_cast<int>(s.d / 2);
    p.position = static_cast<int>(s.position);
    p.slots = static_cast<int>(s.slots);
    p.units = s.batch * s.tokens * s.parts() * (s.d / 2);
    p.projected.data = arrays.projected;
    p.cosine.data = arrays.cosine;
    p.sine.data = arrays.sine;
    p.lengths.data = lengths;
    p.q.data = arrays.q;
    p.keys.data = arrays.keys;
    p.values.data = arrays.values;
    launch(qkvRotaryKernel, operation, qkvRotaryGrid(p.units), p, stream);
}

}  // namespace airframe::kernels::cuda
