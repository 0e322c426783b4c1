// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/gated_delta_carry.cuh"

#include "tests/kernels/gated_delta_inputs.h"

namespace airframe::kernels::cuda::test {
namespace {

struct Case {
    GatedDeltaShape shape;
    bench::Gates gates;
    bool l2norm, carried;
    int stages;
    bool unaligned = false;  ///< as if the arrays did not begin at multiples of 8 bytes
    bool exact = false;      ///< operands that rounding does not change
    bool gated = true;
};

template <int KT, class T, class State>
void runBoth(GatedDeltaPrepareArguments<T>& first, GatedDeltaChunkArguments<T, State>& second, std::size_t pairs,
             std::uint64_t seed) {
    using Size = chunked::Sizes<KT>;
    const std::size_t units = pairs * static_cast<std::size_t>(first.chunks), C = chunked::tokens;
    // A workspace that is not cleared: NaN where nothing was written.
    const auto halves = [](const char* name, std::size_t n) {
        return GlobalArray<Bf16>(name, std::vector<Bf16>(n, Bf16{0xFFFF}));
    };
    auto q = halves("unit queries", units * C * Size::k), k = halves("unit keys", units * C * Size::k);
    auto solve = halves("M", units * C * C), scores = halves("A", units * C * C);
    auto gates = unwritten("gates", units * 2 * C);
    first.work = second.work = GatedDeltaWorkspace{q, k, solve, scores, gates};
    run("gated_delta_prepare", gatedDeltaPrepareGrid(pairs, static_cast<std::size_t>(first.chunks), Size::prepare_bytes),
        seed, [&] { gatedDeltaPrepare<KT>(first); });
    run("gated_delta_chunks", gatedDeltaChunksGrid(pairs, static_cast<std::size_t>(second.v), Size::bytes(second.stages)),
        seed, [&] { gatedDeltaChunks<KT>(second); });
}

template <class T, class State>
void check(const Case& c, std::uint64_t seed, Report& report) {
    GatedDeltaProblem problem(c.shape, c.gates, c.l2norm, c.carried, seed);
    if (c.exact) problem.makeExact();
    problem.become<T, State>(c.gated);
    const auto& s = problem.shape;
    GlobalArray<T> q("q", inputs<T>(problem.q)), k("k", inputs<T>(problem.k)), v("v", inputs<T>(problem.v));
    GlobalArray<float> g("g", problem.g), beta("beta", problem.beta);
    auto out = unwritten<T>("o", problem.want.o.size());
    auto state = unwritten<State>("state", problem.want.state.size());
    if (c.carried) state = GlobalArray<State>("state", inputs<State>(problem.initial));
    GatedDeltaPrepareArguments<T> first;
    first.tokens = static_cast<int>(s.tokens), first.heads = static_cast<int>(s.heads);
    first.key_heads = static_cast<int>(s.key_heads), first.k = static_cast<int>(s.k);
    first.chunks = static_cast<int>(ceilDiv(s.tokens, chunked::tokens));
    first.scale = 1 / std::sqrt(static_cast<float>(s.k));
    first.l2norm = c.l2norm;
    first.queries = q, first.keys = k, first.betas = beta;
    if (c.gated) first.decays = g;
    GatedDeltaChunkArguments<T, State> second;
    second.tokens = first.tokens, second.heads = first.heads, second.k = first.k, second.chunks = first.chunks;
    second.v = static_cast<int>(s.v);
    second.stages = c.stages;
    second.scale = first.scale;
    second.even = s.v % 2 == 0 && !c.unaligned;
    second.values = v, second.out = out, second.state = state;
    if (c.carried) second.initial = state;  // in place
    const std::size_t pairs = s.batch * s.heads;
    if (s.k <= 64)
        runBoth<4>(first, second, pairs, seed);
    else if (s.k <= 96)
        runBoth<6>(first, second, pairs, seed);
    else if (s.k <= 128)
        runBoth<8>(first, second, pairs, seed);
    else
        runBoth<16>(first, second, pairs, seed);
    const std::string name = problem.name() + (c.exact ? " exact" : "") + element_names<T, State>;
    const auto limit = [&](bool half) { return !c.exact ? 5e-3 : half ? 1.0 / 256 : 1e-5; };
    report.compare(name + " o", relativeError(out.values(), problem.want.o), limit(sizeof(T) == 2));
    report.compare(name + " state", relativeError(state.values(), problem.want.state), limit(sizeof(State) == 2));
}

}  // namespace

void checkGatedDeltaChunked(std::uint64_t seed, Report& report) {
    using bench::Gates;
    const Case cases[] = {{{1, 130, 2, 64, 64}, Gates::normal, true, true, 2},
                          {{1, 65, 1, 60, 37}, Gates::normal, true, true, 1},
                          {{1, 1, 1, 64, 32}, Gates::normal, true, true, 2},
                          {{2, 15, 1, 33, 5}, Gates::reset, true, true, 1},
                          {{1, 63, 1, 64, 34}, Gates::strong, true, false, 2},
                          {{1, 64, 1, 40, 32}, Gates::zero, true, true, 2},
                          {{1, 100, 1, 64, 32}, Gates::reset, false, false, 2},
                          {{1, 66, 1, 96, 256}, Gates::normal, true, true, 1},
                          {{1, 200, 1, 128, 40}, Gates::strong, true, true, 2},
                          {{1, 70, 1, 256, 20}, Gates::normal, true, true, 1},
                          {{1, 30, 1, 16, 34}, Gates::normal, true, true, 1, true},
                          {{1, 64, 1, 64, 32}, Gates::zero, false, false, 1, false, true},
                          {{2, 20, 4, 16, 34, 2}, Gates::normal, true, true, 1},
                          {{1, 70, 2, 16, 10}, Gates::normal, true, true, 2, false, false, false}};
    void (*const others[])(const Case&, std::uint64_t, Report&) = {check<Bf16, float>, check<Bf16, Bf16>, check<float, Bf16>};
    std::size_t turn = seed;  // the other element types take turns: two schedules see two of them
    for (const auto& c : cases) {
        check<float, float>(c, seed, report);
        others[turn++ % 3](c, seed, report);
    }
}

}  // namespace airframe::kernels::cuda::test
