// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "kernels/bench/cuda_support.h"
#include "kernels/cuda/operators.h"
#include "kernels/reference/dynamic_conv_reference.h"

// The CUDA operators that contain a product with a matrix or a cache.

namespace airframe::kernels::bench {

using cuda::DeviceArray;

void checkCudaGeneratedConv(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const auto& [T, C, R] :
         {std::tuple<std::size_t, std::size_t, std::size_t>{1, 33, 32}, {3, 70, 96}, {130, 64, 384}}) {
        const std::size_t B = 2;
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
            "cuda generated_conv T=" + std::to_string(T) + " C=" + std::to_string(C) + " R=" + std::to_string(R);
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

void checkCudaAttention(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const auto& s : {cuda::AttentionShape{1, 1, 1, 64, 1, 0, 1},
                          {2, 12, 2, 128, 700, 0, 691},
                          {1, 16, 1, 64, 3000, 37, 3000},
                          {3, 4, 4, 128, 80, 7, 71}}) {
        const std::size_t d = s.head_dim, n = s.batch * s.kv_heads * s.capacity * d;
        Floats k = normal(random, n), v = normal(random, n), q = normal(random, s.batch * s.heads * d, 2.0f);
        const auto k_bits = roundedToBf16(k), v_bits = roundedToBf16(v);
        static_cast<void>(roundedToBf16(q));  // as a bf16 model's queries are
        std::vector<double> want(q.size(), 0.0);
        for (std::size_t h = 0; h < s.batch * s.heads; ++h) {
            const std::size_t pair = h / s.heads * s.kv_heads + h % s.heads / (s.heads / s.kv_heads);
            double sum = 0;
            for (std::size_t j = s.begin; j < s.end; ++j) {
                double dot = 0;
                for (std::size_t i = 0; i < d; ++i)
                    dot += static_cast<double>(q[h * d + i]) * k[(pair * s.capacity + j) * d + i];
                const double weight = std::exp(dot / std::sqrt(static_cast<double>(d)));
                sum += weight;
                for (std::size_t i = 0; i < d; ++i) want[h * d + i] += weight * v[(pair * s.capacity + j) * d + i];
            }
            for (std::size_t i = 0; i < d; ++i) want[h * d + i] /= sum;
        }
        const DeviceArray<float> dq(q);
        const DeviceArray<Bf16> dk(k_bits), dv(v_bits);
        const DeviceGuarded o(q.size());
        const cuda::Stream stream;
        cuda::DeviceMemory workspace;
        cuda::attentionDecode(s, dq.data(), dk.data(), dv.data(), o.data(), workspace, stream);
        stream.wait();
        out.push_back({"cuda attention H=" + std::to_string(s.heads) + "/" + std::to_string(s.kv_heads) + " d=" +
                           std::to_string(d) + " positions " + std::to_string(s.begin) + ".." + std::to_string(s.end),
                       o.error(want), 5e-3});
    }
}

void timeCudaAttention(std::vector<Timing>& out) {
    for (const std::size_t positions : {1152u, 65536u}) {
        const cuda::AttentionShape s{1, 12, 2, 128, positions, 0, positions};
        const DeviceArray<float> q(Floats(s.heads * s.head_dim, 0.1f)), o{Floats(s.heads * s.head_dim)};
        const DeviceArray<Bf16> k(std::vector<Bf16>(s.kv_heads * positions * s.head_dim)),
            v(std::vector<Bf16>(s.kv_heads * positions * s.head_dim));
        const cuda::Stream stream;
        cuda::DeviceMemory workspace;
        const double n = static_cast<double>(positions);
        timeOnDeviceInto(out,
                         {"cuda attention H=12/2 d=128 positions=" + std::to_string(positions), "token", 0, 0,
                          2 * 2 * 2 * 128 * n, 4 * 12 * 128 * n},
                         1, stream,
                         [&] { cuda::attentionDecode(s, q.data(), k.data(), v.data(), o.data(), workspace, stream); });
    }
}

void checkCudaQuantizedVector(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const int bits : {8, 4})
        for (const auto& [rows, n] : {std::pair<std::size_t, std::size_t>{1, 32}, {3, 544}, {1000, 1536}}) {
            const std::size_t blocks = rows * n / 32, block_bytes = bits == 8 ? 34 : 20, halves = bits == 8 ? 1 : 2;
            std::vector<std::uint8_t> gguf(blocks * block_bytes), quants(blocks * (block_bytes - 2 * halves));
            std::vector<std::uint16_t> scales(blocks * halves);
            for (auto& byte : gguf) byte = static_cast<std::uint8_t>(random());
            // Scales 1/4 and 3/4, offsets -1: halves of plain values.
            for (std::size_t b = 0; b < blocks; ++b) {
                gguf[b * block_bytes] = 0;
                gguf[b * block_bytes + 1] = b % 2 ? 0x34 : 0x3A;
                if (bits == 4) gguf[b * block_bytes + 2] = 0, gguf[b * block_bytes + 3] = 0xBC;
            }
            cuda::packQuantized(bits, gguf.data(), blocks, quants.data(), scales.data());
            const Floats x = normal(random, n);
            std::vector<double> want(rows, 0.0);
            for (std::size_t r = 0; r < rows; ++r)
                for (std::size_t c = 0; c < n; ++c) {
                    const std::size_t b = r * (n / 32) + c / 32, i = c % 32;
                    const std::uint8_t* block = gguf.data() + b * block_bytes;
                    const double scale = b % 2 ? 0.25 : 0.75;
                    want[r] += x[c] * (bits == 8 ? scale * static_cast<std::int8_t>(block[2 + i])
                                                 : scale * (block[4 + i % 16] >> (i / 16 * 4) & 15) - 1);
                }
            const DeviceArray<std::uint8_t> dquants(quants);
            const DeviceArray<std::uint16_t> dscales(scales);
            const DeviceArray<float> dx(x);
            const DeviceGuarded y(rows);
            const cuda::Stream stream;
            cuda::quantizedVector({rows, n, bits, dquants.data(), dscales.data()}, dx.data(), y.data(), stream);
            stream.wait();
            out.push_back({"cuda quantized_vector " + std::to_string(bits) + " bits " + std::to_string(rows) + "x" +
                               std::to_string(n),
                           y.error(want), 1e-6});
        }
}

void timeCudaQuantizedVector(std::vector<Timing>& out) {
    for (const int bits : {8, 4}) {
        const std::size_t rows = 8856, n = 1536, blocks = rows * n / 32;
        const DeviceArray<std::uint8_t> quants(std::vector<std::uint8_t>(blocks * (bits == 8 ? 32 : 16), 1));
        const DeviceArray<std::uint16_t> scales(std::vector<std::uint16_t>(blocks * (bits == 8 ? 1 : 2), 0x3400));
        const DeviceArray<float> x(Floats(n, 0.1f)), y{Floats(rows)};
        const cuda::Stream stream;
        const double b = static_cast<double>(blocks);
        timeOnDeviceInto(
            out,
            {"cuda quantized_vector " + std::to_string(bits) + " bits 8856x1536", "product", 0, 0,
             b * (bits == 8 ? 34 : 20), b * 64},
            1, stream, [&] {
                cuda::quantizedVector({rows, n, bits, quants.data(), scales.data()}, x.data(), y.data(), stream);
            });
    }
}

}  // namespace airframe::kernels::bench
