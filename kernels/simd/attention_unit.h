// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "kernels/bf16.h"

// What the back ends of attention share: the description of one unit, and the walk over its keys. A back end is a class
// `Ops` of static functions over whole tiles, built for its instruction set; the walk itself is plain C++ around them.

namespace airframe::kernels::simd {

/// Query rows of one key/value head are numbered token by token: row r is query head r % shared of token r / shared.
inline constexpr std::size_t attention_few_rows = 8;     ///< up to here keys are taken one by one, beyond in tiles
inline constexpr std::size_t attention_block_rows = 96;  ///< query rows of a unit, a multiple of every sub-block
inline constexpr std::size_t attention_tile = 128;       ///< keys that one tile holds at most, even
inline constexpr std::size_t attention_segment = 512;    ///< keys of a unit of few rows
inline constexpr std::size_t attention_max_d = 256;

/// Sums of one row over one segment, [d] and behind them largest score and sum of weights.
inline constexpr std::size_t attention_sums = 2;
/// A row's largest score before it has seen any: finite, because inf - inf is not a number.
inline constexpr float attention_no_score = std::numeric_limits<float>::lowest();

template <class Q, class C>
struct AttentionUnit {
    const Q* q = nullptr;  // of token 0 and the group's first head
    std::size_t q_row = 0, q_head = 0;
    const C *keys = nullptr, *values = nullptr;  // slot 0 of the head
    std::size_t key_row = 0, value_row = 0;
    std::size_t slots = 0;
    std::size_t shared = 0, d = 0;
    std::size_t first = 0, rows = 0;  // query rows of this unit
    std::size_t begin = 0, end = 0;   // positions of keys that some row of this unit sees, this segment's part
    std::size_t position = 0;         // of token 0
    std::size_t window = 0;           // 0 = none
    float scale = 0;                  // of the scores, to base 2
    const float* sinks = nullptr;     // of the group's heads
    Q* o = nullptr;                   // of token 0 and the group's first head
    std::size_t o_row = 0;
    float* sums = nullptr;  // [rows, d + 2] of this segment; nullptr = the unit sees every key and writes o

    [[nodiscard]] const Q* query(std::size_t row) const {
        return q + (first + row) / shared * q_row + (first + row) % shared * q_head;
    }
    /// First position behind those that a row sees.
    [[nodiscard]] std::size_t last(std::size_t row) const { return position + (first + row) / shared + 1; }
    /// First position that a row sees.
    [[nodiscard]] std::size_t start(std::size_t row) const {
        return window && last(row) > window ? last(row) - window : 0;
    }
};

/// Calls work(position, slot, count) for pieces of at most `most` positions of [begin, end) whose slots are contiguous.
template <class Work>
void eachRun(std::size_t begin, std::size_t end, std::size_t slots, std::size_t most, Work&& work) {
    while (begin < end) {
        const std::size_t slot = begin % slots, count = std::min({most, end - begin, slots - slot});
        work(begin, slot, count);
        begin += count;
    }
}

/// Weight of a sink's logit beside scores whose largest, to base 2, is `top`. It may overflow: then the sink takes all.
[[nodiscard]] inline float sinkWeight(float sink, float top) { return std::exp2(sink * 1.44269504f - top); }

/// The output of a row, or its sums, from the sum over v, the largest score (to base 2) and the sum of weights.
template <class Ops, class Q, class C>
void finishRow(const AttentionUnit<Q, C>& u, std::size_t row, const float* sum, float top, float weights) {
    if (u.sums) {
        float* to = u.sums + row * (u.d + attention_sums);
        std::memcpy(to, sum, u.d * sizeof(float));
        to[u.d] = top;
        to[u.d + 1] = weights;
        return;
    }
    const std::size_t r = u.first + row, head = r % u.shared;
    const float rest = u.sinks ? sinkWeight(u.sinks[head], top) : 0.0f;
    Ops::writeRow(sum, 1.0f / (weights + rest), u.d, u.o + r / u.shared * u.o_row + head * u.d);
}

/// Hands out aligned pieces of one scratch array.
class Scratch {
  public:
    explicit Scratch(float* at) : m_at(at) {}
    float* take(std::size_t floats) {
        float* piece = m_at;
        m_at += (floats + 15) / 16 * 16;
        return piece;
    }

  private:
    float* m_at;
};

/// Largest d as whole vectors of any instruction set.
[[nodiscard]] constexpr std::size_t paddedSize(std::size_t d) { return (d + 31) / 32 * 32; }

/// Floats that one unit needs beside the inputs and outputs.
[[nodiscard]] constexpr std::size_t attentionScratch(std::size_t d, bool few) {
    const std::size_t width = paddedSize(d), rows = attention_block_rows;
    return few ? attention_few_rows * (attention_segment + 2 * width + 64) + attention_tile * width
               : 2 * rows * width + 2 * attention_tile * width + 2 * attention_tile * rows + 5 * rows + 256;
}

/// Few query rows (decoding): all scores of the segment, their softmax, then the values; each key is read once.
template <class Ops, class Q, class C>
void attendFew(const AttentionUnit<Q, C>& u, float* scratch_at) {
    Scratch scratch(scratch_at);
    constexpr std::size_t stride = attention_segment + 16;  // products of four keys write up to three too many
    const std::size_t width = paddedSize(u.d);
    float* q = scratch.take(u.rows * width);
    float* scores = scratch.take(u.rows * stride);
    float* sums = scratch.take(u.rows * width);
    float* converted = scratch.take(attention_tile * width);
    Ops::loadRows(u, q, width);
    eachRun(u.begin, u.end, u.slots, attention_tile, [&](std::size_t at, std::size_t slot, std::size_t count) {
        Ops::scoreRows(q, width, u.rows, u.keys + slot * u.key_row, u.key_row, count, u.d, converted,
                       scores + (at - u.begin), stride);
    });
    float top[attention_few_rows], weights[attention_few_rows];
    const std::size_t count = u.end - u.begin;
    for (std::size_t r = 0; r < u.rows; ++r) {
        const std::size_t from = std::min(std::max(u.start(r), u.begin), u.end) - u.begin;
        const std::size_t to = std::min(std::max(u.last(r), u.begin), u.end) - u.begin;
        std::fill_n(scores + r * stride, from, -std::numeric_limits<float>::infinity());
        if (to < count) std::fill_n(scores + r * stride + to, count - to, -std::numeric_limits<float>::infinity());
        weights[r] = Ops::softmaxRow(scores + r * stride, count, u.scale, top + r);
    }
    std::fill_n(sums, u.rows * width, 0.0f);
    eachRun(u.begin, u.end, u.slots, attention_tile, [&](std::size_t at, std::size_t slot, std::size_t n) {
        Ops::mixRows(scores, stride, at - u.begin, u.rows, u.values + slot * u.value_row, u.value_row, n, u.d, converted,
                     sums, width);
    });
    for (std::size_t r = 0; r < u.rows; ++r) finishRow<Ops>(u, r, sums + r * width, top[r], weights[r]);
}

/// Many query rows: the block against tiles of keys. Scores stand with the queries in the lanes, [key, row], so that
/// keys need no transposition, a key's elements are broadcast as they lie in the cache, and softmax adds whole vectors.
template <class Ops, class Q, class C>
void attendTiles(const AttentionUnit<Q, C>& u, float* scratch_at) {
    Scratch scratch(scratch_at);
    const std::size_t width = paddedSize(u.d), part = Ops::partRows(), parts = (u.rows + part - 1) / part, rows = parts * part;
    float* q = scratch.take(rows * width);     // by part: [d, part]
    float* sums = scratch.take(rows * width);  // [rows, width]
    float* keys = scratch.take(attention_tile * width);
    float* values = scratch.take(attention_tile * width);
    float* scores = scratch.take(attention_tile * part);
    float* weights = scratch.take(attention_tile * part);
    float* top = scratch.take(rows);
    float* total = scratch.take(rows);
    float* factor = scratch.take(part);
    auto* limits = reinterpret_cast<std::int32_t*>(scratch.take(part));
    std::fill_n(sums, rows * width, 0.0f);
    std::fill_n(top, rows, attention_no_score);
    std::fill_n(total, rows, 0.0f);
    for (std::size_t p = 0; p < parts; ++p) Ops::loadColumns(u, p * part, q + p * part * width);
    eachRun(u.begin, u.end, u.slots, attention_tile, [&](std::size_t at, std::size_t slot, std::size_t run) {
        const auto* k = Ops::keyRows(u.keys + slot * u.key_row, u.key_row, run, u.d, keys);
        const std::size_t k_row = Ops::keyStride(u.key_row, u.d, width);
        const auto* v = Ops::valueRows(u.values + slot * u.value_row, u.value_row, run, u.d, values, width);
        const std::size_t v_row = Ops::valueStride(u.value_row, u.d, width);
        for (std::size_t p = 0; p < parts; ++p) {
            const std::size_t row = p * part, last_row = std::min(row + part, u.rows) - 1;
            if (u.last(last_row) <= at || u.start(row) >= at + run) continue;
            const std::size_t count = std::min(run, u.last(last_row) - at);
            const bool masked = u.last(row) < at + count || u.start(last_row) > at;
            if (masked)
                for (std::size_t r = 0; r < part; ++r)
                    limits[r] = static_cast<std::int32_t>(u.last(std::min(row + r, last_row))) - static_cast<std::int32_t>(at);
            Ops::scoreTile(q + row * width, last_row - row + 1, k, k_row, count, u.d, scores);
            Ops::softmaxTile(scores, last_row - row + 1, count, u.scale, masked ? limits : nullptr,
                             static_cast<std::int32_t>(u.window), top + row, total + row, factor, weights);
            Ops::mixTile(weights, last_row - row + 1, v, v_row, count, u.d, factor, sums + row * width, width);
        }
    });
    for (std::size_t r = 0; r < u.rows; ++r) finishRow<Ops>(u, r, sums + r * width, top[r], total[r]);
}

}  // namespace airframe::kernels::simd
