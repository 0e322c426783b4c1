// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/attention.h"

#include <hwy/aligned_allocator.h>

#include <cmath>
#include <stdexcept>
#include <string>

#include "kernels/simd/attention.h"
#include "kernels/simd/simd.h"

namespace airframe::kernels {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument("attention: " + why); }
std::string text(std::size_t n) { return std::to_string(n); }

void check(const AttentionShape& s) {
    if (s.batch == 0 || s.tokens == 0 || s.heads == 0 || s.groups == 0 || s.slots == 0)
        refuse("batch, tokens, heads, groups and slots must be at least 1");
    if (s.heads % s.groups != 0)
        refuse(text(s.heads) + " query heads cannot share " + text(s.groups) + " key/value heads; heads must be a multiple of groups");
    if (s.d % 2 != 0 || s.d == 0 || s.d > simd::attention_max_d)
        refuse("d = " + text(s.d) + " is not served; it must be even and 2 to " + text(simd::attention_max_d));
    if (s.length < s.tokens)
        refuse("length = " + text(s.length) + " must count the " + text(s.tokens) + " new tokens' own keys too");
    if (s.length > std::size_t{1} << 30) refuse("length must be at most 2^30");
    if (!s.ring && s.length > s.slots)
        refuse("length = " + text(s.length) + " keys do not lie in " + text(s.slots) + " slots; enlarge the cache or set ring");
    if (s.ring && s.length > s.slots && (s.window == 0 || s.slots < s.window + s.tokens - 1))
        refuse("a ring of " + text(s.slots) + " slots has overwritten keys that are still seen; it needs window + tokens - 1");
    if (!(s.scale >= 0) || std::isinf(s.scale)) refuse("scale must be finite and positive, or 0 for d^-0.5");
}

/// How query rows and keys are cut, the same for every sequence and head.
struct Cut {
    std::size_t shared, rows, blocks, segment, segments;  // rows and keys of one unit
    bool few;

    explicit Cut(const AttentionShape& s) : shared(s.heads / s.groups) {
        const std::size_t all = s.tokens * shared;
        few = all <= simd::attention_few_rows;
        rows = few ? all : simd::attention_block_rows;
        blocks = (all + rows - 1) / rows;
        // The keys that one block sees: its tokens differ by at most so many positions.
        const std::size_t reach = few ? s.tokens : std::min(s.tokens, (rows - 1) / shared + 2);
        const std::size_t span = s.window ? std::min(s.length, s.window + reach - 1) : s.length;
        // Tiles are cut only where the blocks are too few to go round among threads: each cut costs a copy of the sums.
        constexpr std::size_t enough = 32, long_segment = 2048;
        segment = few ? simd::attention_segment : s.batch * s.groups * blocks >= enough ? span : long_segment;
        segments = (span + segment - 1) / segment;
    }
    [[nodiscard]] std::size_t units(const AttentionShape& s) const { return s.batch * s.groups * blocks * segments; }
    [[nodiscard]] std::size_t sums(const AttentionShape& s) const { return rows * (s.d + simd::attention_sums); }
    /// Blocks are numbered 0, last, 1, last - 1 ...: later ones see more keys.
    [[nodiscard]] std::size_t block(std::size_t i) const { return i % 2 == 0 ? i / 2 : blocks - 1 - i / 2; }
    [[nodiscard]] std::size_t number(std::size_t block) const {
        return 2 * block < blocks ? 2 * block : 2 * (blocks - 1 - block) + 1;
    }
};

std::size_t or_(std::size_t given, std::size_t dense) { return given ? given : dense; }

void checkRange(const char* what, std::size_t begin, std::size_t end, std::size_t all) {
    if (begin > end || end > all)
        refuse(std::string(what) + " " + text(begin) + ".." + text(end) + " are outside the plan's " + text(all));
}

template <class Q, class C>
void checkArrays(const AttentionShape& s, const AttentionInputs<Q, C>& in, const Q* o) {
    if (!in.q) refuse("q is missing");
    if (!in.keys) refuse("keys is missing");
    if (!in.values) refuse("values is missing");
    if (!o) refuse("o is missing");
    if (in.lengths)
        for (std::size_t b = 0; b < s.batch; ++b)
            if (in.lengths[b] < s.tokens || in.lengths[b] > s.length)
                refuse("lengths[" + text(b) + "] = " + text(in.lengths[b]) + " must be " + text(s.tokens) + " (tokens) to " +
                       text(s.length) + " (length)");
}

/// Chooses the body: bf16 products where the processor has them.
template <class Q, class C>
auto bodyOf() {
    using Body = void (*)(const simd::AttentionUnit<Q, C>&, bool, float*);
    if constexpr (sizeof(Q) == 2 && sizeof(C) == 2)
        if (simd::hasBf16Dot()) return static_cast<Body>(simd::attentionUnitBf16);
    return static_cast<Body>(simd::attentionUnit<Q, C>);
}

}  // namespace

AttentionPlan attentionPlan(const AttentionShape& s) {
    check(s);
    const Cut cut(s);
    const std::size_t units = cut.units(s);
    if (cut.segments == 1) return {units, 0, 0};
    return {units, s.batch * s.tokens * s.heads, units * cut.sums(s)};
}

template <class Q, class C>
void attention(const AttentionShape& s, const AttentionInputs<Q, C>& in, Q* o, float* workspace, std::size_t begin,
               std::size_t end) {
    check(s);
    checkArrays(s, in, o);
    const Cut cut(s);
    checkRange("units", begin, end, cut.units(s));
    if (cut.segments > 1 && !workspace) refuse("workspace is missing; attentionPlan tells its size");
    const auto body = bodyOf<Q, C>();
    const auto scratch = hwy::AllocateAligned<float>(simd::attentionScratch(s.d, cut.few));
    const std::size_t q_row = or_(s.q.row, s.heads * s.d), q_head = or_(s.q.head, s.d);
    const std::size_t k_row = or_(s.keys.row, s.d), k_head = or_(s.keys.head, s.slots * s.d);
    const std::size_t v_row = or_(s.values.row, s.d), v_head = or_(s.values.head, s.slots * s.d);
    for (std::size_t i = begin; i < end; ++i) {
        const std::size_t segment = i % cut.segments, number = i / cut.segments % cut.blocks;
        const std::size_t g = i / cut.segments / cut.blocks % s.groups, b = i / cut.segments / cut.blocks / s.groups;
        simd::AttentionUnit<Q, C> u;
        u.q = in.q + b * or_(s.q.batch, s.tokens * s.heads * s.d) + g * cut.shared * q_head;
        u.q_row = q_row, u.q_head = q_head;
        u.keys = in.keys + b * or_(s.keys.batch, s.groups * s.slots * s.d) + g * k_head;
        u.values = in.values + b * or_(s.values.batch, s.groups * s.slots * s.d) + g * v_head;
        u.key_row = k_row, u.value_row = v_row;
        u.slots = s.slots, u.shared = cut.shared, u.d = s.d, u.window = s.window;
        u.first = cut.block(number) * cut.rows;
        u.rows = std::min(cut.rows, s.tokens * cut.shared - u.first);
        u.position = (in.lengths ? in.lengths[b] : s.length) - s.tokens;
        const std::size_t seen = u.last(u.rows - 1);
        u.begin = std::min(u.start(0) + segment * cut.segment, seen);
        u.end = std::min(u.begin + cut.segment, seen);
        u.scale = (s.scale > 0 ? s.scale : 1.0f / std::sqrt(static_cast<float>(s.d))) * 1.44269504f;
        u.sinks = in.sinks ? in.sinks + g * cut.shared : nullptr;
        u.o = o + (b * s.tokens * s.heads + g * cut.shared) * s.d;
        u.o_row = s.heads * s.d;
        u.sums = cut.segments > 1 ? workspace + i * cut.sums(s) : nullptr;
        body(u, cut.few, scratch.get());
    }
}

template <class Q, class C>
void attentionMerge(const AttentionShape& s, const AttentionInputs<Q, C>& in, Q* o, const float* workspace,
                    std::size_t begin, std::size_t end) {
    check(s);
    checkArrays(s, in, o);
    const Cut cut(s);
    checkRange("merges", begin, end, cut.segments > 1 ? s.batch * s.tokens * s.heads : 0);
    if (begin < end && !workspace) refuse("workspace is missing; attentionPlan tells its size");
    const std::size_t stride = cut.sums(s);
    float sum[simd::attention_max_d];
    for (std::size_t i = begin; i < end; ++i) {
        const std::size_t h = i % s.heads, t = i / s.heads % s.tokens, b = i / s.heads / s.tokens;
        const std::size_t row = t * cut.shared + h % cut.shared, pair = b * s.groups + h / cut.shared;
        const float* first = workspace + (pair * cut.blocks + cut.number(row / cut.rows)) * cut.segments * stride +
                             row % cut.rows * (s.d + simd::attention_sums);
        float top = simd::attention_no_score;
        for (std::size_t j = 0; j < cut.segments; ++j) top = std::max(top, first[j * stride + s.d]);
        float weights = in.sinks ? simd::sinkWeight(in.sinks[h], top) : 0.0f;
        std::fill_n(sum, s.d, 0.0f);
        for (std::size_t j = 0; j < cut.segments; ++j) {
            const float* part = first + j * stride;
            const float factor = std::exp2(part[s.d] - top);
            if (factor == 0.0f) continue;  // a segment that this row does not see, or far below
            weights += factor * part[s.d + 1];
            for (std::size_t c = 0; c < s.d; ++c) sum[c] += factor * part[c];
        }
        for (std::size_t c = 0; c < s.d; ++c) assign(o[i * s.d + c], sum[c] / weights);
    }
}

template <class Q, class C>
const char* attentionBackend() {
    static const std::string highway = simd::instructionSet();
    return sizeof(Q) == 2 && sizeof(C) == 2 && simd::hasBf16Dot() ? "AVX512_BF16" : highway.c_str();
}

#define AIRFRAME_ATTENTION(Q, C)                                                                                      \
    template void attention(const AttentionShape&, const AttentionInputs<Q, C>&, Q*, float*, std::size_t, std::size_t); \
    template void attentionMerge(const AttentionShape&, const AttentionInputs<Q, C>&, Q*, const float*, std::size_t,    \
                                 std::size_t);                                                                        \
    template const char* attentionBackend<Q, C>();
AIRFRAME_ATTENTION(float, float)
AIRFRAME_ATTENTION(float, Bf16)
AIRFRAME_ATTENTION(Bf16, float)
AIRFRAME_ATTENTION(Bf16, Bf16)
#undef AIRFRAME_ATTENTION

}  // namespace airframe::kernels
