// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace airframe {

/// How rotary positions are stretched beyond the trained context: "rope_scaling" of config.json. Fields that a kind does not
/// use keep their defaults.
struct RopeScaling {
    enum class Kind {
        none,
        linear,    ///< positions divided by factor (Chen et al., arXiv 2306.15595)
        dynamic,   ///< the base grows with the sequence (NTK-aware, "dynamic")
        yarn,      ///< Peng et al., arXiv 2309.00071
        llama3,    ///< low frequencies divided by factor, smooth between (Llama 3.1, arXiv 2407.21783)
        longrope,  ///< one factor per frequency, two sets (Ding et al., arXiv 2402.13753)
    };
    Kind kind = Kind::none;
    double factor = 1.0;
    int original_context = 0;  ///< tokens before stretching; 0 = the config's context
    double low_freq_factor = 1.0, high_freq_factor = 4.0;  ///< llama3
    double beta_fast = 32.0, beta_slow = 1.0;              ///< yarn
    double mscale = 0.0, mscale_all_dim = 0.0;             ///< yarn (DeepSeek's); 0 = not given
    bool truncate = true;                                  ///< yarn: correction range rounded to whole dimensions
    double attention_factor = 0.0;  ///< yarn, longrope: cosines and sines are multiplied by it; 0 = follows from factor
    std::vector<double> short_factor, long_factor;  ///< longrope [head_dim / 2]
    /// llama.cpp's rope_freqs.weight [head_dim / 2]: each frequency is divided by its factor. Empty = none.
    std::vector<double> frequency_factors;
};

}  // namespace airframe
