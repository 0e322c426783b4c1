// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <thread>

#include "kernels/aligned_vector.h"
#include "kernels/attention.h"
#include "kernels/bench/cases.h"
#include "kernels/bench/guarded.h"
#include "kernels/bench/random_inputs.h"
#include "kernels/bench/timer.h"
#include "kernels/reference/attention_reference.h"
#include "kernels/simd/attention.h"
#include "kernels/simd/simd.h"

namespace airframe::kernels::bench {
namespace {

constexpr double float_limit = 1e-6, bf16_limit = 5e-3;

/// All units and merges, in `pieces` ranges taken last first.
template <class Q, class C>
void runAll(const AttentionShape& s, const AttentionInputs<Q, C>& in, Q* o, std::size_t pieces = 1) {
    const AttentionPlan plan = attentionPlan(s);
    Floats workspace(plan.workspace, std::nanf(""));
    for (std::size_t i = pieces; i-- > 0;)
        attention(s, in, o, workspace.data(), plan.units * i / pieces, plan.units * (i + 1) / pieces);
    for (std::size_t i = pieces; i-- > 0;)
        attentionMerge(s, in, o, workspace.data(), plan.merges * i / pieces, plan.merges * (i + 1) / pieces);
}

/// q and a cache whose unseen slots are NaN: every slot that is read must be one that some query sees.
struct Data {
    AttentionShape shape;
    Floats q, keys, values, sinks;
    std::vector<Bf16> q_bits, key_bits, value_bits;
    std::vector<std::size_t> lengths;

    Data(const AttentionShape& s, std::mt19937_64& random, float size = 1.0f, bool with_sinks = false, bool with_lengths = false)
        : shape(s), q(normal(random, s.batch * s.tokens * s.heads * s.d, size)),
          keys(normal(random, s.batch * s.groups * s.slots * s.d, size)), values(normal(random, keys.size())) {
        if (with_sinks) sinks = normal(random, s.heads, 2.0f);
        if (with_lengths)
            for (std::size_t b = 0; b < s.batch; ++b) lengths.push_back(s.length - random() % (s.length - s.tokens + 1));
        q_bits = roundedToBf16(q);
        for (std::size_t b = 0; b < s.batch; ++b) {
            const std::size_t length = with_lengths ? lengths[b] : s.length;
            const std::size_t seen = s.window ? std::min(length, s.window + s.tokens - 1) : length;
            std::vector<bool> visible(s.slots, false);
            for (std::size_t p = length - seen; p < length; ++p) visible[p % s.slots] = true;
            for (std::size_t row = b * s.groups * s.slots; row < (b + 1) * s.groups * s.slots; ++row)
                if (!visible[row % s.slots]) {
                    std::fill_n(keys.begin() + static_cast<std::ptrdiff_t>(row * s.d), s.d, std::nanf(""));
                    std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(row * s.d), s.d, std::nanf(""));
                }
        }
        key_bits = roundedToBf16(keys);
        value_bits = roundedToBf16(values);
    }
    template <class Q, class C>
    [[nodiscard]] AttentionInputs<Q, C> inputs() const {
        AttentionInputs<Q, C> in;
        if constexpr (sizeof(Q) == 2) in.q = q_bits.data();
        else in.q = q.data();
        if constexpr (sizeof(C) == 2) in.keys = key_bits.data(), in.values = value_bits.data();
        else in.keys = keys.data(), in.values = values.data();
        if (!sinks.empty()) in.sinks = sinks.data();
        if (!lengths.empty()) in.lengths = lengths.data();
        return in;
    }
};

template <class Q, class C>
void checkTypes(const Data& data, const std::vector<double>& want, const std::string& name, double limit, std::vector<Check>& out) {
    GuardedArray<Q> o(want.size());
    runAll(data.shape, data.inputs<Q, C>(), o.data());
    out.push_back({name, o.error(want), limit});
    GuardedArray<Q> pieces(want.size());
    runAll(data.shape, data.inputs<Q, C>(), pieces.data(), 3);
    double different = 0;
    for (std::size_t i = 0; i < want.size(); ++i) different += !(toFloat(o.data()[i]) == toFloat(pieces.data()[i]));
    out.push_back({name + ", units in three ranges", different, 0});
}

void checkData(const Data& data, const std::string& name, std::vector<Check>& out) {
    const auto want = reference::attention(data.shape, data.inputs<float, float>());
    checkTypes<float, float>(data, want, name + " float32", float_limit, out);
    checkTypes<float, Bf16>(data, want, name + " float32 over bf16", float_limit, out);
    checkTypes<Bf16, float>(data, want, name + " bf16 over float32", bf16_limit, out);
    checkTypes<Bf16, Bf16>(data, want, name + " bf16", bf16_limit, out);
    if (simd::hasBf16Dot()) {  // the other body of the same types, which processors without bf16 products use
        simd::allowBf16Dot(false);
        checkTypes<Bf16, Bf16>(data, want, name + " bf16 in float32", bf16_limit, out);
        simd::allowBf16Dot(true);
    }
}

std::string nameOf(const AttentionShape& s) {
    const auto n = [](std::size_t x) { return std::to_string(x); };
    return "attention B=" + n(s.batch) + " T=" + n(s.tokens) + " " + n(s.heads) + ":" + n(s.groups) + " d=" + n(s.d) + " of " +
           n(s.length) + (s.window ? " W=" + n(s.window) : "") + (s.ring ? " ring " + n(s.slots) : "");
}

/// The rows of a linear cache, copied into a layout [B, S, G, d], between gaps.
void checkStrides(std::mt19937_64& random, std::vector<Check>& out) {
    AttentionShape s{2, 20, 6, 2, 24, 70, 90};
    const Data data(s, random);
    const auto want = reference::attention(s, data.inputs<float, float>());
    const std::size_t row = s.groups * s.d + 5;
    Floats q(s.batch * s.tokens * (s.heads * s.d + 3), std::nanf("")), keys(s.batch * s.slots * row, std::nanf("")), values = keys;
    for (std::size_t i = 0; i < data.q.size(); ++i) q[i + i / (s.heads * s.d) * 3] = data.q[i];
    for (std::size_t i = 0; i < data.keys.size(); ++i) {
        const std::size_t c = i % s.d, j = i / s.d % s.slots, g = i / s.d / s.slots % s.groups, b = i / s.d / s.slots / s.groups;
        const std::size_t to = (b * s.slots + j) * row + g * s.d + c;
        keys[to] = data.keys[i], values[to] = data.values[i];
    }
    s.q = {s.tokens * (s.heads * s.d + 3), s.d, s.heads * s.d + 3};
    s.keys = s.values = {s.slots * row, s.d, row};
    Guarded o(want.size());
    runAll(s, AttentionInputs<float, float>{q.data(), keys.data(), values.data(), nullptr, nullptr}, o.data());
    out.push_back({"attention with strides", o.error(want), float_limit});
}

/// A prompt in one piece, in two and in seven, as a model would feed it; a linear cache and a ring.
void checkPieces(std::mt19937_64& random, bool ring, std::vector<Check>& out) {
    constexpr std::size_t length = 150, window = 40, heads = 6, d = 32;
    AttentionShape whole{1, length, heads, 2, d, length, length};
    if (ring) whole.window = window;
    const Data data(whole, random);
    const auto want = reference::attention(whole, data.inputs<float, float>());
    for (const std::size_t pieces : {1u, 2u, 7u}) {
        Guarded o(want.size());
        for (std::size_t i = 0; i < pieces; ++i) {
            const std::size_t from = length * i / pieces, to = length * (i + 1) / pieces;
            AttentionShape s = whole;
            s.tokens = to - from, s.length = to;
            Floats keys = data.keys, values = data.values;
            if (ring) {
                s.ring = true;
                s.slots = window + s.tokens - 1;
                keys.assign(s.groups * s.slots * d, std::nanf("")), values = keys;
                for (std::size_t p = 0; p < to; ++p)
                    for (std::size_t g = 0; g < s.groups; ++g) {
                        const std::size_t a = (g * length + p) * d, b = (g * s.slots + p % s.slots) * d;
                        std::copy_n(data.keys.begin() + static_cast<std::ptrdiff_t>(a), d, keys.begin() + static_cast<std::ptrdiff_t>(b));
                        std::copy_n(data.values.begin() + static_cast<std::ptrdiff_t>(a), d, values.begin() + static_cast<std::ptrdiff_t>(b));
                    }
            }
            const AttentionInputs<float, float> in{data.q.data() + from * heads * d, keys.data(), values.data(), nullptr, nullptr};
            runAll(s, in, o.data() + from * heads * d);
        }
        out.push_back({"attention in " + std::to_string(pieces) + " pieces" + (ring ? " over rings" : ""), o.error(want), float_limit});
    }
}

/// Scores of +-1e4, from whole numbers so that they are exact in float32, and one key alone in each row's window.
void checkExtremes(std::mt19937_64& random, std::vector<Check>& out) {
    for (const std::size_t tokens : {1u, 40u}) {
        AttentionShape s{1, tokens, 4, 2, 64, 700, 700};
        Data data(s, random);
        for (float& x : data.q) x = static_cast<float>(static_cast<int>(random() % 71) - 35);
        for (float& x : data.keys) x = static_cast<float>(static_cast<int>(random() % 71) - 35);
        for (std::size_t c = 0; c < s.d; ++c) {  // two keys opposite to the first query, one of them late
            data.keys[3 * s.d + c] = data.q[c] < 0 ? -35.0f : 35.0f;
            data.keys[600 * s.d + c] = data.q[c] < 0 ? 35.0f : -35.0f;
        }
        data.q_bits = roundedToBf16(data.q), data.key_bits = roundedToBf16(data.keys);
        checkData(data, nameOf(s) + " scores of 1e4", out);
        data.sinks = {1e4f, -1e4f, 100.0f, 0.0f};
        checkData(data, nameOf(s) + " scores of 1e4 and sinks", out);
    }
}

/// What must be refused: 0 where it was, 1 where it was not.
void checkRefusals(std::vector<Check>& out) {
    const AttentionShape good{1, 2, 4, 2, 8, 5, 6};
    const auto refused = [&](const std::string& name, auto&& change) {
        AttentionShape s = good;
        Floats q(64), k(96), o(64);
        AttentionInputs<float, float> in{q.data(), k.data(), k.data(), nullptr, nullptr};
        std::size_t end = attentionPlan(s).units;
        change(s, in, end);
        double accepted = 1;
        try {
            attention(s, in, o.data(), nullptr, 0, end);
        } catch (const std::invalid_argument&) {
            accepted = 0;
        }
        out.push_back({"attention refuses " + name, accepted, 0});
    };
    using S = AttentionShape;
    using In = AttentionInputs<float, float>;
    refused("odd d", [](S& s, In&, std::size_t&) { s.d = 7; });
    refused("d above 256", [](S& s, In&, std::size_t&) { s.d = 258; });
    refused("heads that do not divide", [](S& s, In&, std::size_t&) { s.heads = 5; });
    refused("a length below the tokens", [](S& s, In&, std::size_t&) { s.length = 1; });
    refused("a cache that is too short", [](S& s, In&, std::size_t&) { s.slots = 4; });
    refused("a ring that is too short", [](S& s, In&, std::size_t&) { s.slots = 4, s.ring = true, s.window = 4; });
    refused("a full ring", [](S& s, In&, std::size_t&) { s.slots = 4, s.ring = true; });
    refused("missing values", [](S&, In& in, std::size_t&) { in.values = nullptr; });
    refused("units outside the plan", [](S&, In&, std::size_t& end) { ++end; });
    refused("a missing workspace", [](S& s, In&, std::size_t& end) { s.length = s.slots = 5000, end = 1; });
    const std::size_t longer = 6;
    refused("lengths beyond length", [&](S&, In& in, std::size_t&) { in.lengths = &longer; });
}

}  // namespace

void checkAttention(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    const auto run = [&](const AttentionShape& s, float size = 1.0f, bool sinks = false, bool lengths = false) {
        checkData(Data(s, random, size, sinks, lengths),
                  nameOf(s) + (sinks ? " sinks" : "") + (lengths ? " lengths" : "") + (size > 1 ? " large" : ""), out);
    };
    for (const std::size_t tokens : {1u, 2u, 15u, 64u, 65u, 130u})
        for (const std::size_t past : {0u, 61u, 511u}) run({2, tokens, 9, 3, 64, tokens + past, tokens + past + 5});
    for (const std::size_t d : {2u, 6u, 30u, 34u, 60u, 64u, 96u, 128u, 256u})
        for (const std::size_t tokens : {1u, 5u, 35u}) run({1, tokens, 6, 2, d, 131, 131});
    for (const auto& [heads, groups] : {std::pair<std::size_t, std::size_t>{3, 3}, {9, 3}, {12, 2}, {16, 2}, {8, 1}, {5, 1}, {7, 1}})
        for (const std::size_t tokens : {1u, 23u}) run({2, tokens, heads, groups, 32, 300, 301}, 1.0f, tokens == 1);
    for (const std::size_t window : {1u, 7u, 64u, 5000u})
        for (const std::size_t tokens : {1u, 2u, 33u, 130u}) {
            AttentionShape s{2, tokens, 4, 2, 16, 200, 210, window};
            run(s, 1.0f, window == 7);
            s.ring = true;
            if (window < 200) s.slots = window + tokens - 1;  // wrapped
            run(s);
            if (window < 200) s.slots += 3, s.length = 1013;  // several times
            run(s);
        }
    for (const std::size_t tokens : {1u, 17u, 200u}) {
        run({3, tokens, 6, 2, 40, 1500, 1500}, 1.0f, true, true);
        run({3, tokens, 6, 2, 40, 4500, 4500, 2600}, 1.0f, false, true);
    }
    run({1, 1, 2, 1, 64, 300, 300}, 3.0f);
    run({1, 70, 2, 1, 64, 300, 300}, 3.0f);
    checkExtremes(random, out);
    checkStrides(random, out);
    checkPieces(random, false, out);
    checkPieces(random, true, out);
    checkRefusals(out);
}

namespace {

/// One call over `threads` threads; units in contiguous shares, as LibTorch's pool takes them.
template <class T>
void timeShape(const AttentionShape& s, unsigned threads, std::vector<Timing>& out) {
    std::mt19937_64 random(3);
    const std::size_t cache = s.batch * s.groups * s.slots * s.d;
    std::vector<T> q(s.batch * s.tokens * s.heads * s.d), o(q.size());
    AlignedVector<T> keys(cache), values(cache);  // as a model has them
    const Floats some = normal(random, 4096);
    std::size_t i = 0;
    for (T& x : q) assign(x, some[i++ * 7 % 4093]);
    for (auto* array : {&keys, &values})
        for (T& x : *array) assign(x, some[i++ * 7 % 4093]);
    const AttentionInputs<T, T> in{q.data(), keys.data(), values.data(), nullptr, nullptr};
    const AttentionPlan plan = attentionPlan(s);
    Floats workspace(plan.workspace);
    const std::size_t seen = s.window ? std::min(s.length, s.window + s.tokens - 1) : s.length;
    double pairs = 0;  // of query and key
    for (std::size_t p = s.length - s.tokens; p < s.length; ++p) pairs += static_cast<double>(s.window ? std::min(p + 1, s.window) : p + 1);
    Timing timing{nameOf(s) + (sizeof(T) == 2 ? " bf16" : ""), "call"};
    timing.bytes = static_cast<double>(sizeof(T)) * (2.0 * static_cast<double>(s.batch * s.groups * seen * s.d) + 2.0 * static_cast<double>(q.size()));
    timing.flops = 4.0 * pairs * static_cast<double>(s.batch * s.heads * s.d);
    timing.threads = threads;
    timing.bf16 = sizeof(T) == 2;
    const auto share = [&](std::size_t all, auto&& work) {
        std::vector<std::jthread> team;
        for (unsigned t = 1; t < threads; ++t) team.emplace_back([&, t] { work(all * t / threads, all * (t + 1) / threads); });
        work(0, all / threads);
    };
    timeInto(out, timing, 1, [&] {
        share(plan.units, [&](std::size_t a, std::size_t b) { attention(s, in, o.data(), workspace.data(), a, b); });
        if (plan.merges) attentionMerge(s, in, o.data(), workspace.data(), 0, plan.merges);
    });
}

}  // namespace

void timeAttention(std::vector<Timing>& out) {
    // SmolLM2-135M's layer: 9 query heads, 3 key/value heads of 64.
    for (const unsigned threads : {1u, 2u}) {
        if (threads > std::max(1u, std::thread::hardware_concurrency())) continue;
        for (const std::size_t batch : {1u, 8u})
            for (const std::size_t length : {512u, 2048u, 8192u, 32768u}) timeShape<Bf16>({batch, 1, 9, 3, 64, length, length}, threads, out);
        for (const std::size_t tokens : {512u, 2048u}) timeShape<Bf16>({1, tokens, 9, 3, 64, tokens, tokens}, threads, out);
    }
    timeShape<float>({1, 1, 9, 3, 64, 8192, 8192}, 1, out);
    timeShape<float>({1, 512, 9, 3, 64, 512, 512}, 1, out);
    timeShape<Bf16>({1, 16, 9, 3, 64, 8192, 8192}, 1, out);
    timeShape<Bf16>({1, 1, 16, 2, 128, 8192, 8192}, 1, out);
    timeShape<Bf16>({1, 512, 16, 2, 128, 512, 512}, 1, out);
    timeShape<Bf16>({1, 2048, 12, 2, 128, 2048, 2048, 512}, 1, out);
}

}  // namespace airframe::kernels::bench
