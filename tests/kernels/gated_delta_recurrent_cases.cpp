// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/gated_delta_recurrent.cuh"

#include "tests/kernels/gated_delta_inputs.h"

namespace airframe::kernels::cuda::test {
namespace {

struct Case {
    GatedDeltaShape shape;
    bench::Gates gates;
    bool l2norm, carried;
    bool unaligned = false;  ///< as if the arrays did not begin at multiples of 16 bytes
    bool gated = true;
    std::vector<std::int64_t> offsets{};  ///< of packed sequences
};

template <int L, int R, class T, class State>
void launch(const GatedDeltaArguments<T, State>& p, std::size_t pairs, std::uint64_t seed) {
    run("gated_delta_recurrent", gatedDeltaRecurrentGrid<L>(pairs, static_cast<std::size_t>(p.v)), seed,
        [&] { gatedDeltaRecurrent<L, R>(p); });
}

template <class T, class State>
void check(const Case& c, std::uint64_t seed, Report& report) {
    GatedDeltaShape shape = c.shape;
    if (!c.offsets.empty()) shape.sequences = {c.offsets.data(), c.offsets.size() - 1};
    GatedDeltaProblem problem(shape, c.gates, c.l2norm, c.carried, seed);
    problem.become<T, State>(c.gated);
    const auto& s = problem.shape;
    const std::size_t pairs = sequenceCount(s.sequences, s.batch) * s.heads;
    GlobalArray<T> q("q", inputs<T>(problem.q)), k("k", inputs<T>(problem.k)), v("v", inputs<T>(problem.v));
    GlobalArray<float> g("g", problem.g), beta("beta", problem.beta);
    GlobalArray<std::int64_t> offsets("offsets", c.offsets);
    auto out = unwritten<T>("o", problem.want.o.size());
    auto state = unwritten<State>("state", problem.want.state.size());
    if (c.carried) state = GlobalArray<State>("state", inputs<State>(problem.initial));
    GatedDeltaArguments<T, State> p;
    p.tokens = static_cast<int>(s.tokens), p.heads = static_cast<int>(s.heads);
    p.key_heads = static_cast<int>(s.key_heads);
    p.k = static_cast<int>(s.k), p.v = static_cast<int>(s.v);
    p.scale = 1 / std::sqrt(static_cast<float>(s.k));
    p.l2norm = c.l2norm;
    p.wide = s.v % 4 == 0 && !c.unaligned;
    p.queries = q, p.keys = k, p.values = v, p.betas = beta;
    p.out = out, p.state = state;
    if (c.gated) p.decays = g;
    if (c.carried) p.initial = state;  // in place
    if (!c.offsets.empty()) p.offsets = offsets;
    if (s.k <= 64)
        launch<4, 8>(p, pairs, seed);
    else if (s.k <= 96)
        launch<4, 12>(p, pairs, seed);
    else if (s.k <= 128)
        launch<4, 16>(p, pairs, seed);
    else if (s.k <= 256)
        launch<4, 32>(p, pairs, seed);
    else
        launch<2, 32>(p, pairs, seed);
    const std::string name = problem.name() + element_names<T, State>;
    report.compare(name + " o", relativeError(out.values(), problem.want.o), sizeof(T) == 2 ? 1.0 / 256 : 1e-6);
    report.compare(name + " state", relativeError(state.values(), problem.want.state), sizeof(State) == 2 ? 1.0 / 256 : 1e-6);
}

}  // namespace

void checkGatedDeltaRecurrent(std::uint64_t seed, Report& report) {
    using bench::Gates;
    const Case cases[] = {{{1, 1, 2, 64, 64}, Gates::normal, true, true},
                          {{2, 3, 1, 60, 37}, Gates::normal, true, true},
                          {{1, 4, 1, 7, 6}, Gates::reset, false, true},
                          {{1, 15, 2, 64, 32}, Gates::reset, true, false},
                          {{1, 1, 1, 96, 256}, Gates::normal, true, true},
                          {{1, 2, 1, 128, 128}, Gates::strong, true, true},
                          {{1, 2, 1, 256, 20}, Gates::normal, false, true},
                          {{1, 2, 1, 400, 20}, Gates::normal, true, true},
                          {{1, 2, 1, 512, 33}, Gates::normal, true, true},
                          {{1, 65, 1, 16, 8}, Gates::strong, true, false},
                          {{1, 2, 1, 16, 7}, Gates::normal, true, true},
                          {{1, 2, 1, 16, 8}, Gates::normal, true, true, true},
                          {{1, 5, 6, 20, 12, 2}, Gates::normal, true, true},
                          {{2, 3, 2, 20, 12}, Gates::normal, true, true, false, false},
                          {{1, 9, 4, 20, 12, 2}, Gates::normal, true, true, false, true, {0, 1, 1, 6, 9, 9}}};
    for (const auto& c : cases) {
        check<float, float>(c, seed, report);
        check<float, Bf16>(c, seed, report);
        check<Bf16, float>(c, seed, report);
        check<Bf16, Bf16>(c, seed, report);
    }
}

}  // namespace airframe::kernels::cuda::test
