// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/error.h"
#include "core/blocks/counter_random.h"

namespace airframe {

void checkSampling(const SamplingOptions& options) {
    if (!(options.temperature >= 0) || !std::isfinite(options.temperature))
        throw Failure(ErrorCode::options, "--temperature",
                      "wanted a number from 0, found " + std::to_string(options.temperature));
    if (options.top_k < 0)
        throw Failure(ErrorCode::options, "--top-k", "wanted 0 (all) or more, found " + std::to_string(options.top_k));
    if (!(options.top_p > 0) || options.top_p > 1)
        throw Failure(ErrorCode::options, "--top-p",
                      "wanted a number above 0 and at most 1, found " + std::to_string(options.top_p));
}

std::vector<std::pair<std::int32_t, double>> samplingDistribution(const float* logits, int vocab,
                                                                  const SamplingOptions& options) {
    // std::max_element gives the first of equal values: the lowest id.
    const auto best = static_cast<std::int32_t>(std::max_element(logits, logits + vocab) - logits);
    if (options.temperature == 0) return {{best, 1.0}};

    std::vector<std::int32_t> order(static_cast<std::size_t>(vocab));
    std::iota(order.begin(), order.end(), 0);
    const auto likelier = [logits](std::int32_t a, std::int32_t b) {
        return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
    };
    std::size_t kept = order.size();
    if (options.top_k > 0) kept = std::min(kept, static_cast<std::size_t>(options.top_k));
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(), likelier);

    std::vector<std::pair<std::int32_t, double>> result;
    result.reserve(kept);
    double sum = 0;
    for (std::size_t i = 0; i < kept; ++i) {
        const double weight = std::exp((static_cast<double>(logits[order[i]]) - logits[best]) / options.temperature);
        result.emplace_back(order[i], weight);
        sum += weight;
    }
    if (options.top_p < 1) {
        double reached = 0;
        std::size_t needed = 0;
        while (needed < result.size() && reached < options.top_p * sum) reached += result[needed++].second;
        result.resize(std::max<std::size_t>(needed, 1));
        sum = reached;
    }
    for (auto& [id, probability] : result) probability /= sum;
    return result;
}

std::int32_t sampleToken(const float* logits, int vocab, const SamplingOptions& options, std::uint64_t position) {
    const auto distribution = samplingDistribution(logits, vocab, options);
    const double draw = counterUniform(options.seed, position);
    double reached = 0;
    for (const auto& [id, probability] : distribution) {
        reached += probability;
        if (draw < reached) return id;
    }
    return distribution.back().first;  // rounding left the sum just below the draw
}

}  // namespace airframe
