// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/short_conv.cuh"

#include "kernels/bench/short_conv_inputs.h"
#include "kernels/reference/short_conv_reference.h"
#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {
namespace {

struct Case {
    ShortConvShape shape;
    bool biased = true, carried = true;
    int lanes = 0;                        ///< blocks that share a sequence; 0 = as the launch has them
    std::vector<std::int64_t> offsets{};  ///< of packed sequences
};

template <class T>
void check(const Case& c, std::uint64_t seed, Report& report) {
    std::mt19937_64 random(seed);
    ShortConvShape s = c.shape;
    if (!c.offsets.empty()) s.sequences = {c.offsets.data(), c.offsets.size() - 1};
    const std::size_t sequences = sequenceCount(s.sequences, s.batch);
    bench::ShortConvCall call(s, random);
    const auto want = reference::shortConv(s, call.floats(c.biased, c.carried));
    GlobalArray<T> u("u", inputs<T>(call.u)), weight("weight", inputs<T>(call.weight)), bias("bias", inputs<T>(call.bias));
    GlobalArray<std::int64_t> offsets("offsets", c.offsets);
    auto y = unwritten<T>("y", want.y.size()), window = unwritten<T>("window", want.window.size());
    if (c.carried) window = GlobalArray<T>("window", inputs<T>(call.window));
    Grid grid = shortConvGrid(sequences, s.batch * s.tokens / sequences, s.channels);
    if (c.lanes) grid.y = static_cast<unsigned>(c.lanes);
    ShortConvArguments<T> p;
    p.tokens = static_cast<int>(s.tokens), p.channels = static_cast<int>(s.channels);
    p.stride = static_cast<int>(s.stride ? s.stride : s.channels);
    p.silu = s.silu;
    p.lanes = static_cast<int>(grid.y);
    p.u = u, p.weight = weight, p.y = y, p.next_window = window;
    if (c.biased) p.bias = bias;
    if (c.carried) p.window = window;  // in place
    if (!c.offsets.empty()) p.offsets = offsets;
    run("short_conv", grid, seed, [&] { s.taps == 2 ? shortConv<2>(p) : s.taps == 3 ? shortConv<3>(p) : shortConv<4>(p); });
    const std::string name = "W=" + std::to_string(s.taps) + " T=" + std::to_string(s.tokens) + (sizeof(T) == 2 ? " bf16" : "");
    report.compare(name + " y", relativeError(y.values(), want.y), sizeof(T) == 2 ? 1.0 / 256 : 1e-6);
    report.compare(name + " window", relativeError(window.values(), want.window), 0);
}

}  // namespace

void checkShortConv(std::uint64_t seed, Report& report) {
    for (const std::size_t taps : {2u, 3u, 4u}) {
        std::vector<Case> cases;
        for (const std::size_t tokens : {1u, 2u, 3u, 5u, 16u, 17u, 40u}) {
            ShortConvShape s{2, tokens, tokens % 2 ? 131u : 20u, taps};
            s.stride = tokens % 3 ? 0 : s.channels + 3;
            s.silu = tokens != 5;
            cases.push_back({s, tokens != 2, tokens != 17});
        }
        cases.push_back({{1, 70, 5, taps}, true, true, 2});  // a block takes every second piece
        cases.push_back({{1, 40, 9, taps}, true, true, 0, {0, 1, 1, 20, 37, 40}});
        cases.push_back({{1, 40, 9, taps}, false, false, 0, {0, 0, 38, 40}});
        cases.push_back({{1, 2, 9, taps}, true, true, 0, {0, 0, 0, 2}});  // fewer tokens than sequences
        for (const auto& c : cases) {
            check<float>(c, seed, report);
            check<Bf16>(c, seed, report);
        }
    }
}

}  // namespace airframe::kernels::cuda::test
