// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/formats/model_config.h"

namespace airframe {

/// How rotary positions turn: element pair i of a head by position * frequency[i] radians; cosines and sines are multiplied
/// by `amplitude`.
struct RopeFrequencies {
    std::vector<double> frequency;  ///< [head_dim / 2]
    double amplitude = 1.0;
};

/// Everything that the angles follow from.
struct RopeSetting {
    int head_dim = 0;
    double theta = 10000.0;
    RopeScaling scaling = {};
    int context = 0;  ///< the config's; only some kinds of scaling need it

    /// That of a layer with or without local_rope.
    [[nodiscard]] static RopeSetting of(const ModelConfig& config, bool local);
    /// Of a sequence of `length` tokens. theta^(-2i/d) (Su et al., arXiv 2104.09864), scaled as RopeScaling::Kind says, with
    /// the details of the code that published models were made with (Hugging Face transformers' rotary utilities).
    [[nodiscard]] RopeFrequencies frequencies(std::int64_t length) const;
    /// The shortest sequence with the same frequencies as one of `length`: equal for all lengths unless the kind is dynamic
    /// (every length beyond the context has its own) or longrope (two sets).
    [[nodiscard]] std::int64_t regime(std::int64_t length) const;
    /// Whether any two lengths differ.
    [[nodiscard]] bool followsLength() const;

  private:
    [[nodiscard]] int original() const { return scaling.original_context > 0 ? scaling.original_context : context; }
};

/// Throws Failure(bad_input, where) naming the value of config.rope_scaling that cannot be computed with.
void checkRopeScaling(const ModelConfig& config, const std::string& where);

}  // namespace airframe
