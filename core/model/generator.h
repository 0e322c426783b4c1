// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/model/sampling.h"
#include "core/supernet/supernet.h"

namespace airframe {

struct GenerateOptions {
    int tokens = 128;
    bool stop_at_eos = false;
    int prefill_chunk = 512;
    int top_logprobs = 5;  ///< kept per token for the window; 0 = none
    SamplingOptions sampling;
};

struct GeneratedToken {
    int pos = 0;  ///< 0 = first new token
    std::int32_t id = 0;
    double t_ms = 0;  ///< since the start of the prefill
    double logprob = 0;
    std::vector<std::pair<std::int32_t, double>> top;  ///< id, log-probability; most likely first
    std::int64_t cache_bytes = 0;
};

struct Generation {
    std::vector<std::int32_t> ids;  ///< new tokens only
    double prefill_tps = 0, decode_tps = 0, ttft_ms = 0;
    std::int64_t cache_bytes = 0;
    bool stopped = false;
};

/// Writes `options.tokens` tokens after `prompt` (at least one id, all inside the vocabulary, else Failure(bad_input)).
/// Calls on_token after each; stops between tokens when control says so.
[[nodiscard]] Generation generate(const Supernet& supernet, const Placement& placement,
                                  const std::vector<std::int32_t>& prompt, const GenerateOptions& options,
                                  RunControl& control, const std::function<void(const GeneratedToken&)>& on_token);

}  // namespace airframe
