// SPDX-License-Identifier: GPL-3.0-or-later
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/bench/machine.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h includes this file once per instruction set; highway.h must follow it.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

#include "kernels/aligned_vector.h"
#include "kernels/bench/machine.h"
#include "kernels/bench/machine_bf16.h"
#include "kernels/simd/simd.h"

HWY_BEFORE_NAMESPACE();
namespace airframe::kernels::bench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// The sum of n floats, with as many accumulators as keep every load unit busy; asks for each line a page ahead, because the
/// processor's own prefetching stops at every page.
float ReadAll(const float* x, std::size_t n) {
    const hn::ScalableTag<float> d;
    const std::size_t N = hn::Lanes(d);
    auto a = hn::Zero(d), b = a, c = a, e = a;
    constexpr std::size_t line = 16, ahead = 1024;
    for (std::size_t i = 0; i + 4 * N <= n; i += 4 * N) {
        for (std::size_t p = 0; p < 4 * N; p += line) hwy::Prefetch(x + std::min(i + ahead + p, n - 1));
        a = hn::Add(a, hn::LoadU(d, x + i));
        b = hn::Add(b, hn::LoadU(d, x + i + N));
        c = hn::Add(c, hn::LoadU(d, x + i + 2 * N));
        e = hn::Add(e, hn::LoadU(d, x + i + 3 * N));
    }
    return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(a, b), hn::Add(c, e))));
}

/// `rounds` times twelve independent multiply-adds; returns how many floating-point operations that were.
double MultiplyAdd(std::size_t rounds, float* sink) {
    const hn::ScalableTag<float> d;
    const auto m = hn::Set(d, 0.999f), s = hn::Set(d, 0.001f);
    const auto at = [&](float x) { return hn::Set(d, x); };  // different values, or the compiler would keep one chain
    auto a0 = at(0), a1 = at(1), a2 = at(2), a3 = at(3), a4 = at(4), a5 = at(5), a6 = at(6), a7 = at(7), a8 = at(8), a9 = at(9),
         a10 = at(10), a11 = at(11);
    for (std::size_t i = 0; i < rounds; ++i) {
        a0 = hn::MulAdd(a0, m, s), a1 = hn::MulAdd(a1, m, s), a2 = hn::MulAdd(a2, m, s), a3 = hn::MulAdd(a3, m, s);
        a4 = hn::MulAdd(a4, m, s), a5 = hn::MulAdd(a5, m, s), a6 = hn::MulAdd(a6, m, s), a7 = hn::MulAdd(a7, m, s);
        a8 = hn::MulAdd(a8, m, s), a9 = hn::MulAdd(a9, m, s), a10 = hn::MulAdd(a10, m, s), a11 = hn::MulAdd(a11, m, s);
    }
    const auto sum = hn::Add(hn::Add(hn::Add(a0, a1), hn::Add(a2, a3)), hn::Add(hn::Add(a4, a5), hn::Add(a6, a7)));
    *sink = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum, hn::Add(hn::Add(a8, a9), hn::Add(a10, a11)))));
    return 24.0 * static_cast<double>(hn::Lanes(d)) * static_cast<double>(rounds);
}

}  // namespace HWY_NAMESPACE
}  // namespace airframe::kernels::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace airframe::kernels::bench {
HWY_EXPORT(ReadAll);
HWY_EXPORT(MultiplyAdd);

namespace {

/// Seconds that `threads` threads need for `work(thread)`, from the first one's start to the last one's end, all starting together;
/// the best of fifteen, because others may use the memory too. Each thread looks at the clock itself: one that only waits
/// for them wakes up late.
template <class Work>
double bestSeconds(unsigned threads, const Work& work) {
    using Clock = std::chrono::steady_clock;
    double best = 1e9;
    for (int repeat = 0; repeat < 15; ++repeat) {
        std::barrier start(threads);
        std::vector<Clock::time_point> began(threads), ended(threads);
        {
            std::vector<std::jthread> team;
            for (unsigned t = 0; t < threads; ++t)
                team.emplace_back([&, t] {
                    start.arrive_and_wait();
                    began[t] = Clock::now();
                    work(t);
                    ended[t] = Clock::now();
                });
        }
        const auto all = *std::max_element(ended.begin(), ended.end()) - *std::min_element(began.begin(), began.end());
        best = std::min(best, std::chrono::duration<double>(all).count());
    }
    return best;
}

}  // namespace

Machine measureMachine(unsigned threads) {
    constexpr std::size_t floats = std::size_t{96} << 20, rounds = 4'000'000;
    const AlignedVector<float> x(floats, 1.0f);  // in huge pages, as weights and caches are
    std::vector<float> sinks(threads * 16);
    const std::size_t share = floats / threads;
    const double read = bestSeconds(threads, [&](unsigned t) {
        sinks[t * 16] = HWY_DYNAMIC_DISPATCH(ReadAll)(x.data() + t * share, share);
    });
    std::vector<double> flops(threads * 8);
    const double compute = bestSeconds(threads, [&](unsigned t) { flops[t * 8] = HWY_DYNAMIC_DISPATCH(MultiplyAdd)(rounds, &sinks[t * 16]); });
    Machine machine{threads, 4e-9 * static_cast<double>(share * threads) / read, 1e-9 * flops[0] * threads / compute};
    if (simd::hasBf16Dot()) {
        const double products = bestSeconds(threads, [&](unsigned t) { flops[t * 8] = multiplyAddBf16(rounds, &sinks[t * 16]); });
        machine.bf16_gflop_s = 1e-9 * flops[0] * threads / products;
    }
    return machine;
}

}  // namespace airframe::kernels::bench
#endif
