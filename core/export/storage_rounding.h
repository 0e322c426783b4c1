// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string_view>

namespace airframe {

/// How far what was stored is from what was meant.
struct StorageRounding {
    double error_squares = 0, squares = 0;  ///< sums over the values
    /// Index of the first value that is further away than its type's rounding explains; `count` = none.
    std::size_t wrong = 0;
};

/// Compares `count` values with what a reader makes of them, stored as `type`. What rounding explains, by value w:
/// F32 nothing; BF16 and F16 half a unit in the last place (2^-8 |w|, 2^-11 |w|, or half of float16's smallest step);
/// of a block of 32 values with scale d: Q8_0 d / 2 with d = max |w| / 127, Q4_1 d / 2 with d = (max - min) / 15, Q4_0 d with
/// d = max |w| / 8 (its code has one step less at one end); and for each of these what rounding d and the minimum to float16
/// adds. Throws Failure(internal) for another type.
[[nodiscard]] StorageRounding storageRounding(std::string_view type, const float* wanted, const float* read, std::size_t count);

}  // namespace airframe
