// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/bench/cuda_support.h"
#include "kernels/cuda/operators.h"
#include "kernels/reference/dynamic_conv_reference.h"

// The CUDA convolution that contains the product which makes its taps.

namespace airframe::kernels::bench {

using cuda::DeviceArray;

void checkCudaGeneratedConv(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const auto& [B, T, C, R] :
         {std::tuple<std::size_t, std::size_t, std::size_t, std::size_t>{2, 1, 33, 32}, {9, 1, 70, 384}, {2, 3, 70, 96}, {2, 130, 64, 384}}) {
        Floats hidden = normal(random, B * T * R), weight = normal(random, C * 4 * R, 0.1f);
        const auto hidden_bits = roundedToBf16(hidden), weight_bits = roundedToBf16(weight);
        const Floats bias = normal(random, C * 4, 0.3f), u = normal(random, B * T * C),
                     window = normal(random, B * C * conv_taps);
        Floats taps(B * T * C * conv_taps);
        for (std::size_t t = 0; t < B * T; ++t)
            for (std::size_t i = 0; i < 4 * C; ++i) {
                double sum = bias[i];
                for (std::size_t r = 0; r < R; ++r) sum += static_cast<double>(weight[i * R + r]) * hidden[t * R + r];
                taps[t * 4 * C + i] = static_cast<float>(sum);
            }
        const auto want = reference::dynamicConv({B, T, C}, {u.data(), taps.data(), window.data()});
        const DeviceArray<float> du(u), dbias(bias);
        const DeviceArray<Bf16> dhidden(hidden_bits), dweight(weight_bits);
        const DeviceGuarded y(B * T * C), next(window);
        const cuda::Stream stream;
        cuda::generatedConv({B, T, C}, {du.data(), dhidden.data(), dweight.data(), dbias.data(), next.data(), R},
                            {y.data(), next.data()}, stream);
        stream.wait();
        const std::string name =
            "cuda generated_conv B=" + std::to_string(B) + " T=" + std::to_string(T) + " C=" + std::to_string(C) + " R=" + std::to_string(R);
        out.push_back({name + " y", y.error(want.y), 1e-6});
        out.push_back({name + " window", next.error(want.window), 0});
    }
}

void timeCudaGeneratedConv(std::vector<Timing>& out) {
    for (const std::size_t T : {1u, 2048u}) {
        const std::size_t C = 3072, R = 384;
        const DeviceArray<float> u(Floats(T * C, 0.1f)), bias(Floats(C * 4, 0.1f)), y{Floats(T * C)},
            window{Floats(C * 4)};
        const DeviceArray<Bf16> hidden(std::vector<Bf16>(T * R, toBf16(0.1f))),
            weight(std::vector<Bf16>(C * 4 * R, toBf16(0.01f)));
        const cuda::Stream stream;
        const double c = static_cast<double>(C), r = static_cast<double>(R), t = static_cast<double>(T);
        timeOnDeviceInto(out,
                         {"cuda generated_conv C=3072 R=384 T=" + std::to_string(T), "token", 0, 0,
                          8 * c + 2 * r + 8 * c * r / t, 8 * c * r + 8 * c},
                         t, stream, [&] {
                             cuda::generatedConv(
                                 {1, T, C}, {u.data(), hidden.data(), weight.data(), bias.data(), window.data(), R},
                                 {y.data(), window.data()}, stream);
                         });
    }
}

}  // namespace airframe::kernels::bench
