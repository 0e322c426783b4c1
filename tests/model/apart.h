// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <span>

namespace airframe::test {

/// Relative root-mean-square difference.
inline double apart(std::span<const float> x, std::span<const float> y) {
    double difference = 0, size = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        difference += std::pow(double{x[i]} - double{y[i]}, 2);
        size += std::pow(double{y[i]}, 2);
    }
    return std::sqrt(difference / size);
}

}  // namespace airframe::test
