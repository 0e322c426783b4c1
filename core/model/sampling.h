// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace airframe {

struct SamplingOptions {
    double temperature = 0;  ///< 0 = greedy
    int top_k = 0;           ///< 0 = all
    double top_p = 1;
    std::uint64_t seed = 0;  ///< one uniform draw per position from (seed, position): two models get the same draws
};

/// Throws Failure(options) naming the option that is out of range.
void checkSampling(const SamplingOptions& options);

/// What is drawn from: softmax(logits / temperature), cut to the top_k most likely tokens, then to the smallest set of
/// the most likely ones whose probability reaches top_p, then scaled to sum 1. Most likely first, equal ones by lower
/// id. temperature 0 gives the most likely token alone.
[[nodiscard]] std::vector<std::pair<std::int32_t, double>> samplingDistribution(const float* logits, int vocab,
                                                                                const SamplingOptions& options);

/// The token at `position`: the argmax (lowest id among equals), or the inverse of the cumulative distribution at the
/// draw of (seed, position).
[[nodiscard]] std::int32_t sampleToken(const float* logits, int vocab, const SamplingOptions& options,
                                       std::uint64_t position);

}  // namespace airframe
