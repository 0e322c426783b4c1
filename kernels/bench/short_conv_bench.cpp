// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <stdexcept>

#include "kernels/bench/cases.h"
#include "kernels/bench/guarded.h"
#include "kernels/bench/short_conv_inputs.h"
#include "kernels/bench/timer.h"
#include "kernels/reference/short_conv_reference.h"

namespace airframe::kernels::bench {
namespace {

void checkShape(const ShortConvShape& s, bool biased, bool carried, const std::string& name, std::mt19937_64& random,
                std::vector<Check>& out) {
    const ShortConvCall inputs(s, random);
    const auto want = reference::shortConv(s, inputs.floats(biased, carried));
    Guarded y(want.y.size()), window(want.window.size());
    GuardedArray<Bf16> y16(want.y.size()), window16(want.window.size());
    const std::size_t middle = s.channels / 2;  // two ranges: neither may need or touch the other
    for (const auto& [from, to] : {std::pair<std::size_t, std::size_t>{middle, s.channels}, {0, middle}}) {
        shortConv(s, inputs.floats(biased, carried), {y.data(), window.data()}, from, to);
        shortConv(s, inputs.halves(biased, carried), {y16.data(), window16.data()}, from, to);
    }
    out.push_back({name + " y", y.error(want.y), 1e-6});
    out.push_back({name + " window", window.error(want.window), 0});
    out.push_back({name + " bf16 y", y16.error(want.y), 1.0 / 256});
    out.push_back({name + " bf16 window", window16.error(want.window), 0});
}

/// A prompt in 1, 2, 7 and T parts, the window updated in place and at an address that no vector is aligned to.
void checkPieces(std::size_t taps, std::mt19937_64& random, std::vector<Check>& out) {
    ShortConvShape s{1, 21, 37, taps};
    const ShortConvCall inputs(s, random);
    const auto want = reference::shortConv(s, inputs.floats(true, true));
    for (const std::size_t parts : {1u, 2u, 7u, 21u}) {
        Guarded y(want.y.size()), window(want.window.size() + 1);
        std::copy(inputs.window.begin(), inputs.window.end(), window.data() + 1);
        window.data()[0] = 0;
        for (std::size_t part = 0, from = 0; part < parts; ++part) {
            ShortConvShape piece = s;
            const std::size_t to = s.tokens * (part + 1) / parts;
            piece.tokens = to - from;
            auto in = inputs.floats(true, true);
            in.u += from * s.channels;
            in.window = window.data() + 1;
            shortConv(piece, in, {y.data() + from * s.channels, window.data() + 1}, 0, s.channels);
            from = to;
        }
        auto wanted_window = want.window;
        wanted_window.insert(wanted_window.begin(), 0);
        const std::string name = "short_conv W=" + std::to_string(taps) + " in " + std::to_string(parts) + " parts in place";
        out.push_back({name + " y", y.error(want.y), 1e-6});
        out.push_back({name + " window", window.error(wanted_window), 0});
    }
}

/// A wrong call must throw: 0 if it does.
double refused(const ShortConvShape& s) {
    const Floats x(4096, 0.5f);
    Floats y(4096);
    try {
        shortConv(s, {x.data(), x.data(), nullptr, nullptr}, {y.data(), nullptr}, 0, 1);
    } catch (const std::invalid_argument&) {
        return 0;
    }
    return 1;
}

}  // namespace

void checkShortConv(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    std::size_t turn = 0;
    for (const std::size_t taps : {2u, 3u, 4u}) {
        for (const std::size_t tokens : {1u, 2u, 3u, 4u, 7u, 15u, 16u, 17u, 64u})
            for (const std::size_t channels : {1u, 15u, 16u, 40u, 576u})
                for (const bool carried : {false, true}) {
                    ShortConvShape s{2, tokens, channels, taps};
                    s.silu = ++turn % 3 != 0;
                    s.stride = turn % 2 ? channels + 5 : 0;
                    checkShape(s, turn % 5 < 2, carried,
                               "short_conv W=" + std::to_string(taps) + " T=" + std::to_string(tokens) + " C=" +
                                   std::to_string(channels) + (carried ? " window" : ""), random, out);
                }
        for (const auto& offsets : {std::vector<std::int64_t>{0, 15}, {0, 0, 16}, {0, 1, 3, 40, 40, 42}, {0, 17, 18, 18}})
            for (const bool carried : {false, true}) {
                ShortConvShape s{1, static_cast<std::size_t>(offsets.back()), 37, taps};
                s.sequences = {offsets.data(), offsets.size() - 1};
                checkShape(s, true, carried, "short_conv W=" + std::to_string(taps) + " packed" + (carried ? " window" : ""), random, out);
            }
        checkPieces(taps, random, out);
    }
    ShortConvShape s{1, 4, 8};
    out.push_back({"short_conv a right call is taken", 1 - refused(s), 0});
    s.taps = 5;
    out.push_back({"short_conv 5 taps are refused", refused(s), 0});
    s.taps = 4, s.stride = 7;
    out.push_back({"short_conv a short stride is refused", refused(s), 0});
}

void timeShortConv(std::vector<Timing>& out) {
    const auto time = [&](auto type, const char* word, const ShortConvShape& s) {
        using T = decltype(type);
        T half;
        assign(half, 0.5f);
        const std::vector<T> u(s.tokens * s.channels, half), weight(s.channels * s.taps, half), bias(s.channels, half);
        std::vector<T> y(u.size()), window(weight.size(), half);
        const double c = static_cast<double>(s.channels), t = static_cast<double>(s.tokens);
        timeInto(out, {"short_conv C=" + std::to_string(s.channels) + " T=" + std::to_string(s.tokens) + word, "token", 0, 0,
                       sizeof(T) * c * (2 + (3 * static_cast<double>(s.taps) + 1) / t), 13 * c},
                 t, [&] { shortConv(s, {u.data(), weight.data(), bias.data(), window.data()}, {y.data(), window.data()}, 0, s.channels); });
    };
    for (const std::size_t tokens : {1u, 64u, 512u}) {
        time(float(), "", {1, tokens, 4352});
        time(Bf16(), " bf16", {1, tokens, 4352});
    }
}

}  // namespace airframe::kernels::bench
