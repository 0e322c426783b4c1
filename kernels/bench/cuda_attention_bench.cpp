// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/bench/cuda_support.h"
#include "kernels/cuda/operators.h"
#include "kernels/reference/attention_reference.h"

// Attention on a CUDA device: decode and prefill over a cache.

namespace airframe::kernels::bench {
namespace {

using cuda::DeviceArray;

struct Attention {
    AttentionShape shape;
    bool sinks = false;
    std::vector<std::size_t> lengths = {};
};

std::string words(const AttentionShape& s) {
    return "T=" + std::to_string(s.tokens) + " H=" + std::to_string(s.heads) + "/" + std::to_string(s.groups) +
           " d=" + std::to_string(s.d) + " length=" + std::to_string(s.length) +
           (s.window ? " W=" + std::to_string(s.window) : std::string());
}

template <class Q>
void checkOne(const Attention& c, const char* element, std::mt19937_64& random, std::vector<Check>& out) {
    const AttentionShape& s = c.shape;
    const std::size_t n = s.batch * s.groups * s.slots * s.d;
    Floats k = normal(random, n), v = normal(random, n), q = normal(random, s.batch * s.tokens * s.heads * s.d, 2.0f);
    const Floats sinks = normal(random, s.heads, 3.0f);
    const DeviceArray<Bf16> dk(roundedToBf16(k)), dv(roundedToBf16(v));
    if constexpr (sizeof(Q) == 4) static_cast<void>(roundedToBf16(q));  // as a bf16 model's queries are
    const DeviceArray<Q> dq(elements<Q>(q));
    const auto want = reference::attention(s, {q.data(), k.data(), v.data(), c.sinks ? sinks.data() : nullptr,
                                               c.lengths.empty() ? nullptr : c.lengths.data()});
    const DeviceArray<float> dsinks(sinks);
    const DeviceArray<std::size_t> dlengths(c.lengths);
    const DeviceGuardedArray<Q> o(q.size());
    const cuda::Stream stream;
    cuda::DeviceMemory workspace;
    cuda::attention(s,
                    AttentionInputs<Q, Bf16>{dq.data(), dk.data(), dv.data(), c.sinks ? dsinks.data() : nullptr,
                                             c.lengths.empty() ? nullptr : dlengths.data()},
                    o.data(), workspace, stream);
    stream.wait();
    out.push_back({std::string("cuda attention ") + element + " " + words(s), o.error(want), 5e-3});
}

void timeOne(std::vector<Timing>& out, const AttentionShape& s) {
    const std::size_t n = s.batch * s.groups * s.slots * s.d, queries = s.batch * s.tokens * s.heads * s.d;
    std::mt19937_64 random(1);
    Floats some = normal(random, 1 << 16);
    const auto bits = roundedToBf16(some);
    std::vector<Bf16> cache(n), q(queries);
    for (std::size_t i = 0; i < n; ++i) cache[i] = bits[i % bits.size()];
    for (std::size_t i = 0; i < queries; ++i) q[i] = bits[(i * 7) % bits.size()];
    const DeviceArray<Bf16> dq(q), dk(cache), dv(cache), o(q);
    const cuda::Stream stream;
    cuda::DeviceMemory workspace;
    const auto work = [&] {
        cuda::attention(s, AttentionInputs<Bf16, Bf16>{dq.data(), dk.data(), dv.data()}, o.data(), workspace, stream);
    };
    // Positions that a query sees, on average.
    double seen = 0;
    for (std::size_t t = 0; t < s.tokens; ++t) {
        const std::size_t position = s.length - s.tokens + t + 1;
        seen += static_cast<double>(s.window ? std::min(position, s.window) : position);
    }
    seen /= static_cast<double>(s.tokens);
    const double d = static_cast<double>(s.d), heads = static_cast<double>(s.heads),
                 groups = static_cast<double>(s.groups), tokens = static_cast<double>(s.tokens),
                 span = static_cast<double>(s.window ? std::min(s.length, s.window + s.tokens - 1) : s.length);
    timeOnDeviceInto(out,
                     {"cuda attention B=" + std::to_string(s.batch) + " " + words(s), "token", 0, 0,
                      4 * heads * d + 4 * groups * d * span / tokens, 4 * heads * d * seen},
                     static_cast<double>(s.batch * s.tokens), stream, work);
}

}  // namespace

void checkCudaAttention(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    // {B, T, H, G, d, length, S, W, ring, scale, strides of q, keys, values}
    constexpr AttentionStrides token_major{700 * 2 * 128, 128, 2 * 128};  // a cache [B, 700, 2, 128]
    const Attention cases[] = {
        {{1, 1, 1, 1, 64, 1, 1}},
        {{2, 1, 12, 2, 128, 691, 700, 0, false, 0, {}, token_major, token_major}, true},
        {{1, 1, 16, 1, 64, 3000, 3000, 2963}},
        {{3, 1, 4, 4, 128, 1100, 900, 900, true}, true, {1100, 1, 577}},
        {{2, 1, 6, 2, 96, 801, 900}, true},
        {{1, 1, 34, 2, 256, 500, 500}, true},
        {{2, 1, 20, 1, 64, 2000, 2000}, true, {2000, 3}},
        {{1, 5, 3, 3, 64, 5, 5}},
        {{2, 70, 12, 2, 128, 691, 700, 0, false, 0, {}, token_major, token_major}, true},
        {{1, 300, 9, 3, 64, 300, 300}},
        {{1, 200, 9, 3, 64, 900, 400, 150, true}, true},
        {{2, 65, 10, 2, 96, 333, 340, 70}, true},
        {{1, 77, 4, 1, 256, 200, 200}},
        {{3, 17, 3, 1, 128, 2500, 2500}, true, {2500, 17, 600}},
    };
    for (const Attention& c : cases) {
        checkOne<float>(c, "float32", random, out);
        checkOne<Bf16>(c, "bf16", random, out);
    }
}

void timeCudaAttention(std::vector<Timing>& out) {
    for (const std::size_t length : {1152u, 65536u}) timeOne(out, {1, 1, 12, 2, 128, length, length});
    timeOne(out, {64, 1, 12, 2, 128, 8192, 8192});
    timeOne(out, {1, 1, 9, 3, 64, 2048, 2048});
    for (const std::size_t d : {64u, 128u, 256u})
        for (const std::size_t tokens : {512u, 8192u}) timeOne(out, {1, tokens, 16, 4, d, tokens, tokens});
    timeOne(out, {1, 8192, 16, 4, 128, 8192, 8192, 1024});
    timeOne(out, {1, 512, 16, 4, 128, 65536, 65536});
    timeOne(out, {1, 16, 12, 2, 128, 65536, 65536});
}

}  // namespace airframe::kernels::bench
