// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "kernels/bench/cases.h"
#include "kernels/bench/cuda_support.h"
#include "kernels/bench/machine.h"
#include "kernels/cuda/operators.h"
#include "kernels/reference/dynamic_conv_reference.h"
#include "kernels/reference/gated_delta_reference.h"

// The operators on a CUDA device: the same comparisons and timings as on the processor.

namespace airframe::kernels::bench {
namespace {

using cuda::DeviceArray;

void checkDelta(const GatedDeltaShape& s, Gates kind, bool l2norm, bool in_place, cuda::GatedDeltaPath path,
                const std::string& words, std::mt19937_64& random, std::vector<Check>& out) {
    const std::size_t rows = s.batch * s.tokens * s.heads, state = s.batch * s.heads * s.k * s.v;
    const Floats q = normal(random, rows * s.k), v = normal(random, rows * s.v), g = gates(random, rows, kind),
                 initial = normal(random, state, 0.1f);
    Floats k = normal(random, rows * s.k), beta(rows);
    if (!l2norm)
        for (float& x : k) x /= 1.1f * std::sqrt(static_cast<float>(s.k));
    for (float& b : beta) b = static_cast<float>(random() % 1001) / 1000.0f;
    const auto want =
        reference::gatedDelta(s, {q.data(), k.data(), v.data(), g.data(), beta.data(), initial.data(), l2norm});
    const DeviceArray<float> dq(q), dk(k), dv(v), dg(g), dbeta(beta), dinitial(initial);
    const DeviceGuarded o(rows * s.v), last = in_place ? DeviceGuarded(initial) : DeviceGuarded(state);
    const cuda::Stream stream;
    cuda::DeviceMemory workspace;
    cuda::gatedDelta(
        s, {dq.data(), dk.data(), dv.data(), dg.data(), dbeta.data(), in_place ? last.data() : dinitial.data(), l2norm},
        {o.data(), last.data(), nullptr}, workspace, stream, path);
    stream.wait();
    const double limit = path == cuda::GatedDeltaPath::chunked ? 5e-3 : 1e-6;
    const std::string name = "cuda gated_delta " + words + " T=" + std::to_string(s.tokens) + " " +
                             std::to_string(s.k) + "x" + std::to_string(s.v);
    out.push_back({name + " o", o.error(want.o), limit});
    out.push_back({name + " state", last.error(want.state), limit});
}

void checkCudaGatedDelta(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{64, 64}, {60, 37}, {96, 256}, {128, 128}, {256, 20}})
        for (const auto& [kind, word] : gate_kinds) {
            for (const std::size_t tokens : {1u, 15u, 65u})
                checkDelta({2, tokens, 3, k, v}, kind, tokens != 15, tokens == 1, cuda::GatedDeltaPath::recurrent,
                           std::string("recurrent ") + word, random, out);
            if (k == 256) continue;  // needs more shared memory than every device has
            for (const std::size_t tokens : {1u, 63u, 64u, 130u, 300u})
                checkDelta({2, tokens, 3, k, v}, kind, true, tokens == 64, cuda::GatedDeltaPath::chunked,
                           std::string("chunked ") + word, random, out);
        }
}

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

void timeCudaGatedDelta(std::vector<Timing>& out) {
    for (const auto& [heads, k, v] :
         {std::tuple<std::size_t, std::size_t, std::size_t>{32, 128, 128}, {12, 96, 256}, {16, 128, 256}})
        for (const auto& [batch, tokens] : {std::pair<std::size_t, std::size_t>{1, 1}, {64, 1}, {1, 2048}, {1, 8192}}) {
            const GatedDeltaShape s{batch, tokens, heads, k, v};
            const std::size_t rows = batch * tokens * heads;
            std::mt19937_64 random(1);
            const DeviceArray<float> q(normal(random, rows * k)), kk(normal(random, rows * k)),
                vv(Floats(rows * v, 0.1f)), g(Floats(rows, -0.1f)), beta(Floats(rows, 0.5f)), o(Floats(rows * v)),
                state(Floats(batch * heads * k * v));
            const cuda::Stream stream;
            cuda::DeviceMemory workspace;
            const auto work = [&] {
                cuda::gatedDelta(s, {q.data(), kk.data(), vv.data(), g.data(), beta.data(), state.data(), true},
                                 {o.data(), state.data(), nullptr}, workspace, stream);
            };
            const double kv = static_cast<double>(k * v);
            const Timing timing{"cuda gated_delta B=" + std::to_string(batch) + " H=" + std::to_string(heads) + " " +
                                    std::to_string(k) + "x" + std::to_string(v) + " T=" + std::to_string(tokens),
                                "token and head",
                                0,
                                0,
                                4.0 * (static_cast<double>(2 * k + 2 * v + 2) + 2 * kv / static_cast<double>(tokens)),
                                7 * kv};
            timeOnDeviceInto(out, timing, static_cast<double>(rows), stream, work);
            if (tokens > 1) continue;
            work();
            stream.wait();
            const cuda::Graph graph(stream, work);
            Timing captured = timing;
            captured.name += " graph";
            timeOnDeviceInto(out, captured, static_cast<double>(rows), stream, [&] { graph.launch(stream); });
        }
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
        {"dynamic_conv", checkCudaDynamicConv, timeCudaDynamicConv},
        {"gated_norm", checkCudaGatedNorm, timeCudaGatedNorm},
        {"generated_conv", checkCudaGeneratedConv, timeCudaGeneratedConv},
        {"attention", checkCudaAttention, timeCudaAttention},
        {"quantized_vector", checkCudaQuantizedVector, timeCudaQuantizedVector},
        {"jet_step", checkCudaJetStep, timeCudaJetStep},
    };
    return table;
}

Machine measureCudaDevice() {
    const auto peak = cuda::devicePeak();
    return {1, peak.copy_gb_s, peak.fp32_gflop_s};
}

}  // namespace airframe::kernels::bench
