// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace airframe {

struct Interval {
    double mean = 0, low = 0, high = 0;  ///< 95 % unless said otherwise
};

/// Percentile bootstrap (Efron 1979) of the mean over items. `values` [n]; one value gives a zero-width interval, a value
/// that is not finite an interval of NaN. No values, no draws: Failure(internal). Same seed, same result on every machine.
[[nodiscard]] Interval bootstrapMean(std::span<const double> values, std::uint64_t seed, int draws = 2000,
                                     double level = 0.95);
/// Paired: bootstrap of mean(a[i] - b[i]). Same length, or Failure(internal).
[[nodiscard]] Interval pairedDifference(std::span<const double> a, std::span<const double> b, std::uint64_t seed,
                                        int draws = 2000, double level = 0.95);
/// Several tasks: the weighted mean over tasks of the mean over items; each bootstrap draw resamples the items within
/// each task. values[task][item]; weights need not sum to one.
[[nodiscard]] Interval bootstrapWeighted(const std::vector<std::vector<double>>& values, std::span<const double> weights,
                                         std::uint64_t seed, int draws = 2000, double level = 0.95);

/// Ranks (1 = highest mean; equal means share the first rank) with the interval in which each unit's rank lies over paired bootstrap draws: units whose
/// intervals overlap cannot be separated. values[unit][item], all on the same items.
struct RankInterval {
    int rank = 0, low = 0, high = 0;
};
[[nodiscard]] std::vector<RankInterval> rankIntervals(const std::vector<std::vector<double>>& values, std::uint64_t seed,
                                                      int draws = 1000, double level = 0.95);

/// Median and quartiles (linear interpolation between order statistics, R type 7).
struct Quartiles {
    double median = 0, q1 = 0, q3 = 0;
};
[[nodiscard]] Quartiles quartiles(std::vector<double> values);
[[nodiscard]] double spearman(std::span<const double> a, std::span<const double> b);

}  // namespace airframe
