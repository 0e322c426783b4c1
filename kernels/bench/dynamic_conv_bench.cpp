// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/bench/cases.h"
#include "kernels/bench/guarded.h"
#include "kernels/bench/random_inputs.h"
#include "kernels/bench/timer.h"
#include "kernels/reference/dynamic_conv_reference.h"

namespace airframe::kernels::bench {
namespace {

void checkCase(const DynamicConvShape& s, bool window, std::mt19937_64& random, std::vector<Check>& out) {
    const std::size_t n = s.batch * s.tokens * s.channels, w = s.batch * s.channels * conv_taps;
    const Floats u = normal(random, n), taps = normal(random, n * conv_taps, 0.5f), before = normal(random, w),
                 d_y = normal(random, n);
    const DynamicConvInputs<float> in{u.data(), taps.data(), window ? before.data() : nullptr};
    Guarded y(n), after(w), du(n), dtaps(n * conv_taps), dwindow(w);
    dynamicConvForward(s, in, DynamicConvOutputs<float>{y.data(), after.data()}, 0, s.channels);
    dynamicConvBackward(s, in, {d_y.data(), du.data(), dtaps.data(), dwindow.data()}, 0, s.channels);
    const auto want = reference::dynamicConv(s, in, {d_y.data(), nullptr, nullptr, nullptr});
    const std::string name = "dynamic_conv T=" + std::to_string(s.tokens) + " C=" + std::to_string(s.channels) +
                             (window ? " window" : "");
    out.push_back({name + " y", y.error(want.y), 1e-6});
    out.push_back({name + " window", after.error(want.window), 0});
    out.push_back({name + " du", du.error(want.d_u), 1e-6});
    out.push_back({name + " dtaps", dtaps.error(want.d_taps), 1e-6});
    out.push_back({name + " dwindow", dwindow.error(want.d_window), 1e-6});
}

}  // namespace

void checkDynamicConv(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const std::size_t tokens : {1u, 2u, 3u, 4u, 7u, 64u})
        for (const std::size_t channels : {1u, 15u, 16u, 40u, 576u})
            for (const bool window : {false, true}) checkCase({2, tokens, channels}, window, random, out);
}

void timeDynamicConv(std::vector<Timing>& out) {
    const DynamicConvShape s{4, 512, 576};
    const std::size_t n = s.batch * s.tokens * s.channels;
    std::vector<float> u(n, 0.1f), taps(n * conv_taps, 0.1f), y(n), du(n), dtaps(n * conv_taps);
    const DynamicConvInputs<float> in{u.data(), taps.data(), nullptr};
    const double units = static_cast<double>(s.batch * s.tokens), c = static_cast<double>(s.channels);
    timeInto(out, {"dynamic_conv C=576 forward", "token", 0, 0, 4 * 6 * c, 8 * c}, units, [&] {
        dynamicConvForward(s, in, DynamicConvOutputs<float>{y.data(), nullptr}, 0, s.channels);
    });
    timeInto(out, {"dynamic_conv C=576 backward", "token", 0, 0, 4 * 11 * c, 24 * c}, units, [&] {
        dynamicConvBackward(s, in, {y.data(), du.data(), dtaps.data(), nullptr}, 0, s.channels);
    });
}

}  // namespace airframe::kernels::bench
