// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/dynamic_conv.cuh"

#include "kernels/reference/dynamic_conv_reference.h"
#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {
namespace {

template <class T>
void check(std::uint64_t seed, Report& report) {
    std::mt19937_64 random(seed);
    for (const std::size_t tokens : {1u, 2u, 3u, 5u, 16u, 17u, 40u})
        for (const bool carried : {false, true}) {
            const std::size_t B = 2, C = tokens % 2 ? 131 : 20, stride = C + (carried ? 3 : 0), n = B * tokens * C;
            auto u = bench::normal(random, B * tokens * stride), taps = bench::normal(random, n * 4, 0.5f),
                 window = bench::normal(random, B * C * 4);
            GlobalArray<T> gu("u", inputs<T>(u)), gt("taps", inputs<T>(taps)), gw("window", inputs<T>(window));
            // The reference knows dense inputs only.
            bench::Floats dense(n);
            for (std::size_t i = 0; i < n; ++i) dense[i] = u[i / C * stride + i % C];
            const auto want =
                reference::dynamicConv({B, tokens, C}, {dense.data(), taps.data(), carried ? window.data() : nullptr});
            auto y = unwritten("y", n);
            auto next = unwritten<T>("next window", B * C * 4);
            DynamicConvArguments<T> p{
                static_cast<int>(tokens), static_cast<int>(C), static_cast<int>(stride), gu, gt, {}, y, next};
            if (carried) {
                p.window = gw;
                p.next_window = gw;  // in place
            }
            run("dynamic_conv", dynamicConvGrid(B, tokens, C), seed, [&] { dynamicConv(p); });
            const std::string name = "T=" + std::to_string(tokens) + (carried ? " carried" : "");
            report.compare(name + " y", relativeError(y.values(), want.y), 1e-6);
            report.compare(name + " window", relativeError(carried ? gw.values() : next.values(), want.window), 0);
        }
}

}  // namespace

void checkDynamicConv(std::uint64_t seed, Report& report) {
    check<float>(seed, report);
    check<Bf16>(seed, report);
}

}  // namespace airframe::kernels::cuda::test
