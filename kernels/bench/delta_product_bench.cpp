// SPDX-License-Identifier: GPL-3.0-or-later
#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "kernels/bench/cases.h"
#include "kernels/bench/delta_product_inputs.h"
#include "kernels/bench/guarded.h"
#include "kernels/bench/timer.h"
#include "kernels/reference/delta_product_reference.h"

namespace airframe::kernels::bench {
namespace {

DeltaProductShape shapeOf(std::size_t batch, std::size_t tokens, std::size_t heads, std::size_t k, std::size_t v) {
    DeltaProductShape s;
    s.batch = batch, s.tokens = tokens, s.heads = heads, s.k = k, s.v = v;
    return s;
}

std::string sizes(const DeltaProductShape& s) {
    return "delta_product T=" + std::to_string(s.tokens) + " " + std::to_string(s.k) + "x" + std::to_string(s.v);
}

void checkShape(const DeltaProductShape& s, Gates kind, bool carried, const std::string& name, std::mt19937_64& random,
                std::vector<Check>& out) {
    const DeltaProductCall inputs(s, kind, random);
    const auto want = reference::deltaProduct(s, inputs.floats(carried));
    Guarded o(inputs.outputs()), state(want.state.size()), state16(want.state.size()), only(inputs.outputs());
    GuardedArray<Bf16> o16(inputs.outputs());
    deltaProduct(s, inputs.floats(carried), {o.data(), state.data()}, 0, inputs.pairs());
    deltaProduct(s, inputs.floats(carried), {only.data(), nullptr}, 0, inputs.pairs());
    for (std::size_t pair = 0; pair < inputs.pairs(); ++pair)
        deltaProduct(s, inputs.halves(carried), {o16.data(), state16.data()}, pair, pair + 1);
    out.push_back({name + " o", o.error(want.o), 1e-6});
    out.push_back({name + " state", state.error(want.state), 1e-6});
    out.push_back({name + " o without state", only.error(want.o), 1e-6});
    out.push_back({name + " bf16 o", o16.error(want.o), 1.0 / 256});
    out.push_back({name + " bf16 state", state16.error(want.state), 1e-6});
    // A state kept in bf16: read as it is, computed in float32, rounded once; in place, as in decoding.
    DeltaProductCall kept = inputs;
    const std::vector<Bf16> initial = roundedToBf16(kept.initial);
    const auto want_kept = reference::deltaProduct(s, kept.floats(carried));
    GuardedArray<Bf16> half(want_kept.state.size());
    std::copy(initial.begin(), initial.end(), half.data());
    const DeltaProductInputs<Bf16> h = inputs.halves(carried);
    GuardedArray<Bf16> o_kept(inputs.outputs());
    for (std::size_t pair = 0, next = 0; pair < inputs.pairs(); pair = next) {
        next = std::min(pair + 3, inputs.pairs());
        deltaProduct(s, DeltaProductInputs<Bf16, Bf16>{h.r, h.w, h.k, h.v, h.a, h.b, carried ? half.data() : nullptr},
                     DeltaProductOutputs<Bf16, Bf16>{o_kept.data(), half.data()}, pair, next);
    }
    out.push_back({name + " kept in bf16 o", o_kept.error(want_kept.o), 1.0 / 256});
    out.push_back({name + " kept in bf16 state", half.error(want_kept.state), 1.0 / 256});
}

/// A prompt in 1, 2 and 7 pieces, the state updated in place and at an address that no vector is aligned to.
void checkPieces(std::size_t v, std::mt19937_64& random, std::vector<Check>& out) {
    const DeltaProductShape s = shapeOf(1, 50, 2, 64, v);
    const DeltaProductCall inputs(s, Gates::normal, random);
    const auto want = reference::deltaProduct(s, inputs.floats(true));
    for (const std::size_t parts : {1u, 2u, 7u, 50u}) {
        Guarded o(inputs.outputs()), state(want.state.size() + 1);
        std::copy(inputs.initial.begin(), inputs.initial.end(), state.data() + 1);
        state.data()[0] = 0;
        for (std::size_t part = 0, from = 0; part < parts; ++part) {
            DeltaProductShape piece = s;
            const std::size_t to = s.tokens * (part + 1) / parts, keys = from * s.heads * s.k, values = from * s.heads * s.v;
            piece.tokens = to - from;
            auto in = inputs.floats(true);
            in.r += keys, in.w += keys, in.k += keys, in.a += keys, in.b += keys, in.v += values;
            in.initial = state.data() + 1;
            deltaProduct(piece, in, {o.data() + values, state.data() + 1}, 0, s.heads);
            from = to;
        }
        auto wanted_state = want.state;
        wanted_state.insert(wanted_state.begin(), 0);
        const std::string name = sizes(s) + " in " + std::to_string(parts) + " parts in place";
        out.push_back({name + " o", o.error(want.o), 1e-6});
        out.push_back({name + " state", state.error(wanted_state), 1e-6});
    }
}

/// A wrong call must throw: 0 if it does.
double refused(const DeltaProductShape& s, bool whole) {
    const Floats x(4096, 0.5f);
    Floats y(4096);
    try {
        const float* const b = whole ? x.data() : nullptr;
        deltaProduct(s, DeltaProductInputs<float>{x.data(), x.data(), x.data(), x.data(), x.data(), b}, {y.data(), nullptr}, 0, 1);
    } catch (const std::invalid_argument&) {
        return 0;
    }
    return 1;
}

}  // namespace

void checkDeltaProduct(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const std::size_t tokens : {1u, 2u, 15u, 16u, 17u, 33u, 64u, 100u, 130u})
        for (const auto& [kind, gate] : gate_kinds) {
            const bool odd = tokens % 2 != 0;
            const DeltaProductShape s = shapeOf(2, tokens, 3, odd ? 24 : 64, odd ? 40 : 64);
            checkShape(s, kind, tokens % 4 != 0, sizes(s) + " " + gate, random, out);
        }
    for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{1, 1}, {7, 65}, {60, 100}, {64, 64}, {96, 256}, {128, 128}, {512, 20}, {20, 512}})
        for (const std::size_t tokens : {1u, 20u}) {
            const DeltaProductShape s = shapeOf(1, tokens, 2, k, v);
            checkShape(s, Gates::normal, true, sizes(s), random, out);
        }
    for (const std::size_t v : {64u, 100u, 128u}) checkPieces(v, random, out);
    for (const auto& offsets : {std::vector<std::int64_t>{0, 15}, {0, 0, 16}, {0, 1, 100, 300}, {0, 40, 40, 47, 47}})
        for (const bool carried : {false, true}) {
            DeltaProductShape s = shapeOf(1, static_cast<std::size_t>(offsets.back()), 2, 20, 36);
            s.sequences = {offsets.data(), offsets.size() - 1};
            checkShape(s, Gates::normal, carried, sizes(s) + " packed" + (carried ? " carried" : ""), random, out);
        }
    const std::int64_t decreasing[] = {0, 3, 2, 4};
    DeltaProductShape s = shapeOf(1, 4, 4, 8, 8);
    out.push_back({"delta_product a right call is taken", 1 - refused(s, true), 0});
    out.push_back({"delta_product a missing array is refused", refused(s, false), 0});
    s.sequences = {decreasing, 3};
    out.push_back({"delta_product decreasing offsets are refused", refused(s, true), 0});
    s = shapeOf(1, 4, 4, 513, 8);
    out.push_back({"delta_product K = 513 is refused", refused(s, true), 0});
}

void timeDeltaProduct(std::vector<Timing>& out) {
    for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{64, 64}, {128, 128}})
        for (const std::size_t tokens : {1u, 64u, 512u}) {
            const DeltaProductShape s = shapeOf(1, tokens, 32, k, v);
            std::mt19937_64 random(1);
            const DeltaProductCall inputs(s, Gates::normal, random);
            Floats o(inputs.outputs());
            const auto state = hwy::AllocateAligned<float>(inputs.initial.size());  // as tensor libraries align it
            std::copy(inputs.initial.begin(), inputs.initial.end(), state.get());
            auto in = inputs.floats(true);
            in.initial = state.get();
            const double kv = static_cast<double>(k * v), rows = static_cast<double>(5 * k + 2 * v);
            timeInto(out, {sizes(s), "token and head", 0, 0, 4 * (rows + 2 * kv / static_cast<double>(tokens)), 9 * kv},
                     static_cast<double>(tokens * s.heads), [&] { deltaProduct(s, in, {o.data(), state.get()}, 0, s.heads); });
        }
}

}  // namespace airframe::kernels::bench
