// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "kernels/bench/cuda_support.h"
#include "kernels/cuda/operators.h"
#include "kernels/reference/layer_reference.h"
#include "kernels/reference/qkv_rotary_reference.h"

// What a layer needs between its products, on a CUDA device.

namespace airframe::kernels::bench {
namespace {

using cuda::DeviceArray;

template <class Y>
void checkNormAndGate(const char* element, std::mt19937_64& random, std::vector<Check>& out) {
    constexpr double limit = sizeof(Y) == 2 ? 5e-3 : 1e-6;
    for (const std::size_t n : {1u, 37u, 576u, 4096u}) {
        const std::size_t rows = 5;
        const Floats x = normal(random, rows * n), weight = normal(random, n),
                     gate_up = normal(random, rows * 2 * n, 4);
        const DeviceArray<float> dx(x), dweight(weight), dgate_up(gate_up);
        const DeviceGuardedArray<Y> normed(rows * n), gated(rows * n);
        const cuda::Stream stream;
        cuda::rmsNorm(dx.data(), dweight.data(), n, 1e-5f, normed.data(), rows, stream);
        cuda::swiglu(dgate_up.data(), n, gated.data(), rows, stream);
        stream.wait();
        std::vector<double> want;
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < n; ++c) {
                const double g = gate_up[2 * r * n + c];
                want.push_back(g / (1 + std::exp(-g)) * gate_up[(2 * r + 1) * n + c]);
            }
        const std::string size = std::string(" to ") + element + " n=" + std::to_string(n);
        out.push_back({"cuda rms_norm" + size,
                       normed.error(reference::rmsNorm({x.begin(), x.end()}, {weight.begin(), weight.end()}, n, 1e-5)),
                       limit});
        out.push_back({"cuda swiglu" + size, gated.error(want), limit});
    }
}

void checkRotary(const QkvRotaryShape& s, const std::vector<std::size_t>& lengths, std::mt19937_64& random,
                 std::vector<Check>& out) {
    const Floats x = normal(random, s.batch * s.tokens * s.row());
    const std::size_t turns = lengths.empty() ? s.tokens : 64;
    const Floats cosine = normal(random, turns * s.d), sine = normal(random, turns * s.d);
    reference::QkvRotary want;
    want.keys = want.values = std::vector<double>(s.batch * s.groups * s.slots * s.d, 0.0);
    reference::qkvRotary(s, lengths, x, cosine, sine, want);
    const DeviceArray<float> dx(x), dcosine(cosine), dsine(sine);
    const DeviceArray<std::size_t> dlengths(lengths);
    const std::vector<Bf16> empty(want.keys.size());
    const DeviceGuardedArray<Bf16> dq(want.q.size()), dkeys(empty), dvalues(empty);
    const cuda::Stream stream;
    cuda::qkvRotary(s, {dx.data(), dcosine.data(), dsine.data(), dq.data(), dkeys.data(), dvalues.data()},
                    lengths.empty() ? nullptr : dlengths.data(), stream);
    stream.wait();
    const std::string name = "cuda qkv_rotary T=" + std::to_string(s.tokens) + " d=" + std::to_string(s.d);
    out.push_back({name + " q", dq.error(want.q), 5e-3});
    out.push_back({name + " keys", dkeys.error(want.keys), 5e-3});
    out.push_back({name + " values", dvalues.error(want.values), 5e-3});
}

}  // namespace

void checkCudaLayerRows(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    checkNormAndGate<float>("float32", random, out);
    checkNormAndGate<Bf16>("bf16", random, out);
    // {B, T, H, G, d, position, S, ring}
    checkRotary({2, 1, 9, 3, 64, 11, 32}, {}, random, out);
    checkRotary({1, 33, 4, 2, 34, 70, 40, true}, {}, random, out);
    checkRotary({3, 2, 12, 2, 128, 0, 64}, {2, 64, 33}, random, out);
}

void timeCudaLayerRows(std::vector<Timing>& out) {
    const std::size_t rows = 2048, n = 1536;
    const DeviceArray<float> x(Floats(rows * 2 * n, 0.1f)), weight(Floats(n, 1.0f));
    const DeviceArray<Bf16> y(std::vector<Bf16>(rows * n));
    const cuda::Stream stream;
    timeOnDeviceInto(out, {"cuda rms_norm n=1536", "row", 0, 0, 6.0 * n, 4.0 * n}, rows, stream,
                     [&] { cuda::rmsNorm(x.data(), weight.data(), n, 1e-5f, y.data(), rows, stream); });
    timeOnDeviceInto(out, {"cuda swiglu n=1536", "row", 0, 0, 10.0 * n, 4.0 * n}, rows, stream,
                     [&] { cuda::swiglu(x.data(), n, y.data(), rows, stream); });
    const QkvRotaryShape s{1, rows, 12, 2, 128, 0, rows};
    const DeviceArray<float> projected(Floats(rows * s.row(), 0.1f)), turns(Floats(rows * s.d, 0.5f));
    const DeviceArray<Bf16> q(std::vector<Bf16>(rows * s.heads * s.d)), keys(std::vector<Bf16>(rows * s.groups * s.d)),
        values(std::vector<Bf16>(rows * s.groups * s.d));
    timeOnDeviceInto(
        out,
        {"cuda qkv_rotary H=12/2 d=128", "row", 0, 0, 6.0 * static_cast<double>(s.row()) + 8.0 * 128, 4.0 * 14 * 128},
        rows, stream, [&] {
            cuda::qkvRotary(s, {projected.data(), turns.data(), turns.data(), q.data(), keys.data(), values.data()},
                            nullptr, stream);
        });
}

}  // namespace airframe::kernels::bench
