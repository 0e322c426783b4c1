// SPDX-License-Identifier: GPL-3.0-or-later
// Forward forms and edge cases of the gated delta rule: lengths, sizes, shared key heads, packed sequences, pieces, gates,
// beta, keys, element types, unaligned and in-place arrays, blocks of columns.
#include <cmath>
#include <limits>
#include <stdexcept>

#include "kernels/bench/cases.h"
#include "kernels/bench/guarded.h"
#include "kernels/bench/random_inputs.h"
#include "kernels/reference/gated_delta_reference.h"

namespace airframe::kernels::bench {
namespace {

constexpr double float_limit = 1e-6, half_rows_limit = 1.0 / 256, half_state_limit = 2e-3;

/// Random inputs that a case then bends: keys of about unit length.
struct Problem {
    GatedDeltaShape shape;
    Floats q, k, v, g, beta, initial;
    std::vector<std::int64_t> offsets;  ///< empty = not packed; what shape.sequences points to
    bool l2norm = false, with_gates = true, with_initial = true;
    float scale = 0;

    Problem(const GatedDeltaShape& s, std::mt19937_64& random, std::vector<std::int64_t> packed = {})
        : shape(s), offsets(std::move(packed)) {
        if (!offsets.empty()) shape.sequences = {offsets.data(), offsets.size() - 1};
        const std::size_t tokens = s.batch * s.tokens;
        const std::size_t keys = tokens * (s.key_heads ? s.key_heads : s.heads) * s.k;
        const float unit = 1 / std::sqrt(static_cast<float>(s.k));
        q = normal(random, keys, unit), k = normal(random, keys, unit), v = normal(random, tokens * s.heads * s.v);
        g = gates(random, tokens * s.heads, Gates::normal), beta.resize(g.size());
        for (float& b : beta) b = static_cast<float>(random() % 1001) / 1000.0f;
        initial = normal(random, pairs() * s.k * s.v, 0.1f);
    }
    [[nodiscard]] GatedDeltaInputs in() const {
        return {q.data(),    k.data(), v.data(), with_gates ? g.data() : nullptr,
                beta.data(), with_initial ? initial.data() : nullptr, l2norm, scale};
    }
    [[nodiscard]] std::size_t pairs() const { return sequenceCount(shape.sequences, shape.batch) * shape.heads; }
};

void check(const Problem& p, const std::string& name, std::vector<Check>& out) {
    const auto want = reference::gatedDelta(p.shape, p.in());
    Guarded o(p.v.size()), state(p.initial.size());
    gatedDeltaForward(p.shape, p.in(), {o.data(), state.data(), nullptr}, 0, p.pairs());
    out.push_back({"gated_delta " + name + " o", o.error(want.o), float_limit});
    out.push_back({"gated_delta " + name + " state", state.error(want.state), float_limit});
    Guarded alone(p.v.size());
    gatedDeltaForward(p.shape, p.in(), {alone.data(), nullptr, nullptr}, 0, p.pairs());
    out.push_back({"gated_delta " + name + " o, state not wanted", alone.error(want.o), float_limit});
}

/// The same with q, k, v, o or the state in bf16, against the reference on the rounded inputs.
template <class T, class State>
void checkHalf(Problem p, const std::string& name, double o_limit, double state_limit, std::vector<Check>& out) {
    const auto q = roundedToBf16(p.q), k = roundedToBf16(p.k), v = roundedToBf16(p.v), initial = roundedToBf16(p.initial);
    const auto want = reference::gatedDelta(p.shape, p.in());
    const auto pick = []<class Wanted>(const Floats& full, const std::vector<Bf16>& half, const Wanted*) {
        if constexpr (std::is_same_v<Wanted, float>) return full.data();
        else return half.data();
    };
    const T* const rows = nullptr;
    const State* const states = nullptr;
    const GatedDeltaInputsOf<T, State> in{pick(p.q, q, rows), pick(p.k, k, rows), pick(p.v, v, rows), p.in().g, p.in().beta,
                                          pick(p.initial, initial, states), p.l2norm, p.scale};
    GuardedArray<T> o(p.v.size());
    GuardedArray<State> state(p.initial.size());
    gatedDeltaForward(p.shape, in, {o.data(), state.data(), nullptr}, 0, p.pairs());
    out.push_back({"gated_delta " + name + " o", o.error(want.o), o_limit});
    out.push_back({"gated_delta " + name + " state", state.error(want.state), state_limit});
}

void checkSizes(std::mt19937_64& random, std::vector<Check>& out) {
    for (const std::size_t tokens : {1u, 2u, 3u, 15u, 63u, 64u, 65u, 100u, 127u, 128u, 129u, 130u, 257u, 1000u}) {
        Problem p({1, tokens, 2, 24, 40}, random);
        p.with_initial = tokens % 3 != 0;
        p.l2norm = tokens % 2 == 0;
        check(p, "T=" + std::to_string(tokens) + " 24x40", out);
    }
    for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{60, 60}, {64, 64}, {96, 96}, {100, 100}, {128, 128}, {96, 256},
                               {256, 256}, {100, 60}, {1, 1}, {3, 129}})
        for (const std::size_t tokens : {1u, 5u, 34u})
            check(Problem({2, tokens, 1, k, v}, random), "T=" + std::to_string(tokens) + " " + std::to_string(k) + "x" + std::to_string(v), out);
    for (const std::size_t tokens : {1u, 4u}) check(Problem({1, tokens, 1, 512, 512}, random), "T=" + std::to_string(tokens) + " 512x512", out);
    for (const auto& [key_heads, heads] : {std::pair<std::size_t, std::size_t>{2, 4}, {2, 8}, {1, 3}})
        for (const std::size_t tokens : {1u, 33u})
            check(Problem({2, tokens, heads, 32, 48, key_heads}, random),
                  "T=" + std::to_string(tokens) + " heads " + std::to_string(key_heads) + ":" + std::to_string(heads), out);
}

void checkPacked(std::mt19937_64& random, std::vector<Check>& out) {
    const std::vector<std::int64_t> packs[] = {{0, 15}, {0, 0, 16}, {0, 1, 100, 300, 1200, 2048}, {0, 256, 500, 1000}, {0, 7, 7}};
    for (const auto& offsets : packs) {
        Problem p({1, static_cast<std::size_t>(offsets.back()), 2, 16, 24, 1}, random, offsets);
        check(p, "packed " + std::to_string(offsets.size() - 1) + " of " + std::to_string(offsets.back()), out);
        p.with_initial = false;
        check(p, "packed from zero, " + std::to_string(offsets.size() - 1) + " of " + std::to_string(offsets.back()), out);
    }
}

/// Prefill in pieces that hand the state on, in place, equals the reference of the whole.
void checkPieces(std::mt19937_64& random, std::vector<Check>& out) {
    const Problem p({1, 130, 2, 36, 50}, random);
    const auto want = reference::gatedDelta(p.shape, p.in());
    for (const std::size_t pieces : {1u, 2u, 7u, 130u}) {
        Guarded o(p.v.size()), state(p.initial.size());
        std::copy(p.initial.begin(), p.initial.end(), state.data());
        for (std::size_t i = 0; i < pieces; ++i) {
            const std::size_t first = 130 * i / pieces, last = 130 * (i + 1) / pieces, keys = first * 2 * 36, values = first * 2 * 50;
            auto in = p.in();
            in.q += keys, in.k += keys, in.v += values, in.g += first * 2, in.beta += first * 2, in.initial = state.data();
            gatedDeltaForward({1, last - first, 2, 36, 50}, in, {o.data() + values, state.data(), nullptr}, 0, 2);
        }
        out.push_back({"gated_delta in " + std::to_string(pieces) + " pieces o", o.error(want.o), float_limit});
        out.push_back({"gated_delta in " + std::to_string(pieces) + " pieces state", state.error(want.state), float_limit});
    }
}

void checkValues(std::mt19937_64& random, std::vector<Check>& out) {
    const float reset = -std::numeric_limits<float>::infinity();
    const GatedDeltaShape shape{1, 100, 2, 32, 40};
    for (const float gate : {-1e-12f, 0.0f, -1e-3f, -20.0f, -100.0f, -400.0f, reset}) {
        Problem p(shape, random);
        for (float& g : p.g) g = gate;
        check(p, "all g=" + std::to_string(gate), out);
        for (std::size_t i = 0; i < p.g.size(); ++i) p.g[i] = random() % 2 ? gate : 0.0f;
        check(p, "half g=" + std::to_string(gate), out);
        for (std::size_t i = 0; i < p.g.size(); ++i) p.g[i] = random() % 8 ? -0.2f : gate;
        check(p, "some g=" + std::to_string(gate), out);
    }
    for (const float beta : {0.0f, 1.0f, 2.0f}) {
        Problem p(shape, random);
        p.l2norm = true;
        for (float& b : p.beta) b = beta;
        check(p, "beta=" + std::to_string(beta), out);
        // Of unit length as given: with beta = 2 a hundred equal keys multiply the error of rounding one by 400.
        p.l2norm = false;
        for (std::size_t h = 0; h < 2; ++h) {
            double squares = 0;
            for (std::size_t i = 0; i < 32; ++i) squares += static_cast<double>(p.k[h * 32 + i]) * p.k[h * 32 + i];
            for (std::size_t i = 0; i < 32; ++i) p.k[h * 32 + i] = static_cast<float>(p.k[h * 32 + i] / std::sqrt(squares));
        }
        for (std::size_t i = 0; i < p.k.size(); ++i) p.k[i] = p.k[i % (2 * 32)];
        check(p, "beta=" + std::to_string(beta) + ", the same key again and again", out);
        p.with_gates = false;
        check(p, "beta=" + std::to_string(beta) + ", the same key, no decay", out);
    }
    Problem zero(shape, random);
    zero.l2norm = true;
    std::fill(zero.k.begin(), zero.k.end(), 0.0f);
    check(zero, "k=0", out);
    Problem no_values(shape, random);
    std::fill(no_values.v.begin(), no_values.v.end(), 0.0f);
    check(no_values, "v=0", out);
    Problem plain(shape, random);
    plain.with_gates = false;
    plain.scale = 0.7f;
    check(plain, "no g, scale 0.7", out);
}

void checkTypes(std::mt19937_64& random, std::vector<Check>& out) {
    for (const std::size_t tokens : {1u, 2u, 65u, 300u})
        for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{64, 64}, {36, 50}}) {
            Problem p({1, tokens, 4, k, v, 2}, random);
            p.l2norm = tokens != 65;
            const std::string name = "T=" + std::to_string(tokens) + " " + std::to_string(k) + "x" + std::to_string(v);
            checkHalf<Bf16, float>(p, name + " bf16 rows", half_rows_limit, float_limit, out);
            checkHalf<float, Bf16>(p, name + " bf16 state", float_limit, half_state_limit, out);
            checkHalf<Bf16, Bf16>(p, name + " bf16 rows and state", half_rows_limit, half_state_limit, out);
        }
    Problem packed({1, 16, 2, 36, 50}, random, {0, 0, 16});
    checkHalf<Bf16, Bf16>(packed, "packed bf16 rows and state", half_rows_limit, half_state_limit, out);
}

/// Arrays that start at no multiple of a vector, and the same work cut into blocks of columns.
void checkPlaces(std::mt19937_64& random, std::vector<Check>& out) {
    for (const std::size_t tokens : {1u, 33u}) {
        const Problem p({1, tokens, 2, 48, 150}, random);
        const auto want = reference::gatedDelta(p.shape, p.in());
        for (const std::size_t shift : {1u, 3u}) {
            const auto moved = [&](const Floats& x) {
                Floats y(shift, 0.0f);
                y.insert(y.end(), x.begin(), x.end());
                return y;
            };
            const Floats q = moved(p.q), k = moved(p.k), v = moved(p.v);
            auto in = p.in();
            in.q = q.data() + shift, in.k = k.data() + shift, in.v = v.data() + shift;
            Guarded o(p.v.size() + shift), state(p.initial.size() + shift);
            std::fill_n(o.data(), shift, 0.0f), std::fill_n(state.data(), shift, 0.0f);
            std::copy(p.initial.begin(), p.initial.end(), state.data() + shift);
            in.initial = state.data() + shift;
            gatedDeltaForward(p.shape, in, {o.data() + shift, state.data() + shift, nullptr}, 0, 2);
            auto want_o = want.o, want_state = want.state;
            want_o.insert(want_o.begin(), shift, 0.0), want_state.insert(want_state.begin(), shift, 0.0);
            const std::string name = "gated_delta T=" + std::to_string(tokens) + " unaligned, in place";
            out.push_back({name + " o", o.error(want_o), float_limit});
            out.push_back({name + " state", state.error(want_state), float_limit});
        }
        Guarded o(p.v.size()), state(p.initial.size());
        for (const auto& [begin, end] : {std::pair<std::size_t, std::size_t>{4, 6}, {0, 1}, {1, 4}})
            gatedDeltaForwardBlocks(p.shape, p.in(), GatedDeltaOutputs{o.data(), state.data(), nullptr}, begin, end);
        out.push_back({"gated_delta T=" + std::to_string(tokens) + " in blocks o", o.error(want.o), float_limit});
        out.push_back({"gated_delta T=" + std::to_string(tokens) + " in blocks state", state.error(want.state), float_limit});
    }
}

/// What must be refused; 1 for every wrong call that is not.
void checkRefusals(std::mt19937_64& random, std::vector<Check>& out) {
    const Problem p({1, 4, 3, 8, 8}, random);
    Floats o(p.v.size()), state(p.initial.size());
    const auto refused = [&](GatedDeltaShape shape, GatedDeltaInputs in, GatedDeltaOutputs to, std::size_t end) {
        try {
            gatedDeltaForward(shape, in, to, 0, end);
        } catch (const std::invalid_argument&) {
            return 0;
        }
        return 1;
    };
    const GatedDeltaOutputs to{o.data(), state.data(), nullptr};
    auto no_keys = p.in();
    no_keys.k = nullptr;
    const std::int64_t wrong[] = {0, 3, 2, 4}, right[] = {0, 4};
    auto descending = p.shape, packed = p.shape;
    descending.sequences = {wrong, 3}, packed.sequences = {right, 1};
    const int missed = refused({1, 0, 3, 8, 8}, p.in(), to, 3) + refused({1, 4, 3, 8, 8, 2}, p.in(), to, 3) +
                       refused(p.shape, no_keys, to, 3) + refused(descending, p.in(), to, 3) +
                       refused(packed, p.in(), {o.data(), state.data(), state.data()}, 3) + refused(p.shape, p.in(), to, 4);
    out.push_back({"gated_delta refuses wrong calls", static_cast<double>(missed), 0});
}

}  // namespace

void checkGatedDeltaForms(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    checkSizes(random, out);
    checkPacked(random, out);
    checkPieces(random, out);
    checkValues(random, out);
    checkTypes(random, out);
    checkPlaces(random, out);
    checkRefusals(random, out);
}

}  // namespace airframe::kernels::bench
