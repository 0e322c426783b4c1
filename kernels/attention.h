// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

#include "kernels/bf16.h"

namespace airframe::kernels {

/// Where the rows of an array lie, in elements; the d values of a row are always contiguous. 0 = as in a dense array.
struct AttentionStrides {
    std::size_t batch = 0;  ///< from one sequence to the next
    std::size_t head = 0;   ///< from one head to the next
    std::size_t row = 0;    ///< from one token or slot to the next
};

/// Sizes of softmax attention of T new tokens, the last T of `length`, over a key/value cache: decoding (T = 1) and
/// prefill in one piece or many. Query head h reads key/value head h / (H/G).
struct AttentionShape {
    std::size_t batch = 0, tokens = 0;  ///< B, T
    std::size_t heads = 0, groups = 0;  ///< H, G; H a multiple of G
    std::size_t d = 0;                  ///< size of a head: even, 2 to 256
    std::size_t length = 0;             ///< keys, the new tokens' own included: positions 0 to length - 1
    std::size_t slots = 0;              ///< S, rows of the cache per head
    std::size_t window = 0;             ///< W: the query at position p sees p - W < j <= p. 0 = every j <= p
    /// Position p lies in slot p mod S, and `length` may exceed S as long as S >= W + T - 1. Otherwise in slot p.
    bool ring = false;
    float scale = 0;  ///< of the scores; 0 = d^-0.5
    AttentionStrides q = {}, keys = {}, values = {};
};

/// q [B, T, H, d]; keys and values [B, G, S, d], of which only the slots that some query sees are read. Q and C are
/// float or Bf16 each.
template <class Q, class C>
struct AttentionInputs {
    const Q* q = nullptr;
    const C* keys = nullptr;
    const C* values = nullptr;
    /// [H] logits that join the softmax's denominator and nothing else (attention sinks as in GPT-OSS, OpenAI 2025,
    /// model card section 2.2: a learned bias in the denominator). nullptr = none
    const float* sinks = nullptr;
    /// [B] keys of each sequence, T to `length`, instead of `length` for all: query i of sequence b stands at position
    /// lengths[b] - T + i. nullptr = all equal
    const std::size_t* lengths = nullptr;
};

/// How a call is divided. It follows from the shape alone, so that results do not depend on the number of threads:
/// first every unit, then, when all are done, every merge. Units are independent of each other, merges likewise.
struct AttentionPlan {
    std::size_t units = 0;      ///< (sequence, key/value head, block of query rows, segment of keys)
    std::size_t merges = 0;     ///< rows B*T*H when keys are divided into segments, else 0: units write the output
    std::size_t workspace = 0;  ///< floats that the segments' sums need, the same array for both steps; 0 = none
};
/// Throws std::invalid_argument for a shape that cannot be.
[[nodiscard]] AttentionPlan attentionPlan(const AttentionShape& shape);

/// o = softmax(scale q k^T, masked) v, [B, T, H, d] dense, for the units `begin` to `end` of the plan; softmax and sums in
/// float32 (Vaswani et al., arXiv 1706.03762, eq. 1; sums over tiles of keys by the online softmax of Milakov and
/// Gimelshein, arXiv 1805.02867, algorithm 3; keys in segments as in Flash-Decoding, Dao et al. 2023). With q and cache
/// bf16 on a processor that multiplies bf16, the weights are rounded to bf16 before they meet the values.
/// Neighbouring units take about equally long together, so contiguous shares are balanced.
/// Throws std::invalid_argument for a wrong shape, a missing array or a range outside the plan.
template <class Q, class C>
void attention(const AttentionShape& shape, const AttentionInputs<Q, C>& in, Q* o, float* workspace, std::size_t begin,
               std::size_t end);
/// The second step: rows `begin` to `end` of B*T*H from the segments' sums. Throws as above.
template <class Q, class C>
void attentionMerge(const AttentionShape& shape, const AttentionInputs<Q, C>& in, Q* o, const float* workspace,
                    std::size_t begin, std::size_t end);

/// What attention over these types runs on, in words, e.g. "AVX3_ZEN4" or "AVX512_BF16".
template <class Q, class C>
[[nodiscard]] const char* attentionBackend();

}  // namespace airframe::kernels
