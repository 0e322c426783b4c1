// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/generated_conv_decode.cuh"

#include "kernels/reference/dynamic_conv_reference.h"
#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {
namespace {

template <class T>
void check(std::uint64_t seed, Report& report) {
    struct Case {
        std::size_t batch, tokens, channels, generator, gap;
        bool carried, decode = false;
    };
    for (const auto& [B, tokens, C, R, gap, carried, decode] :
         {Case{2, 1, 33, 32, 0, true}, Case{1, 3, 5, 64, 2, false}, Case{1, 64, 32, 64, 0, true},
          Case{1, 67, 40, 96, 3, true}, Case{1, 130, 16, 32, 0, false}, Case{9, 1, 11, 96, 2, true, true},
          Case{8, 1, 8, 64, 0, false, true}}) {
        std::mt19937_64 random(seed);
        const std::size_t stride = C + gap;
        auto hidden = bench::normal(random, B * tokens * R), weight = bench::normal(random, C * 4 * R, 0.1f);
        const auto hidden_bits = bench::roundedToBf16(hidden), weight_bits = bench::roundedToBf16(weight);
        const auto bias = bench::normal(random, C * 4, 0.3f);
        auto u = bench::normal(random, B * tokens * stride), window = bench::normal(random, B * C * 4);
        GlobalArray<T> gu("u", inputs<T>(u)), gw("window", inputs<T>(window));
        bench::Floats taps(B * tokens * C * 4), dense(B * tokens * C);
        for (std::size_t t = 0; t < B * tokens; ++t)
            for (std::size_t i = 0; i < 4 * C; ++i) {
                double sum = bias[i];
                for (std::size_t r = 0; r < R; ++r) sum += double(weight[i * R + r]) * hidden[t * R + r];
                taps[t * 4 * C + i] = static_cast<float>(sum);
            }
        for (std::size_t i = 0; i < dense.size(); ++i) dense[i] = u[i / C * stride + i % C];
        const auto want =
            reference::dynamicConv({B, tokens, C}, {dense.data(), taps.data(), carried ? window.data() : nullptr});
        GlobalArray<float> gb("bias", bias);
        GlobalArray<Bf16> gh("hidden", hidden_bits), gm("weight", weight_bits);
        auto y = unwritten("y", B * tokens * C);
        auto next = unwritten<T>("next window", B * C * 4);
        GeneratedConvArguments<T> p{static_cast<int>(tokens),
                                    static_cast<int>(C),
                                    static_cast<int>(stride),
                                    static_cast<int>(R),
                                    gu,
                                    {},
                                    gb,
                                    gh,
                                    gm,
                                    y,
                                    next};
        if (carried) {
            p.window = gw;
            p.next_window = gw;  // in place
        }
        const int batch = static_cast<int>(B);
        if (decode) run("generated_conv decode", generatedConvDecodeGrid(B, C), seed, [&] { generatedConvDecode(p, batch); });
        else run("generated_conv", generatedConvGrid(B, tokens, C), seed, [&] { generatedConv(p); });
        const std::string name = std::string(decode ? "decode " : "") + "T=" + std::to_string(tokens) + " C=" + std::to_string(C) + " R=" + std::to_string(R);
        report.compare(name + " y", relativeError(y.values(), want.y), 1e-6);
        report.compare(name + " window", relativeError(carried ? gw.values() : next.values(), want.window), 0);
    }
}

}  // namespace

void checkGeneratedConv(std::uint64_t seed, Report& report) {
    check<float>(seed, report);
    check<Bf16>(seed, report);
}

}  // namespace airframe::kernels::cuda::test
