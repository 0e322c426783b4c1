// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/delta_product.cuh"

#include "kernels/bench/delta_product_inputs.h"
#include "kernels/reference/delta_product_reference.h"
#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {
namespace {

struct Case {
    std::size_t batch, tokens, heads, k, v;
    bench::Gates gates = bench::Gates::normal;
    bool carried = true;
    bool unaligned = false;               ///< as if the arrays did not begin at multiples of 16 bytes
    std::vector<std::int64_t> offsets{};  ///< of packed sequences
};

template <int L, int R, class T, class State>
void launch(const DeltaProductArguments<T, State>& p, std::size_t pairs, std::uint64_t seed) {
    run("delta_product", deltaProductGrid<L>(pairs, static_cast<std::size_t>(p.v)), seed, [&] { deltaProduct<L, R>(p); });
}

template <class T, class State = float>
void check(const Case& c, std::uint64_t seed, Report& report) {
    std::mt19937_64 random(seed);
    DeltaProductShape s;
    s.batch = c.batch, s.tokens = c.tokens, s.heads = c.heads, s.k = c.k, s.v = c.v, s.scale = 0.5f;
    if (!c.offsets.empty()) s.sequences = {c.offsets.data(), c.offsets.size() - 1};
    bench::DeltaProductCall call(s, c.gates, random);
    if (sizeof(State) == 2) (void)bench::roundedToBf16(call.initial);
    const auto want = reference::deltaProduct(s, call.floats(c.carried));
    GlobalArray<T> r("r", inputs<T>(call.r)), k("k", inputs<T>(call.k)), v("v", inputs<T>(call.v)), a("a", inputs<T>(call.a)),
        b("b", inputs<T>(call.b));
    GlobalArray<float> w("w", call.w);
    GlobalArray<std::int64_t> offsets("offsets", c.offsets);
    auto out = unwritten<T>("o", call.outputs());
    auto state = unwritten<State>("state", want.state.size());
    if (c.carried) state = GlobalArray<State>("state", inputs<State>(call.initial));
    DeltaProductArguments<T, State> p;
    p.tokens = static_cast<int>(s.tokens), p.heads = static_cast<int>(s.heads);
    p.k = static_cast<int>(s.k), p.v = static_cast<int>(s.v);
    p.scale = s.scale;
    p.wide = s.v % 4 == 0 && !c.unaligned;
    p.reads = r, p.keys = k, p.values = v, p.removals = a, p.returns = b, p.decays = w, p.out = out, p.state = state;
    if (c.carried) p.initial = state;  // in place
    if (!c.offsets.empty()) p.offsets = offsets;
    if (s.k <= 64)
        launch<2, 4>(p, call.pairs(), seed);
    else if (s.k <= 128)
        launch<2, 8>(p, call.pairs(), seed);
    else if (s.k <= 256)
        launch<1, 8>(p, call.pairs(), seed);
    else
        launch<1, 16>(p, call.pairs(), seed);
    const std::string name = std::to_string(s.k) + "x" + std::to_string(s.v) + " T=" + std::to_string(s.tokens) +
                             (sizeof(T) == 2 ? " bf16" : "") + (sizeof(State) == 2 ? " kept in bf16" : "");
    report.compare(name + " o", relativeError(out.values(), want.o), sizeof(T) == 2 ? 1.0 / 256 : 1e-6);
    report.compare(name + " state", relativeError(state.values(), want.state), sizeof(State) == 2 ? 1.0 / 256 : 1e-6);
}

}  // namespace

void checkDeltaProduct(std::uint64_t seed, Report& report) {
    using bench::Gates;
    const Case cases[] = {{1, 1, 2, 64, 64},
                          {2, 3, 1, 60, 37, Gates::normal},
                          {2, 4, 3, 7, 6, Gates::reset},
                          {1, 15, 2, 64, 32, Gates::strong, false},
                          {1, 3, 1, 100, 8, Gates::reset},
                          {1, 2, 1, 128, 40, Gates::zero},
                          {1, 2, 1, 200, 20, Gates::normal},
                          {1, 2, 1, 256, 33, Gates::strong},
                          {1, 3, 1, 300, 20, Gates::normal},
                          {1, 2, 1, 512, 8, Gates::normal},
                          {1, 2, 1, 16, 8, Gates::normal, true, true},
                          {1, 9, 2, 20, 12, Gates::normal, true, false, {0, 1, 1, 6, 9, 9}},
                          {1, 5, 1, 20, 12, Gates::normal, false, false, {0, 0, 5}}};
    for (const auto& c : cases) {
        check<float>(c, seed, report);
        check<Bf16>(c, seed, report);
        check<float, Bf16>(c, seed, report);
    }
}

}  // namespace airframe::kernels::cuda::test
