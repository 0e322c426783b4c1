// SPDX-License-Identifier: GPL-3.0-or-later
#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/bench/cases.h"
#include "kernels/bench/guarded.h"
#include "kernels/bench/linear_scan_inputs.h"
#include "kernels/bench/timer.h"
#include "kernels/reference/linear_scan_reference.h"

namespace airframe::kernels::bench {
namespace {

/// Up to 11 tokens go one by one.
double limit(const LinearScanShape& s) { return !s.sequences.offsets && s.tokens < 12 ? 1e-6 : 1e-5; }

void checkShape(const LinearScanShape& s, Gates kind, bool carried, bool skipped, const std::string& name,
                std::mt19937_64& random, std::vector<Check>& out) {
    const LinearScanCall inputs(s, kind, random);
    const auto want = reference::linearScan(s, inputs.floats(carried, skipped));
    Guarded o(inputs.outputs()), state(want.state.size());
    linearScan(s, inputs.floats(carried, skipped), {o.data(), state.data()}, 0, inputs.pairs());
    out.push_back({name + " o", o.error(want.o), limit(s)});
    out.push_back({name + " state", state.error(want.state), limit(s)});
    GuardedArray<Bf16> o16(inputs.outputs());
    Guarded state16(want.state.size());
    for (std::size_t pair = 0; pair < inputs.pairs(); ++pair)  // one at a time: heads that share keys must not need each other
        linearScan(s, inputs.halves(carried, skipped), {o16.data(), state16.data()}, pair, pair + 1);
    out.push_back({name + " bf16 o", o16.error(want.o), 1.0 / 256});
    out.push_back({name + " bf16 state", state16.error(want.state), limit(s)});
    // A state kept in bf16: read as it is, computed in float32, rounded once; in place, as in decoding.
    LinearScanCall kept = inputs;
    const std::vector<Bf16> initial = roundedToBf16(kept.initial);
    const auto want_kept = reference::linearScan(s, kept.floats(carried, skipped));
    GuardedArray<Bf16> half(want_kept.state.size());
    std::copy(initial.begin(), initial.end(), half.data());
    const LinearScanInputs<float> f = inputs.floats(carried, skipped);
    Guarded o_kept(inputs.outputs());
    for (std::size_t pair = 0, next = 0; pair < inputs.pairs(); pair = next) {
        next = std::min(pair + 3, inputs.pairs());
        linearScan(s, LinearScanInputs<float, Bf16>{f.q, f.k, f.v, f.g, carried ? half.data() : nullptr, f.skip, f.skip_input},
                   LinearScanOutputs<float, Bf16>{o_kept.data(), half.data()}, pair, next);
    }
    out.push_back({name + " kept in bf16 o", o_kept.error(want_kept.o), limit(s)});
    out.push_back({name + " kept in bf16 state", half.error(want_kept.state), 1.0 / 256});
    Guarded only(inputs.outputs());
    linearScan(s, inputs.floats(carried, skipped), {only.data(), nullptr}, 0, inputs.pairs());
    out.push_back({name + " o without state", only.error(want.o), limit(s)});
}

std::string sizes(const LinearScanShape& s) {
    return "linear_scan T=" + std::to_string(s.tokens) + " " + std::to_string(s.k) + "x" + std::to_string(s.v);
}

LinearScanShape shapeOf(std::size_t batch, std::size_t tokens, std::size_t heads, std::size_t k, std::size_t v, Decay decay) {
    LinearScanShape s;
    s.batch = batch, s.tokens = tokens, s.heads = heads, s.k = k, s.v = v, s.decay = decay;
    s.scale = 1 / std::sqrt(static_cast<float>(k));
    return s;
}

constexpr std::pair<Decay, const char*> decays[] = {
    {Decay::none, "none"}, {Decay::constant, "constant"}, {Decay::head, "head"}, {Decay::key, "key"}};

/// A prompt in 1, 2 and 7 pieces, the state updated in place and at an address that no vector is aligned to.
void checkPieces(Decay decay, const char* word, std::mt19937_64& random, std::vector<Check>& out) {
    const LinearScanShape s = shapeOf(1, 130, 2, 60, 100, decay);
    const LinearScanCall inputs(s, Gates::normal, random);
    const auto want = reference::linearScan(s, inputs.floats(true, false));
    for (const std::size_t parts : {1u, 2u, 7u}) {
        Guarded o(inputs.outputs() + 1), state(want.state.size() + 1);
        std::copy(inputs.initial.begin(), inputs.initial.end(), state.data() + 1);
        state.data()[0] = o.data()[0] = 0;
        for (std::size_t part = 0, from = 0; part < parts; ++part) {
            LinearScanShape piece = s;
            const std::size_t to = s.tokens * (part + 1) / parts;
            piece.tokens = to - from;
            LinearScanInputs<float> in = inputs.floats(true, false);
            in.q += from * s.heads * s.k, in.k += from * s.heads * s.k, in.v += from * s.heads * s.v;
            in.g += decay == Decay::key ? from * s.heads * s.k : decay == Decay::head ? from * s.heads : 0;
            in.initial = state.data() + 1;
            linearScan(piece, in, {o.data() + 1 + from * s.heads * s.v, state.data() + 1}, 0, s.heads);
            from = to;
        }
        auto wanted_o = want.o, wanted_state = want.state;
        wanted_o.insert(wanted_o.begin(), 0), wanted_state.insert(wanted_state.begin(), 0);
        const std::string name = std::string("linear_scan decay ") + word + " in " + std::to_string(parts) + " parts in place";
        out.push_back({name + " o", o.error(wanted_o), 1e-5});
        out.push_back({name + " state", state.error(wanted_state), 1e-5});
    }
}

void checkPacked(const std::vector<std::int64_t>& offsets, Decay decay, std::mt19937_64& random, std::vector<Check>& out) {
    LinearScanShape s = shapeOf(1, static_cast<std::size_t>(offsets.back()), 4, 20, 36, decay);
    s.q_heads = s.k_heads = 2;
    s.sequences = {offsets.data(), offsets.size() - 1};
    for (const bool carried : {false, true})
        checkShape(s, Gates::normal, carried, false, sizes(s) + " packed " + std::to_string(s.sequences.count) + (carried ? " carried" : ""),
                   random, out);
}

/// A wrong call must throw: 0 if it does.
double refused(LinearScanShape s) {
    const Floats x(4096, 0.5f);
    Floats y(4096);
    try {
        linearScan(s, LinearScanInputs<float>{x.data(), x.data(), x.data(), x.data()}, {y.data(), nullptr}, 0, 1);
    } catch (const std::invalid_argument&) {
        return 0;
    }
    return 1;
}

void checkRefusals(std::vector<Check>& out) {
    const std::int64_t decreasing[] = {0, 3, 2, 4}, short_of_end[] = {0, 3};
    LinearScanShape good = shapeOf(1, 4, 4, 8, 8, Decay::head), s = good;
    out.push_back({"linear_scan a right call is taken", 1 - refused(s), 0});
    s.k_heads = 3;
    out.push_back({"linear_scan heads that do not divide are refused", refused(s), 0});
    s = good, s.k = 513;
    out.push_back({"linear_scan K = 513 is refused", refused(s), 0});
    s = good, s.v_stride = 31;
    out.push_back({"linear_scan a short stride is refused", refused(s), 0});
    s = good, s.sequences = {decreasing, 3};
    out.push_back({"linear_scan decreasing offsets are refused", refused(s), 0});
    s = good, s.sequences = {short_of_end, 1};
    out.push_back({"linear_scan offsets short of T are refused", refused(s), 0});
}

}  // namespace

void checkLinearScan(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const auto& [decay, word] : decays) {
        for (const std::size_t tokens : {1u, 2u, 3u, 7u, 11u, 12u, 15u, 16u, 17u, 31u, 32u, 33u, 63u, 64u, 65u, 100u, 127u, 130u})
            for (const auto& [kind, gate] : gate_kinds) {
                const bool odd = tokens % 2 != 0;
                const LinearScanShape s = shapeOf(2, tokens, 3, odd ? 24 : 64, odd ? 40 : 64, decay);
                checkShape(s, kind, tokens % 4 != 0, tokens % 3 == 0, sizes(s) + " decay " + word + " " + gate, random, out);
            }
        for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{1, 1}, {7, 65}, {60, 100}, {96, 256}, {128, 64}, {100, 33}, {512, 20}, {20, 512}}) {
            const LinearScanShape s = shapeOf(1, 40, 2, k, v, decay);
            checkShape(s, Gates::normal, true, true, sizes(s) + " decay " + word, random, out);
        }
        const LinearScanShape longer = shapeOf(1, 1000, 1, 20, 36, decay);
        checkShape(longer, Gates::normal, true, false, sizes(longer) + " decay " + word, random, out);
        checkPieces(decay, word, random, out);
        for (const auto& offsets : {std::vector<std::int64_t>{0, 15}, {0, 0, 16}, {0, 1, 100, 300}, {0, 40, 40, 47, 47}})
            checkPacked(offsets, decay, random, out);
    }
    for (const std::size_t tokens : {3u, 50u})
        for (const auto& [q, k, v, g] : {std::array<std::size_t, 4>{2, 2, 8, 8}, {1, 1, 8, 8}, {8, 1, 1, 8}, {8, 2, 2, 2}, {4, 2, 8, 4}}) {
            LinearScanShape s = shapeOf(1, tokens, 8, 24, 40, tokens % 2 ? Decay::head : Decay::key);
            s.q_heads = q, s.k_heads = k, s.v_heads = v, s.g_heads = g;
            s.q_stride = q * s.k + 5, s.k_stride = k * s.k + 3, s.v_stride = v * s.v + 1, s.skip_stride = v * s.v + 7;
            for (const Decay decay : {Decay::head, Decay::key, Decay::constant}) {
                s.decay = decay;
                checkShape(s, Gates::normal, true, true, sizes(s) + " heads " + std::to_string(q) + "," + std::to_string(k) + "," + std::to_string(v),
                           random, out);
            }
        }
    checkRefusals(out);
}

void timeLinearScan(std::vector<Timing>& out) {
    struct Case {
        const char* name;
        Decay decay;
        std::size_t heads, shared, k, v;
    };
    for (const Case& c : {Case{"GLA 64x64", Decay::key, 32, 32, 64, 64}, {"GLA 128x128", Decay::key, 16, 16, 128, 128},
                          {"GLA 128x256", Decay::key, 4, 4, 128, 256}, {"RetNet 128x256", Decay::head, 8, 8, 128, 256},
                          {"Mamba2 128x64", Decay::head, 32, 1, 128, 64}, {"linear 128x128", Decay::none, 8, 8, 128, 128}})
        for (const std::size_t tokens : {1u, 8u, 64u, 512u}) {
            LinearScanShape s = shapeOf(1, tokens, c.heads, c.k, c.v, c.decay);
            s.q_heads = s.k_heads = c.shared;
            std::mt19937_64 random(1);
            const LinearScanCall inputs(s, Gates::normal, random);
            Floats o(inputs.outputs());
            const auto state = hwy::AllocateAligned<float>(inputs.initial.size());  // as tensor libraries align it
            std::copy(inputs.initial.begin(), inputs.initial.end(), state.get());
            auto in = inputs.floats(true, c.shared == 1);
            in.initial = state.get();
            const double units = static_cast<double>(tokens * c.heads), kv = static_cast<double>(c.k * c.v);
            const double rows = static_cast<double>(2 * c.k * c.shared) / static_cast<double>(c.heads) + static_cast<double>(2 * c.v) +
                                (c.decay == Decay::key ? static_cast<double>(c.k) : 1.0);
            timeInto(out, {std::string("linear_scan ") + c.name + " T=" + std::to_string(tokens), "token and head", 0, 0,
                           4 * (rows + 2 * kv / static_cast<double>(tokens)), (c.decay == Decay::none ? 4 : 5) * kv},
                     units, [&] { linearScan(s, in, {o.data(), state.get()}, 0, c.heads); });
        }
}

}  // namespace airframe::kernels::bench
