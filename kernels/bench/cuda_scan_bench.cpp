// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/bench/cuda_support.h"
#include "kernels/bench/delta_product_inputs.h"
#include "kernels/bench/linear_scan_inputs.h"
#include "kernels/bench/short_conv_inputs.h"
#include "kernels/cuda/operators.h"
#include "kernels/reference/delta_product_reference.h"
#include "kernels/reference/linear_scan_reference.h"
#include "kernels/reference/short_conv_reference.h"

// Linear attention, RWKV7's rule and the short convolution on a CUDA device.

namespace airframe::kernels::bench {
namespace {

using cuda::DeviceArray;
using cuda::RulePath;
using Offsets = std::vector<std::int64_t>;

template <class T>
constexpr const char* element_name = sizeof(T) == 2 ? " bf16" : " float32";
template <class T>
constexpr double output_limit = sizeof(T) == 2 ? 1.0 / 256 : 1e-6;

/// Offsets on both sides; none = not packed.
class Packing {
  public:
    explicit Packing(Offsets offsets) : m_host(std::move(offsets)), m_device(m_host) {}
    [[nodiscard]] Sequences host() const { return at(m_host.data()); }
    [[nodiscard]] Sequences device() const { return at(m_device.data()); }

  private:
    [[nodiscard]] Sequences at(const std::int64_t* offsets) const {
        return m_host.empty() ? Sequences{} : Sequences{offsets, m_host.size() - 1};
    }
    Offsets m_host;
    DeviceArray<std::int64_t> m_device;
};

/// A linear scan's arrays on the device.
template <class T, class State = float>
struct DeviceScan {
    LinearScanCall call;
    DeviceArray<T> q, k, v, x;
    DeviceArray<float> g, skip;
    DeviceArray<State> initial;

    DeviceScan(const LinearScanShape& s, Gates kind, std::mt19937_64& random)
        : call(s, kind, random, sizeof(T) == 2), q(elements<T>(call.q)), k(elements<T>(call.k)), v(elements<T>(call.v)),
          x(elements<T>(call.x)), g(call.g), skip(call.skip), initial(elements<State>(call.initial)) {}
    [[nodiscard]] LinearScanInputs<T, State> inputs(const State* state, bool skipped) const {
        return {q.data(), k.data(), v.data(), g.data(), state, skipped ? skip.data() : nullptr, x.data()};
    }
};

template <class T, class State = float>
void checkScan(LinearScanShape s, const Offsets& offsets, Gates kind, bool in_place, bool skipped, RulePath path,
               std::mt19937_64& random, std::vector<Check>& out) {
    const Packing packing(offsets);
    s.sequences = packing.host();
    DeviceScan<T, State> device(s, kind, random);
    const auto want = reference::linearScan(s, device.call.floats(true, skipped));
    const DeviceGuardedArray<T> o(device.call.outputs());
    const DeviceGuardedArray<State> state = in_place ? DeviceGuardedArray<State>(elements<State>(device.call.initial))
                                                     : DeviceGuardedArray<State>(want.state.size());
    s.sequences = packing.device();
    const cuda::Stream stream;
    cuda::DeviceMemory workspace;
    cuda::linearScan(s, device.inputs(in_place ? state.data() : device.initial.data(), skipped),
                     LinearScanOutputs<T, State>{o.data(), state.data()}, workspace, stream, path);
    stream.wait();
    const bool chunks = path == RulePath::chunked;
    const std::string name = std::string("cuda linear_scan ") + (chunks ? "chunked T=" : "recurrent T=") + std::to_string(s.tokens) + " " + std::to_string(s.k) + "x" +
                             std::to_string(s.v) + " decay " + std::to_string(static_cast<int>(s.decay)) +
                             (offsets.empty() ? "" : " packed") + element_name<T> + (sizeof(State) == 2 ? " kept in bf16" : "");
    out.push_back({name + " o", o.error(want.o), chunks ? 5e-3 : output_limit<T>});
    out.push_back({name + " state", state.error(want.state), chunks ? 5e-3 : sizeof(State) == 2 ? 1.0 / 256 : 1e-6});
}

template <class T>
void checkScans(std::mt19937_64& random, std::vector<Check>& out) {
    for (const Decay decay : {Decay::none, Decay::constant, Decay::head, Decay::key}) {
        LinearScanShape s;
        s.batch = 2, s.heads = 4, s.decay = decay, s.scale = 0.5f;
        for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{64, 64}, {60, 37}, {96, 256}, {128, 64}, {256, 20}, {512, 36}, {1, 1}})
            for (const std::size_t tokens : {1u, 2u, 15u, 64u}) {
                s.k = k, s.v = v, s.tokens = tokens;
                const Gates kind = gate_kinds[tokens % std::size(gate_kinds)].kind;
                checkScan<T>(s, {}, kind, tokens == 1, tokens % 2 == 0, RulePath::recurrent, random, out);
                checkScan<T, Bf16>(s, {}, kind, tokens != 1, tokens % 2 == 0, RulePath::recurrent, random, out);
            }
        // K up to 128: more needs more shared memory than every device has.
        for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{64, 64}, {60, 37}, {96, 256}, {128, 64}})
            for (const auto& [kind, word] : gate_kinds)
                for (const std::size_t tokens : {1u, 63u, 64u, 130u, 300u}) {
                    s.k = k, s.v = v, s.tokens = tokens;
                    checkScan<T>(s, {}, kind, tokens == 64, tokens % 2 == 0, RulePath::chunked, random, out);
                    if (tokens == 130) checkScan<T, Bf16>(s, {}, kind, true, false, RulePath::chunked, random, out);
                }
        s.k = 24, s.v = 40, s.tokens = 9;
        s.q_heads = 2, s.k_heads = 1, s.v_heads = 4, s.g_heads = 2;
        s.q_stride = 2 * 24 + 5, s.k_stride = 24 + 3, s.v_stride = 4 * 40 + 1, s.skip_stride = 4 * 40 + 7;
        checkScan<T>(s, {}, Gates::normal, true, true, RulePath::recurrent, random, out);
        s.tokens = 140;
        checkScan<T>(s, {}, Gates::normal, true, true, RulePath::chunked, random, out);
        s.batch = 1, s.tokens = 300;
        checkScan<T>(s, {0, 0, 1, 100, 300}, Gates::normal, true, true, RulePath::recurrent, random, out);
    }
}

template <class T, class State = float>
struct DeviceProduct {
    DeltaProductCall call;
    DeviceArray<T> r, k, v, a, b;
    DeviceArray<float> w;
    DeviceArray<State> initial;

    DeviceProduct(const DeltaProductShape& s, Gates kind, std::mt19937_64& random)
        : call(s, kind, random), r(elements<T>(call.r)), k(elements<T>(call.k)), v(elements<T>(call.v)),
          a(elements<T>(call.a)), b(elements<T>(call.b)), w(call.w), initial(elements<State>(call.initial)) {}
    [[nodiscard]] DeltaProductInputs<T, State> inputs(const State* state) const {
        return {r.data(), w.data(), k.data(), v.data(), a.data(), b.data(), state};
    }
};

template <class T, class State = float>
void checkProduct(DeltaProductShape s, const Offsets& offsets, Gates kind, bool in_place, std::mt19937_64& random,
                  std::vector<Check>& out) {
    const Packing packing(offsets);
    s.sequences = packing.host();
    DeviceProduct<T, State> device(s, kind, random);
    const auto want = reference::deltaProduct(s, device.call.floats(true));
    const DeviceGuardedArray<T> o(device.call.outputs());
    const DeviceGuardedArray<State> state = in_place ? DeviceGuardedArray<State>(elements<State>(device.call.initial))
                                                     : DeviceGuardedArray<State>(want.state.size());
    s.sequences = packing.device();
    const cuda::Stream stream;
    cuda::deltaProduct(s, device.inputs(in_place ? state.data() : device.initial.data()),
                       DeltaProductOutputs<T, State>{o.data(), state.data()}, stream);
    stream.wait();
    const std::string name = "cuda delta_product T=" + std::to_string(s.tokens) + " " + std::to_string(s.k) + "x" +
                             std::to_string(s.v) + (offsets.empty() ? "" : " packed") + element_name<T> + (sizeof(State) == 2 ? " kept in bf16" : "");
    out.push_back({name + " o", o.error(want.o), output_limit<T>});
    out.push_back({name + " state", state.error(want.state), sizeof(State) == 2 ? 1.0 / 256 : 1e-6});
}

template <class T>
void checkProducts(std::mt19937_64& random, std::vector<Check>& out) {
    DeltaProductShape s;
    s.batch = 2, s.heads = 3, s.scale = 0.5f;
    for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{64, 64}, {60, 37}, {96, 256}, {128, 128}, {256, 20}, {512, 36}, {1, 1}})
        for (const std::size_t tokens : {1u, 2u, 15u, 64u}) {
            s.k = k, s.v = v, s.tokens = tokens;
            const Gates kind = gate_kinds[tokens % std::size(gate_kinds)].kind;
            checkProduct<T>(s, {}, kind, tokens == 1, random, out);
            checkProduct<T, Bf16>(s, {}, kind, tokens != 1, random, out);
        }
    s.batch = 1, s.k = 64, s.v = 64, s.tokens = 300;
    checkProduct<T>(s, {0, 0, 1, 100, 300}, Gates::normal, true, random, out);
}

template <class T>
void checkConv(ShortConvShape s, const Offsets& offsets, std::mt19937_64& random, std::vector<Check>& out) {
    const Packing packing(offsets);
    s.sequences = packing.host();
    ShortConvCall call(s, random);
    const auto want = reference::shortConv(s, call.floats(true, true));
    const DeviceArray<T> u(elements<T>(call.u)), weight(elements<T>(call.weight)), bias(elements<T>(call.bias));
    const DeviceGuardedArray<T> y(want.y.size()), window(elements<T>(call.window));
    s.sequences = packing.device();
    const cuda::Stream stream;
    cuda::shortConv(s, ShortConvInputs<T>{u.data(), weight.data(), bias.data(), window.data()}, {y.data(), window.data()}, stream);
    stream.wait();
    const std::string name = "cuda short_conv W=" + std::to_string(s.taps) + " T=" + std::to_string(s.tokens) +
                             (offsets.empty() ? "" : " packed") + element_name<T>;
    out.push_back({name + " y", y.error(want.y), output_limit<T>});
    out.push_back({name + " window", window.error(want.window), 0});
}

template <class T>
void checkConvs(std::mt19937_64& random, std::vector<Check>& out) {
    for (const std::size_t taps : {2u, 3u, 4u}) {
        for (const std::size_t tokens : {1u, 2u, 3u, 16u, 17u, 100u, 20000u}) {
            ShortConvShape s{2, tokens, tokens > 1000 ? 5u : 131u, taps};
            s.silu = tokens % 2 != 0;
            s.stride = tokens % 3 ? 0 : s.channels + 5;
            checkConv<T>(s, {}, random, out);
        }
        checkConv<T>({1, 300, 37, taps}, {0, 0, 1, 3, 100, 300, 300}, random, out);
    }
}

std::string shapeWords(std::size_t batch, std::size_t heads, std::size_t k, std::size_t v, std::size_t tokens) {
    return " B=" + std::to_string(batch) + " H=" + std::to_string(heads) + " " + std::to_string(k) + "x" + std::to_string(v) +
           " T=" + std::to_string(tokens);
}

template <class T>
void timeScan(const char* model, Decay decay, std::size_t heads, std::size_t shared, std::size_t k, std::size_t v,
              std::size_t batch, std::size_t tokens, std::vector<Timing>& out) {
    LinearScanShape s;
    s.batch = batch, s.tokens = tokens, s.heads = heads, s.k = k, s.v = v, s.decay = decay;
    s.q_heads = s.k_heads = shared;
    std::mt19937_64 random(1);
    const DeviceScan<T> device(s, Gates::normal, random);
    const DeviceArray<T> o(std::vector<T>(device.call.outputs()));
    const cuda::Stream stream;
    cuda::DeviceMemory workspace;
    const double share = static_cast<double>(shared) / static_cast<double>(heads), kv = static_cast<double>(k * v);
    const double bytes = sizeof(T) * (2 * static_cast<double>(k) * share + 2 * static_cast<double>(v)) +
                         4 * (decay == Decay::key ? static_cast<double>(k) : 1.0) + 8 * kv / static_cast<double>(tokens);
    timeOnDeviceInto(out, {std::string("cuda linear_scan ") + model + shapeWords(batch, heads, k, v, tokens) + element_name<T>,
                           "token and head", 0, 0, bytes, (decay == Decay::none ? 4 : 5) * kv},
                     static_cast<double>(batch * tokens * heads), stream,
                     [&] { cuda::linearScan(s, device.inputs(device.initial.data(), false), {o.data(), device.initial.data()}, workspace, stream); });
}

template <class T>
void timeProduct(std::size_t batch, std::size_t tokens, std::vector<Timing>& out) {
    DeltaProductShape s;
    s.batch = batch, s.tokens = tokens, s.heads = 32, s.k = s.v = 64;
    std::mt19937_64 random(1);
    const DeviceProduct<T> device(s, Gates::normal, random);
    const DeviceArray<T> o(std::vector<T>(device.call.outputs()));
    const cuda::Stream stream;
    const double k = static_cast<double>(s.k), v = static_cast<double>(s.v);
    timeOnDeviceInto(out, {"cuda delta_product" + shapeWords(batch, s.heads, s.k, s.v, tokens) + element_name<T>, "token and head", 0, 0,
                           sizeof(T) * (4 * k + 2 * v) + 4 * k + 8 * k * v / static_cast<double>(tokens), 9 * k * v},
                     static_cast<double>(batch * tokens * s.heads), stream,
                     [&] { cuda::deltaProduct(s, device.inputs(device.initial.data()), {o.data(), device.initial.data()}, stream); });
}

template <class T>
void timeConv(std::size_t batch, std::size_t tokens, std::vector<Timing>& out) {
    const ShortConvShape s{batch, tokens, 4352};
    std::mt19937_64 random(1);
    ShortConvCall call(s, random);
    const DeviceArray<T> u(elements<T>(call.u)), weight(elements<T>(call.weight)), bias(elements<T>(call.bias)), window(elements<T>(call.window));
    const DeviceArray<T> y(std::vector<T>(call.u.size()));
    const cuda::Stream stream;
    const double c = static_cast<double>(s.channels), taps = static_cast<double>(s.taps);
    timeOnDeviceInto(out, {"cuda short_conv B=" + std::to_string(batch) + " C=4352 T=" + std::to_string(tokens) + element_name<T>, "token", 0, 0,
                           sizeof(T) * c * (2 + 2 * taps / static_cast<double>(tokens) + (taps + 1) / static_cast<double>(batch * tokens)), 13 * c},
                     static_cast<double>(batch * tokens), stream, [&] {
                         cuda::shortConv(s, ShortConvInputs<T>{u.data(), weight.data(), bias.data(), window.data()},
                                         {y.data(), window.data()}, stream);
                     });
}

/// Decode of one and of 64 sequences, and prompts.
constexpr std::pair<std::size_t, std::size_t> timed[] = {{1, 1}, {64, 1}, {1, 2048}};

}  // namespace

void checkCudaLinearScan(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    checkScans<float>(random, out);
    checkScans<Bf16>(random, out);
}
void checkCudaDeltaProduct(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    checkProducts<float>(random, out);
    checkProducts<Bf16>(random, out);
}
void checkCudaShortConv(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    checkConvs<float>(random, out);
    checkConvs<Bf16>(random, out);
}

void timeCudaLinearScan(std::vector<Timing>& out) {
    for (const auto& [batch, tokens] : timed) {
        timeScan<Bf16>("GLA", Decay::key, 4, 4, 256, 512, batch, tokens, out);
        timeScan<Bf16>("RetNet", Decay::constant, 8, 8, 256, 512, batch, tokens, out);
        timeScan<Bf16>("Mamba2", Decay::head, 64, 1, 128, 64, batch, tokens, out);
        timeScan<float>("Mamba2", Decay::head, 64, 1, 128, 64, batch, tokens, out);
    }
}
void timeCudaDeltaProduct(std::vector<Timing>& out) {
    for (const auto& [batch, tokens] : timed) {
        timeProduct<Bf16>(batch, tokens, out);
        timeProduct<float>(batch, tokens, out);
    }
}
void timeCudaShortConv(std::vector<Timing>& out) {
    for (const auto& [batch, tokens] : timed) {
        timeConv<Bf16>(batch, tokens, out);
        timeConv<float>(batch, tokens, out);
    }
}

}  // namespace airframe::kernels::bench
