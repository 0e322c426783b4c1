// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "kernels/bench/cases.h"
#include "kernels/bench/cuda_support.h"
#include "kernels/bench/machine.h"
#include "kernels/cuda/operators.h"
#include "kernels/reference/dynamic_conv_reference.h"

// The operators on a CUDA device: the same comparisons and timings as on the processor.

namespace airframe::kernels::bench {
namespace {

using cuda::DeviceArray;

template <class T>
void checkConv(const char* element, std::mt19937_64& random, std::vector<Check>& out) {
    for (const std::size_t tokens : {1u, 2u, 3u, 16u, 17u, 100u}) {
        const DynamicConvShape s{2, tokens, 131};
        const std::size_t n = s.batch * s.tokens * s.channels;
        Floats u = normal(random, n), taps = normal(random, n * conv_taps, 0.5f),
               window = normal(random, s.batch * s.channels * conv_taps);
        const DeviceArray<T> du(elements<T>(u)), dtaps(elements<T>(taps));
        const DeviceGuardedArray<T> next(elements<T>(window));
        const DeviceGuarded y(n);
        const auto want = reference::dynamicConv(s, {u.data(), taps.data(), window.data()});
        const cuda::Stream stream;
        cuda::dynamicConv(s, DynamicConvInputs<T>{du.data(), dtaps.data(), next.data()}, {y.data(), next.data()},
                          stream);
        stream.wait();
        const std::string name = std::string("cuda dynamic_conv ") + element + " T=" + std::to_string(tokens);
        out.push_back({name + " y", y.error(want.y), 1e-6});
        out.push_back({name + " window", next.error(want.window), 0});
    }
}
void checkCudaDynamicConv(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    checkConv<float>("float32", random, out);
    checkConv<Bf16>("bf16", random, out);
}

template <class T>
void checkNorm(const char* element, std::mt19937_64& random, std::vector<Check>& out) {
    for (const std::size_t v : {1u, 37u, 64u, 256u}) {
        const std::size_t rows = 5, heads = 3, stride = heads * v + 4;
        const Floats x = normal(random, rows * heads * v), weight = normal(random, v);
        Floats gate = normal(random, rows * stride);
        const DeviceArray<T> dgate(elements<T>(gate));
        std::vector<double> want;
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t h = 0; h < heads; ++h) {
                double sum = 0;
                for (std::size_t c = 0; c < v; ++c) sum += std::pow(static_cast<double>(x[(r * heads + h) * v + c]), 2);
                for (std::size_t c = 0; c < v; ++c) {
                    const double g = gate[r * stride + h * v + c];
                    want.push_back(x[(r * heads + h) * v + c] / std::sqrt(sum / static_cast<double>(v) + 1e-5) *
                                   weight[c] * g / (1 + std::exp(-g)));
                }
            }
        const DeviceArray<float> dx(x), dweight(weight);
        const DeviceGuardedArray<T> y(x.size());
        const cuda::Stream stream;
        cuda::gatedNorm({heads, v, stride, 1e-5f}, rows, dx.data(), dweight.data(), dgate.data(), y.data(), stream);
        stream.wait();
        out.push_back({std::string("cuda gated_norm ") + element + " V=" + std::to_string(v), y.error(want),
                       sizeof(T) == 2 ? 5e-3 : 1e-6});
    }
}
void checkCudaGatedNorm(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    checkNorm<float>("float32", random, out);
    checkNorm<Bf16>("bf16", random, out);
}

void timeCudaDynamicConv(std::vector<Timing>& out) {
    const DynamicConvShape s{1, 2048, 3072};
    const std::size_t n = s.batch * s.tokens * s.channels;
    const DeviceArray<float> u(Floats(n, 0.1f)), taps(Floats(n * conv_taps, 0.1f)), y{Floats(n)};
    const cuda::Stream stream;
    const double c = static_cast<double>(s.channels);
    timeOnDeviceInto(
        out, {"cuda dynamic_conv C=3072", "token", 0, 0, 4 * 6 * c, 8 * c}, static_cast<double>(s.tokens), stream, [&] {
            cuda::dynamicConv(s, DynamicConvInputs<float>{u.data(), taps.data(), nullptr}, {y.data(), nullptr}, stream);
        });
}

void timeCudaGatedNorm(std::vector<Timing>& out) {
    const std::size_t rows = 2048, heads = 12, v = 256;
    const DeviceArray<float> x(Floats(rows * heads * v, 0.1f)), weight(Floats(v, 1.0f)), y{Floats(rows * heads * v)};
    const cuda::Stream stream;
    timeOnDeviceInto(
        out, {"cuda gated_norm 12x256", "row", 0, 0, 12.0 * heads * v, 8.0 * heads * v}, rows, stream, [&] {
            cuda::gatedNorm({heads, v, heads * v, 1e-5f}, rows, x.data(), weight.data(), x.data(), y.data(), stream);
        });
}

}  // namespace

std::span<const Operator> cudaOperators() {
    static constexpr Operator table[] = {
        {"gated_delta", checkCudaGatedDelta, timeCudaGatedDelta},
        {"linear_scan", checkCudaLinearScan, timeCudaLinearScan},
        {"delta_product", checkCudaDeltaProduct, timeCudaDeltaProduct},
        {"short_conv", checkCudaShortConv, timeCudaShortConv},
        {"dynamic_conv", checkCudaDynamicConv, timeCudaDynamicConv},
        {"gated_norm", checkCudaGatedNorm, timeCudaGatedNorm},
        {"generated_conv", checkCudaGeneratedConv, timeCudaGeneratedConv},
        {"attention", checkCudaAttention, timeCudaAttention},
        {"quantized_vector", checkCudaQuantizedVector, timeCudaQuantizedVector},
        {"quantized_matrix", checkCudaQuantizedMatrix, timeCudaQuantizedMatrix},
        {"embedding", checkCudaEmbedding, timeCudaEmbedding},
        {"layer_rows", checkCudaLayerRows, timeCudaLayerRows},
        {"layer_step", checkCudaLayerStep, timeCudaLayerStep},
        {"jet_step", checkCudaJetStep, timeCudaJetStep},
    };
    return table;
}

Machine measureCudaDevice() {
    const auto peak = cuda::devicePeak();
    return {1, peak.copy_gb_s, peak.fp32_gflop_s};
}

}  // namespace airframe::kernels::bench
