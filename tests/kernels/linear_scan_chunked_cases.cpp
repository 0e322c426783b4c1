// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/linear_scan_carry.cuh"
#include "kernels/cuda/linear_scan_keys.cuh"

#include "tests/kernels/linear_scan_problem.h"

namespace airframe::kernels::cuda::test {
namespace {

template <int KT, bool PerKey, class T, class State>
void launch(const LinearScanProblem<T, State>& problem, int stages, std::uint64_t seed) {
    using Size = scan_chunks::Sizes<KT, PerKey>;
    constexpr std::size_t C = scan_chunks::tokens;
    LinearScanChunkArguments<T, State> c;
    const auto& p = problem.p;
    const std::size_t batch = problem.s.batch, pairs = problem.pairs(), v = problem.s.v;
    c.call = p;
    c.gate_heads = p.decay == Decay::none ? 1 : p.decay == Decay::constant ? p.heads : p.g_heads;
    const std::size_t chunks = ceilDiv(static_cast<std::size_t>(p.tokens), C), rows = batch * chunks * C;
    const auto q_heads = static_cast<std::size_t>(p.q_heads), k_heads = static_cast<std::size_t>(p.k_heads),
               g_heads = static_cast<std::size_t>(c.gate_heads);
    c.chunks = static_cast<int>(chunks);
    c.stages = stages;
    c.even = problem.even();
    // A workspace that is not cleared: NaN where nothing was written.
    if constexpr (PerKey) {
        auto q = unwritten<Bf16>("queries", pairs * chunks * C * Size::k), k = unwritten<Bf16>("keys", pairs * chunks * C * Size::k);
        auto scores = unwritten<Bf16>("A", pairs * chunks * C * C);
        auto decays = unwritten("key decays", pairs * chunks * Size::k);
        c.work = {q, k, {}, {}, scores, decays};
        run("linear_scan_prepare_keys", linearScanPrepareKeysGrid<KT>(pairs, chunks), seed, [&] { linearScanPrepareKeys<KT>(c); });
        run("linear_scan_chunks", linearScanChunksGrid(pairs, v, Size::bytes(stages)), seed, [&] { linearScanChunks<KT, true>(c); });
    } else {
        auto q = unwritten<Bf16>("queries", rows * q_heads * Size::k), k = unwritten<Bf16>("keys", rows * k_heads * Size::k);
        auto sums = unwritten("sums", rows * g_heads);
        GlobalArray<int> resets("resets", std::vector<int>(rows * g_heads, -1));
        c.work = {q, k, sums, resets, {}, {}};
        run("linear_scan_prepare", linearScanPrepareGrid(batch, q_heads + k_heads + g_heads, chunks), seed,
            [&] { linearScanPrepare<KT>(c); });
        run("linear_scan_chunks", linearScanChunksGrid(pairs, v, Size::bytes(stages)), seed, [&] { linearScanChunks<KT, false>(c); });
    }
}
template <int KT, class T, class State>
void launch(const LinearScanProblem<T, State>& problem, int stages, std::uint64_t seed) {
    problem.s.decay == Decay::key ? launch<KT, true>(problem, stages, seed) : launch<KT, false>(problem, stages, seed);
}

template <class T, class State = float>
void check(const LinearScanCase& c, int stages, std::uint64_t seed, Report& report) {
    LinearScanProblem<T, State> problem(c, seed);
    if (c.k <= 64)
        launch<4>(problem, stages, seed);
    else if (c.k <= 128)
        launch<8>(problem, stages, seed);
    else
        launch<16>(problem, stages, seed);
    problem.compare(report, 5e-3, 5e-3);
}

}  // namespace

void checkLinearScanChunked(std::uint64_t seed, Report& report) {
    using bench::Gates;
    const LinearScanCase cases[] = {{1, 130, 64, 64, Decay::head, Gates::normal, true, true},
                          {2, 65, 60, 37, Decay::constant, Gates::normal, true, true},
                          {1, 1, 64, 40, Decay::none, Gates::normal, true, false},
                          {2, 15, 33, 5, Decay::head, Gates::reset, true, true},
                          {1, 63, 20, 34, Decay::head, Gates::strong, false, false},
                          {1, 64, 40, 66, Decay::head, Gates::zero, true, false},
                          {1, 100, 100, 16, Decay::head, Gates::reset, true, false, 1},
                          {1, 200, 128, 70, Decay::constant, Gates::normal, true, true, 1},
                          {1, 70, 256, 20, Decay::head, Gates::strong, true, false, 1},
                          {1, 129, 200, 10, Decay::none, Gates::normal, false, false, 1},
                          {1, 30, 16, 34, Decay::head, Gates::normal, true, true, 1, 0, 0, 0, 0, 0, true},
                          {2, 66, 16, 8, Decay::head, Gates::normal, true, true, 8, 4, 2, 8, 1, 4},
                          {1, 130, 64, 40, Decay::key, Gates::normal, true, true, 1},
                          {2, 65, 60, 37, Decay::key, Gates::reset, true, false, 1},
                          {1, 70, 100, 10, Decay::key, Gates::strong, false, true, 1},
                          {1, 66, 256, 8, Decay::key, Gates::normal, true, false, 1},
                          {2, 66, 16, 8, Decay::key, Gates::normal, true, true, 8, 4, 2, 8, 1, 4},
                          {1, 66, 12, 8, Decay::constant, Gates::normal, true, true, 4, 1, 1, 1, 1, 7}};
    int stages = 1;
    for (const auto& c : cases) {
        check<float>(c, stages, seed, report);
        check<Bf16>(c, stages = 3 - stages, seed, report);
    }
    for (const auto& c : {cases[1], cases[10], cases[12]}) check<Bf16, Bf16>(c, stages = 3 - stages, seed, report);
}

}  // namespace airframe::kernels::cuda::test
