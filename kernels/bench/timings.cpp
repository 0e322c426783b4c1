// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <functional>

#include "kernels/bench/cases.h"
#include "kernels/dynamic_conv.h"
#include "kernels/gated_delta.h"
#include "kernels/gated_norm.h"
#include "kernels/jet_gates.h"
#include "kernels/rms_norm.h"
#include "kernels/rotary.h"
#include "kernels/swiglu.h"

namespace airframe::kernels::bench {
namespace {

Timing timeIt(const std::string& name, double units, const std::function<void()>& run) {
    using Clock = std::chrono::steady_clock;
    run();
    std::vector<double> times;
    for (int i = 0; i < 20; ++i) {
        const auto start = Clock::now();
        run();
        times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count() / units);
    }
    std::sort(times.begin(), times.end());
    return {name, times.front(), times[times.size() / 2]};
}

/// What stands between the matrix products of SmolLM2-135M's layers, in bf16, per token.
void timeRows(std::vector<Timing>& out) {
    constexpr std::size_t rows = 2048, hidden = 576, intermediate = 1536, heads = 9, d = 64;
    const JetGatesShape gates{heads, hidden, hidden, 72};
    const std::vector<Bf16> x(rows * 2 * intermediate, toBf16(0.5f));
    std::vector<Bf16> y(rows * intermediate);
    const std::vector<float> weight(hidden, 1.0f), table(rows * d, 0.5f), o(rows * hidden, 0.1f);
    std::vector<float> q(rows * hidden), k(rows * hidden), decay(rows * heads), beta(rows * heads);
    const auto add = [&](const char* name, const std::function<void()>& run) { out.push_back(timeIt(name, rows, run)); };
    add("rms_norm n=576 bf16", [&] { rmsNorm(x.data(), weight.data(), hidden, 1e-5f, y.data(), 0, rows); });
    add("swiglu n=1536 bf16", [&] { swiglu(x.data(), intermediate, y.data(), 0, rows); });
    add("rotary 9x64 bf16", [&] { rotary({rows, heads, d, hidden}, x.data(), table.data(), table.data(), y.data(), 0, rows); });
    add("jet_gates 9x64 bf16", [&] {
        jetGates(gates, x.data(), {weight.data(), weight.data()}, {q.data(), k.data(), decay.data(), beta.data(), y.data()}, 0, rows);
    });
    add("gated_norm 9x64 bf16", [&] { gatedNorm({heads, d, hidden, 1e-5f}, o.data(), weight.data(), x.data(), y.data(), 0, rows); });
}

}  // namespace

std::vector<Timing> runTimings() {
    std::vector<Timing> out;
    for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{64, 64}, {128, 128}, {96, 256}})
        for (const std::size_t tokens : {1u, 64u, 512u}) {
            const GatedDeltaShape s{1, tokens, 12, k, v};
            const std::size_t rows = tokens * s.heads;
            std::vector<float> q(rows * k, 0.1f), kk(rows * k, 0.1f), vv(rows * v, 0.1f), g(rows, -0.1f), beta(rows, 0.5f);
            std::vector<float> o(rows * v), state(s.heads * k * v), saved(s.heads * savedStates(tokens) * k * v);
            std::vector<float> dq(rows * k), dk(rows * k), dv(rows * v), dg(rows), db(rows), initial(s.heads * k * v);
            const GatedDeltaInputs in{q.data(), kk.data(), vv.data(), g.data(), beta.data(), initial.data(), true};
            const std::string name = "gated_delta " + std::to_string(k) + "x" + std::to_string(v) + " T=" + std::to_string(tokens);
            const double units = static_cast<double>(rows);
            out.push_back(timeIt(name + " forward", units, [&] {
                gatedDeltaForward(s, in, {o.data(), state.data(), saved.data()}, 0, s.heads);
            }));
            out.push_back(timeIt(name + " backward", units, [&] {
                gatedDeltaBackward(s, in, {o.data(), nullptr, saved.data(), dq.data(), dk.data(), dv.data(), dg.data(),
                                           db.data(), initial.data()}, 0, s.heads);
            }));
        }
    const DynamicConvShape s{4, 512, 576};
    const std::size_t n = s.batch * s.tokens * s.channels;
    std::vector<float> u(n, 0.1f), taps(n * conv_taps, 0.1f), y(n), du(n), dtaps(n * conv_taps);
    const DynamicConvInputs<float> in{u.data(), taps.data(), nullptr};
    const double units = static_cast<double>(s.batch * s.tokens);
    out.push_back(timeIt("dynamic_conv C=576 forward", units, [&] { dynamicConvForward(s, in, DynamicConvOutputs<float>{y.data(), nullptr}, 0, s.channels); }));
    out.push_back(timeIt("dynamic_conv C=576 backward", units, [&] {
        dynamicConvBackward(s, in, {y.data(), du.data(), dtaps.data(), nullptr}, 0, s.channels);
    }));
    timeRows(out);
    return out;
}

}  // namespace airframe::kernels::bench
