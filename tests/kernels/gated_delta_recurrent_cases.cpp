// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/gated_delta_recurrent.cuh"

#include "tests/kernels/gated_delta_inputs.h"

namespace airframe::kernels::cuda::test {

void checkGatedDeltaRecurrent(std::uint64_t seed, Report& report) {
    struct Case {
        GatedDeltaShape shape;
        bench::Gates gates;
        bool l2norm, carried;
        bool unaligned = false;  ///< as if the arrays did not begin at multiples of 16 bytes
    };
    const Case cases[] = {{{1, 1, 2, 64, 64}, bench::Gates::normal, true, true},
                          {{2, 3, 1, 60, 37}, bench::Gates::normal, true, true},
                          {{1, 4, 1, 7, 6}, bench::Gates::reset, false, true},
                          {{1, 15, 2, 64, 32}, bench::Gates::reset, true, false},
                          {{1, 1, 1, 96, 256}, bench::Gates::normal, true, true},
                          {{1, 2, 1, 128, 128}, bench::Gates::strong, true, true},
                          {{1, 2, 1, 256, 20}, bench::Gates::normal, false, true},
                          {{1, 65, 1, 16, 8}, bench::Gates::strong, true, false},
                          {{1, 2, 1, 16, 7}, bench::Gates::normal, true, true},
                          {{1, 2, 1, 16, 8}, bench::Gates::normal, true, true, true}};
    for (const auto& c : cases) {
        const GatedDeltaProblem problem(c.shape, c.gates, c.l2norm, c.carried, seed);
        const auto& s = problem.shape;
        GlobalArray<float> q("q", problem.q), k("k", problem.k), v("v", problem.v), g("g", problem.g),
            beta("beta", problem.beta);
        auto out = unwritten("o", s.batch * s.tokens * s.heads * s.v),
             state = unwritten("state", s.batch * s.heads * s.k * s.v);
        if (c.carried) state = GlobalArray<float>("state", problem.initial);
        GatedDeltaArguments p;
        p.tokens = static_cast<int>(s.tokens), p.heads = static_cast<int>(s.heads);
        p.k = static_cast<int>(s.k), p.v = static_cast<int>(s.v);
        p.scale = 1 / std::sqrt(static_cast<float>(s.k));
        p.l2norm = c.l2norm;
        p.wide = s.v % 4 == 0 && !c.unaligned;
        p.queries = q, p.keys = k, p.values = v, p.decays = g, p.betas = beta;
        p.out = out, p.state = state;
        if (c.carried) p.initial = state;  // in place
        run("gated_delta_recurrent", gatedDeltaRecurrentGrid(s.batch * s.heads, s.v), seed, [&] {
            if (s.k <= 64)
                gatedDeltaRecurrent<4>(p);
            else if (s.k <= 96)
                gatedDeltaRecurrent<6>(p);
            else if (s.k <= 128)
                gatedDeltaRecurrent<8>(p);
            else
                gatedDeltaRecurrent<16>(p);
        });
        report.compare(problem.name() + " o", relativeError(out.values(), problem.want.o), 1e-6);
        report.compare(problem.name() + " state", relativeError(state.values(), problem.want.state), 1e-6);
    }
}

}  // namespace airframe::kernels::cuda::test
