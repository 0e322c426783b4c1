// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "kernels/bench/cuda_support.h"
#include "kernels/cuda/operators.h"
#include "kernels/reference/gated_delta_reference.h"

// The gated delta rule on a CUDA device.

namespace airframe::kernels::bench {
namespace {

using cuda::DeviceArray;
using cuda::RulePath;

/// One comparison; offsets are of packed sequences, none = not packed.
struct Case {
    GatedDeltaShape shape;
    Gates kind = Gates::normal;
    const char* word = "normal";
    bool l2norm = true, in_place = false, gated = true;
    RulePath path = RulePath::recurrent;
    std::vector<std::int64_t> offsets{};
};

template <class T, class State>
void check(const Case& c, std::mt19937_64& random, std::vector<Check>& out) {
    GatedDeltaShape s = c.shape;
    if (!c.offsets.empty()) s.sequences = {c.offsets.data(), c.offsets.size() - 1};
    const std::size_t tokens = s.batch * s.tokens, key_heads = s.key_heads ? s.key_heads : s.heads;
    Floats q = normal(random, tokens * key_heads * s.k), k = normal(random, q.size()), v = normal(random, tokens * s.heads * s.v),
           initial = normal(random, sequenceCount(s.sequences, s.batch) * s.heads * s.k * s.v, 0.1f), beta(tokens * s.heads);
    const Floats g = gates(random, tokens * s.heads, c.kind);
    if (!c.l2norm)
        for (float& x : k) x /= 1.1f * std::sqrt(static_cast<float>(s.k));
    for (float& b : beta) b = static_cast<float>(random() % 1001) / 1000.0f;
    const DeviceArray<T> dq(elements<T>(q)), dk(elements<T>(k)), dv(elements<T>(v));
    const DeviceArray<float> dg(g), dbeta(beta);
    const DeviceArray<State> dinitial(elements<State>(initial));
    const DeviceArray<std::int64_t> doffsets(c.offsets);
    const auto want = reference::gatedDelta(
        s, {q.data(), k.data(), v.data(), c.gated ? g.data() : nullptr, beta.data(), initial.data(), c.l2norm});
    const DeviceGuardedArray<T> o(want.o.size());
    const auto last = c.in_place ? DeviceGuardedArray<State>(elements<State>(initial)) : DeviceGuardedArray<State>(initial.size());
    if (!c.offsets.empty()) s.sequences.offsets = doffsets.data();
    const cuda::Stream stream;
    cuda::DeviceMemory workspace;
    cuda::gatedDelta(s,
                     GatedDeltaInputsOf<T, State>{dq.data(), dk.data(), dv.data(), c.gated ? dg.data() : nullptr, dbeta.data(),
                                                  c.in_place ? last.data() : dinitial.data(), c.l2norm},
                     GatedDeltaOutputsOf<T, State>{o.data(), last.data(), nullptr}, workspace, stream, c.path);
    stream.wait();
    const bool chunks = c.path == RulePath::chunked;
    const auto limit = [&](std::size_t bytes) { return chunks ? 5e-3 : bytes == 2 ? 1.0 / 256 : 1e-6; };
    const std::string name = std::string("cuda gated_delta ") + (chunks ? "chunked " : "recurrent ") + c.word +
                             " T=" + std::to_string(s.tokens) + " " + std::to_string(s.k) + "x" + std::to_string(s.v) +
                             (sizeof(T) == 2 ? " bf16" : "") + (sizeof(State) == 2 ? " state bf16" : "");
    out.push_back({name + " o", o.error(want.o), limit(sizeof(T))});
    out.push_back({name + " state", last.error(want.state), limit(sizeof(State))});
}

template <class T, class State>
void checkAll(std::mt19937_64& random, std::vector<Check>& out) {
    for (const auto& [k, v] : {std::pair<std::size_t, std::size_t>{64, 64}, {60, 37}, {96, 256}, {128, 128}, {256, 20}, {400, 36}})
        for (const auto& [kind, word] : gate_kinds) {
            for (const std::size_t tokens : {1u, 15u, 65u})
                check<T, State>({{2, tokens, 3, k, v}, kind, word, tokens != 15, tokens == 1}, random, out);
            if (k > 128) continue;  // needs more shared memory than every device has
            for (const std::size_t tokens : {1u, 63u, 64u, 130u, 300u})
                // Of one token enough heads that a single product near zero does not decide.
                check<T, State>({{2, tokens, tokens == 1 ? 24u : 3u, k, v}, kind, word, true, tokens == 64, true, RulePath::chunked}, random, out);
        }
    for (const auto path : {RulePath::recurrent, RulePath::chunked}) {
        check<T, State>({{2, 70, 6, 64, 40, 2}, Gates::normal, "shared keys", true, true, true, path}, random, out);
        check<T, State>({{2, 70, 2, 64, 40}, Gates::normal, "no gates", true, false, false, path}, random, out);
    }
    check<T, State>({{1, 300, 4, 64, 40, 2}, Gates::normal, "packed", true, true, true, RulePath::recurrent, {0, 0, 1, 100, 300}},
                    random, out);
}

template <class T>
void time(std::size_t heads, std::size_t k, std::size_t v, std::size_t batch, std::size_t tokens, std::vector<Timing>& out) {
    const GatedDeltaShape s{batch, tokens, heads, k, v};
    const std::size_t rows = batch * tokens * heads;
    std::mt19937_64 random(1);
    Floats host_q = normal(random, rows * k), host_k = normal(random, rows * k), host_v(rows * v, 0.1f);
    const DeviceArray<T> q(elements<T>(host_q)), kk(elements<T>(host_k)), vv(elements<T>(host_v)), o(std::vector<T>(rows * v));
    const DeviceArray<float> g(Floats(rows, -0.1f)), beta(Floats(rows, 0.5f)), state(Floats(batch * heads * k * v));
    const cuda::Stream stream;
    cuda::DeviceMemory workspace;
    const auto work = [&] {
        cuda::gatedDelta(s, GatedDeltaInputsOf<T>{q.data(), kk.data(), vv.data(), g.data(), beta.data(), state.data(), true},
                         GatedDeltaOutputsOf<T>{o.data(), state.data(), nullptr}, workspace, stream);
    };
    const double kv = static_cast<double>(k * v);
    const Timing timing{"cuda gated_delta B=" + std::to_string(batch) + " H=" + std::to_string(heads) + " " + std::to_string(k) + "x" +
                            std::to_string(v) + " T=" + std::to_string(tokens) + (sizeof(T) == 2 ? " bf16" : ""),
                        "token and head",
                        0,
                        0,
                        sizeof(T) * static_cast<double>(2 * k + 2 * v) + 8.0 + 8 * kv / static_cast<double>(tokens),
                        7 * kv};
    timeOnDeviceInto(out, timing, static_cast<double>(rows), stream, work);
    if (tokens > 1) return;
    work();
    stream.wait();
    const cuda::Graph graph(stream, work);
    Timing captured = timing;
    captured.name += " graph";
    timeOnDeviceInto(out, captured, static_cast<double>(rows), stream, [&] { graph.launch(stream); });
}

}  // namespace

void checkCudaGatedDelta(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    checkAll<float, float>(random, out);
    checkAll<float, Bf16>(random, out);
    checkAll<Bf16, float>(random, out);
    checkAll<Bf16, Bf16>(random, out);
}

void timeCudaGatedDelta(std::vector<Timing>& out) {
    for (const auto& [heads, k, v] :
         {std::tuple<std::size_t, std::size_t, std::size_t>{32, 128, 128}, {12, 96, 256}, {16, 128, 256}})
        for (const auto& [batch, tokens] : {std::pair<std::size_t, std::size_t>{1, 1}, {64, 1}, {1, 2048}, {1, 8192}}) {
            time<float>(heads, k, v, batch, tokens, out);
            time<Bf16>(heads, k, v, batch, tokens, out);
        }
}

}  // namespace airframe::kernels::bench
