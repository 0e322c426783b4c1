// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/base/error.h"
#include "core/study/random.h"

namespace airframe {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw Failure(ErrorCode::internal, "statistics", what);
}

double mean(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// R type 7 quantile of sorted values.
double quantile(std::span<const double> sorted, double p) {
    const double at = p * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const auto above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval withBounds(double centre, std::vector<double>& means, double level) {
    std::sort(means.begin(), means.end());
    return {centre, quantile(means, (1 - level) / 2), quantile(means, (1 + level) / 2)};
}

bool allFinite(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

constexpr Interval unknown{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::quiet_NaN()};

void check(int draws, double level) {
    if (draws < 1) fail("a bootstrap needs at least one draw");
    if (!(level > 0 && level < 1)) fail("a level between 0 and 1 was wanted");
}

/// Mid-ranks: equal values share the mean of their places.
std::vector<double> midRanks(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (std::size_t i = 0; i < order.size();) {
        std::size_t end = i + 1;
        while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
        for (std::size_t j = i; j < end; ++j) ranks[order[j]] = (static_cast<double>(i + end) + 1) / 2;
        i = end;
    }
    return ranks;
}

}  // namespace

Interval bootstrapMean(std::span<const double> values, std::uint64_t seed, int draws, double level) {
    if (values.empty()) fail("the mean of no values was asked for");
    check(draws, level);
    if (!allFinite(values)) return unknown;
    const double centre = mean(values);
    if (values.size() == 1) return {centre, centre, centre};
    Random random(seed);
    const auto n = static_cast<std::uint32_t>(values.size());
    std::vector<double> means(static_cast<std::size_t>(draws));
    for (double& out : means) {
        double sum = 0;
        for (std::uint32_t i = 0; i < n; ++i) sum += values[random.below(n)];
        out = sum / n;
    }
    return withBounds(centre, means, level);
}

Interval pairedDifference(std::span<const double> a, std::span<const double> b, std::uint64_t seed, int draws,
                          double level) {
    if (a.size() != b.size())
        fail("paired samples of " + std::to_string(a.size()) + " and " + std::to_string(b.size()) + " items");
    std::vector<double> difference(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) difference[i] = a[i] - b[i];
    return bootstrapMean(difference, seed, draws, level);
}

Interval bootstrapWeighted(const std::vector<std::vector<double>>& values, std::span<const double> weights,
                           std::uint64_t seed, int draws, double level) {
    if (values.empty() || values.size() != weights.size())
        fail(std::to_string(values.size()) + " tasks with " + std::to_string(weights.size()) + " weights");
    check(draws, level);
    double total = 0;
    for (const double weight : weights) {
        if (!(weight >= 0) || !std::isfinite(weight)) fail("a task weight is negative or not a number");
        total += weight;
    }
    if (!(total > 0)) fail("all task weights are zero");
    double centre = 0;
    std::vector<double> means(static_cast<std::size_t>(draws), 0.0);
    Random random(seed);
    for (std::size_t task = 0; task < values.size(); ++task) {
        const std::vector<double>& items = values[task];
        if (items.empty()) fail("a task without items");
        if (weights[task] == 0) continue;
        if (!allFinite(items)) return unknown;
        const double share = weights[task] / total;
        centre += share * mean(items);
        const auto n = static_cast<std::uint32_t>(items.size());
        for (double& out : means) {
            double sum = 0;
            for (std::uint32_t i = 0; i < n; ++i) sum += items[random.below(n)];
            out += share * sum / n;
        }
    }
    return withBounds(centre, means, level);
}

std::vector<RankInterval> rankIntervals(const std::vector<std::vector<double>>& values, std::uint64_t seed, int draws,
                                        double level) {
    const std::size_t units = values.size();
    std::vector<RankInterval> out(units);
    if (units == 0) return out;
    check(draws, level);
    const std::size_t n = values[0].size();
    if (n == 0) fail("ranks over no items");
    for (const auto& unit : values)
        if (unit.size() != n) fail("ranks need the same items for every unit");

    // A unit that cannot be compared (a value that is not finite) ranks last.
    const auto meanOf = [&](std::size_t unit, std::span<const double> counts) {
        double sum = 0;
        for (std::size_t i = 0; i < n; ++i) sum += counts[i] * values[unit][i];
        return std::isfinite(sum) ? sum : -std::numeric_limits<double>::infinity();
    };
    std::vector<double> means(units), sorted;
    // First and last rank that a unit shares with its equals: identical units are never told apart.
    const auto ranksInto = [&](auto&& take) {
        sorted = means;
        std::sort(sorted.begin(), sorted.end(), std::greater<>());
        for (std::size_t u = 0; u < units; ++u) {
            const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), means[u], std::greater<>());
            take(u, static_cast<int>(first - sorted.begin()) + 1, static_cast<int>(last - sorted.begin()));
        }
    };
    std::vector<double> counts(n, 1.0);
    for (std::size_t u = 0; u < units; ++u) means[u] = meanOf(u, counts);
    ranksInto([&](std::size_t u, int first, int) { out[u].rank = first; });

    std::vector<std::vector<double>> lows(units), highs(units);
    Random random(seed);
    for (int draw = 0; draw < draws; ++draw) {
        std::fill(counts.begin(), counts.end(), 0.0);
        for (std::size_t i = 0; i < n; ++i) counts[random.below(static_cast<std::uint32_t>(n))] += 1;
        for (std::size_t u = 0; u < units; ++u) means[u] = meanOf(u, counts);
        ranksInto([&](std::size_t u, int first, int last) {
            lows[u].push_back(first);
            highs[u].push_back(last);
        });
    }
    for (std::size_t u = 0; u < units; ++u) {
        std::sort(lows[u].begin(), lows[u].end());
        std::sort(highs[u].begin(), highs[u].end());
        out[u].low = std::min(out[u].rank, static_cast<int>(std::floor(quantile(lows[u], (1 - level) / 2))));
        out[u].high = std::max(out[u].rank, static_cast<int>(std::ceil(quantile(highs[u], (1 + level) / 2))));
    }
    return out;
}

Quartiles quartiles(std::vector<double> values) {
    if (values.empty()) fail("the quartiles of no values were asked for");
    if (!allFinite(values)) return {unknown.mean, unknown.mean, unknown.mean};
    std::sort(values.begin(), values.end());
    return {quantile(values, 0.5), quantile(values, 0.25), quantile(values, 0.75)};
}

double spearman(std::span<const double> a, std::span<const double> b) {
    if (a.size() != b.size() || a.size() < 2) fail("rank correlation needs two lists of the same length, at least 2");
    if (!allFinite(a) || !allFinite(b)) return unknown.mean;
    const std::vector<double> x = midRanks(a), y = midRanks(b);
    const double centre = (static_cast<double>(a.size()) + 1) / 2;
    double xy = 0, xx = 0, yy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xy += (x[i] - centre) * (y[i] - centre);
        xx += (x[i] - centre) * (x[i] - centre);
        yy += (y[i] - centre) * (y[i] - centre);
    }
    return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;  // a constant list correlates with nothing
}

}  // namespace airframe
