// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/gated_delta_carry.cuh"

#include "tests/kernels/gated_delta_inputs.h"

namespace airframe::kernels::cuda::test {
namespace {

template <int KT>
void runBoth(GatedDeltaChunkArguments& p, std::size_t pairs, std::size_t v, std::uint64_t seed) {
    using Size = chunked::Sizes<KT>;
    const std::size_t units = pairs * static_cast<std::size_t>(p.chunks), C = chunked::tokens;
    // A workspace that is not cleared: NaN where nothing was written.
    const auto halves = [](const char* name, std::size_t n) {
        return GlobalArray<Bf16>(name, std::vector<Bf16>(n, Bf16{0xFFFF}));
    };
    auto q = halves("unit queries", units * C * Size::k), k = halves("unit keys", units * C * Size::k);
    auto solve = halves("M", units * C * C), scores = halves("A", units * C * C);
    auto gates = unwritten("gates", units * 2 * C);
    p.unit_queries = q, p.unit_keys = k, p.solve = solve, p.scores = scores, p.gates = gates;
    run("gated_delta_prepare", gatedDeltaPrepareGrid(pairs, static_cast<std::size_t>(p.chunks), Size::prepare_bytes),
        seed, [&] { gatedDeltaPrepare<KT>(p); });
    run("gated_delta_chunks", gatedDeltaChunksGrid(pairs, v, Size::bytes(p.stages)), seed,
        [&] { gatedDeltaChunks<KT>(p); });
}

}  // namespace

void checkGatedDeltaChunked(std::uint64_t seed, Report& report) {
    struct Case {
        GatedDeltaShape shape;
        bench::Gates gates;
        bool l2norm, carried;
        int stages;
        bool unaligned = false;  ///< as if the arrays did not begin at multiples of 8 bytes
        bool exact = false;      ///< operands that rounding does not change
    };
    const Case cases[] = {{{1, 130, 2, 64, 64}, bench::Gates::normal, true, true, 2},
                          {{1, 65, 1, 60, 37}, bench::Gates::normal, true, true, 1},
                          {{1, 1, 1, 64, 32}, bench::Gates::normal, true, true, 2},
                          {{2, 15, 1, 33, 5}, bench::Gates::reset, true, true, 1},
                          {{1, 63, 1, 64, 34}, bench::Gates::strong, true, false, 2},
                          {{1, 64, 1, 40, 32}, bench::Gates::zero, true, true, 2},
                          {{1, 100, 1, 64, 32}, bench::Gates::reset, false, false, 2},
                          {{1, 66, 1, 96, 256}, bench::Gates::normal, true, true, 1},
                          {{1, 200, 1, 128, 40}, bench::Gates::strong, true, true, 2},
                          {{1, 70, 1, 256, 20}, bench::Gates::normal, true, true, 1},
                          {{1, 30, 1, 16, 34}, bench::Gates::normal, true, true, 1, true},
                          {{1, 64, 1, 64, 32}, bench::Gates::zero, false, false, 1, false, true}};
    for (const auto& c : cases) {
        GatedDeltaProblem problem(c.shape, c.gates, c.l2norm, c.carried, seed);
        if (c.exact) problem.makeExact();
        const auto& s = problem.shape;
        GlobalArray<float> q("q", problem.q), k("k", problem.k), v("v", problem.v), g("g", problem.g),
            beta("beta", problem.beta);
        auto out = unwritten("o", s.batch * s.tokens * s.heads * s.v),
             state = unwritten("state", s.batch * s.heads * s.k * s.v);
        if (c.carried) state = GlobalArray<float>("state", problem.initial);
        GatedDeltaChunkArguments p;
        p.tokens = static_cast<int>(s.tokens), p.heads = static_cast<int>(s.heads);
        p.k = static_cast<int>(s.k), p.v = static_cast<int>(s.v);
        p.chunks = static_cast<int>(ceilDiv(s.tokens, chunked::tokens));
        p.stages = c.stages;
        p.scale = 1 / std::sqrt(static_cast<float>(s.k));
        p.l2norm = c.l2norm;
        p.even = s.v % 2 == 0 && !c.unaligned;
        p.queries = q, p.keys = k, p.values = v, p.decays = g, p.betas = beta;
        p.out = out, p.state = state;
        if (c.carried) p.initial = state;  // in place
        const std::size_t pairs = s.batch * s.heads;
        if (s.k <= 64)
            runBoth<4>(p, pairs, s.v, seed);
        else if (s.k <= 96)
            runBoth<6>(p, pairs, s.v, seed);
        else if (s.k <= 128)
            runBoth<8>(p, pairs, s.v, seed);
        else
            runBoth<16>(p, pairs, s.v, seed);
        const double limit = c.exact ? 1e-5 : 5e-3;
        report.compare(problem.name() + (c.exact ? " exact o" : " o"), relativeError(out.values(), problem.want.o),
                       limit);
        report.compare(problem.name() + (c.exact ? " exact state" : " state"),
                       relativeError(state.values(), problem.want.state), limit);
    }
}

}  // namespace airframe::kernels::cuda::test
