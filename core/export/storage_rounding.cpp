// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/storage_rounding.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "core/base/error.h"

namespace airframe {
namespace {

constexpr std::size_t block = 32;
constexpr double half_ulp_f16 = 0x1p-11, smallest_f16 = 0x1p-24;  // relative; the step of its subnormal numbers
constexpr double slack = 1 + 1e-5;                                // for the float32 sums of quantising and reading

/// Extent of the values of one block.
struct Range {
    double low = 0, high = 0;
    [[nodiscard]] double largest() const { return std::max(std::fabs(low), std::fabs(high)); }
};

using Allowed = double (*)(const Range&, double value);

double none(const Range&, double) { return 0; }
double bf16(const Range&, double value) { return 0x1p-8 * std::fabs(value); }
double f16(const Range&, double value) { return std::max(half_ulp_f16 * std::fabs(value), smallest_f16 / 2); }

/// A scale d, rounded to float16, times a code of at most `codes`: `steps` of d and what the scale's rounding moves.
double scaled(double d, double codes, double steps) {
    return slack * (steps * d + codes * std::max(half_ulp_f16 * d, smallest_f16 / 2));
}
double q8_0(const Range& r, double) { return scaled(r.largest() / 127, 127, 0.5); }
double q4_0(const Range& r, double) { return scaled(r.largest() / 8, 8, 1.0); }
double q4_1(const Range& r, double) {
    const double minimum = std::max(half_ulp_f16 * std::fabs(r.low), smallest_f16 / 2);
    return scaled((r.high - r.low) / 15, 15, 0.5) + slack * minimum;
}

Allowed allowedFor(std::string_view type) {
    static const std::map<std::string_view, Allowed> rows{{"F32", none},  {"BF16", bf16}, {"F16", f16},
                                                          {"Q8_0", q8_0}, {"Q4_0", q4_0}, {"Q4_1", q4_1}};
    const auto row = rows.find(type);
    if (row != rows.end()) return row->second;
    throw Failure(ErrorCode::internal, "type " + std::string(type), "has no bound of its rounding");
}

}  // namespace

StorageRounding storageRounding(std::string_view type, const float* wanted, const float* read, std::size_t count) {
    const Allowed allowed = allowedFor(type);
    StorageRounding result;
    result.wrong = count;
    for (std::size_t begin = 0; begin < count; begin += block) {
        const std::size_t end = std::min(begin + block, count);
        const auto [low, high] = std::minmax_element(wanted + begin, wanted + end);
        const Range range{*low, *high};
        for (std::size_t i = begin; i < end; ++i) {
            const double w = wanted[i], error = static_cast<double>(read[i]) - w;
            result.error_squares += error * error;
            result.squares += w * w;
            if (!(std::fabs(error) <= allowed(range, w)) && result.wrong == count) result.wrong = i;
        }
    }
    return result;
}

}  // namespace airframe
