// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace airframe {

/// What a set of placements cost. Counted are real tokens that are fed to the model: no padding, and no last token of a
/// sequence, which is only predicted.
struct EvaluationCost {
    std::int64_t layer_tokens = 0;        ///< tokens summed over the layer calls that were made
    std::int64_t layer_tokens_whole = 0;  ///< finished placements x layers x tokens: what one by one would have cost

    EvaluationCost& operator+=(const EvaluationCost& other) {
        layer_tokens += other.layer_tokens;
        layer_tokens_whole += other.layer_tokens_whole;
        return *this;
    }
};

}  // namespace airframe
