// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernels/linear_scan_problem.h"

namespace airframe::kernels::cuda::test {
namespace {

template <bool PerKey, int L, int R, class T, class State>
void launch(const LinearScanArguments<T, State>& p, std::size_t pairs, std::uint64_t seed) {
    run("linear_scan", linearScanGrid<L>(pairs, static_cast<std::size_t>(p.v)), seed, [&] { linearScan<PerKey, L, R>(p); });
}
template <bool PerKey, class T, class State>
void launchFor(const LinearScanArguments<T, State>& p, std::size_t pairs, std::uint64_t seed) {
    if (p.k <= 64)
        launch<PerKey, 2, 4>(p, pairs, seed);
    else if (p.k <= 128)
        launch<PerKey, 2, 8>(p, pairs, seed);
    else if (p.k <= 256)
        launch<PerKey, 2, 16>(p, pairs, seed);
    else
        launch<PerKey, 1, 16>(p, pairs, seed);
}

template <class T, class State = float>
void check(const LinearScanCase& c, std::uint64_t seed, Report& report) {
    LinearScanProblem<T, State> problem(c, seed);
    problem.s.decay == Decay::key ? launchFor<true>(problem.p, problem.pairs(), seed)
                                  : launchFor<false>(problem.p, problem.pairs(), seed);
    problem.compare(report, sizeof(T) == 2 ? 1.0 / 256 : 1e-6, 1e-6);
}

}  // namespace

void checkLinearScan(std::uint64_t seed, Report& report) {
    using bench::Gates;
    const LinearScanCase cases[] = {{1, 1, 64, 64, Decay::head, Gates::normal, true, true},
                          {2, 3, 60, 37, Decay::key, Gates::normal, true, true},
                          {2, 5, 7, 6, Decay::constant, Gates::normal, false, true},
                          {1, 15, 64, 32, Decay::none, Gates::normal, true, false},
                          {1, 6, 20, 12, Decay::key, Gates::reset, true, false},
                          {1, 6, 20, 11, Decay::head, Gates::strong, true, true},
                          {1, 3, 100, 8, Decay::key, Gates::strong, true, false, 1},
                          {1, 2, 128, 40, Decay::head, Gates::reset, true, false, 1},
                          {1, 2, 256, 20, Decay::key, Gates::normal, true, false, 1},
                          {1, 2, 512, 33, Decay::head, Gates::normal, true, false, 1},
                          {1, 2, 300, 36, Decay::key, Gates::normal, true, true, 1},
                          {1, 1, 16, 8, Decay::head, Gates::normal, true, false, 1, 0, 0, 0, 0, 0, true},
                          {1, 3, 16, 8, Decay::head, Gates::normal, true, true, 8, 4, 2, 8, 1, 4},
                          {1, 3, 12, 8, Decay::key, Gates::normal, true, true, 8, 1, 8, 2, 4, 3},
                          {1, 3, 12, 8, Decay::constant, Gates::normal, true, true, 4, 1, 1, 1, 1, 8},
                          {1, 9, 20, 12, Decay::head, Gates::normal, true, false, 2, 1, 1, 0, 0, 0, false, {0, 1, 1, 6, 9, 9}},
                          {1, 5, 20, 12, Decay::key, Gates::normal, false, false, 2, 1, 1, 0, 0, 0, false, {0, 5}},
                          // So long that a decay rounded alike at every token would add up to more than is allowed.
                          {1, 300, 24, 40, Decay::constant, Gates::strong, true, true, 8, 0, 0, 0, 0, 0, false, {0, 0, 1, 100, 300}}};
    for (const auto& c : cases) {
        check<float>(c, seed, report);
        check<Bf16>(c, seed, report);
        check<float, Bf16>(c, seed, report);
    }
}

}  // namespace airframe::kernels::cuda::test
