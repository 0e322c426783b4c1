// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include "core/base/run_control.h"
#include "core/study/records.h"
#include "core/supernet/supernet.h"

namespace airframe {

struct ThroughputOptions {
    int context = 2048;  ///< tokens held in each sequence's state when decoding is timed
    int batch = 1;
    int repeats = 5;
    int warmup = 1;            ///< untimed runs of each measurement
    int decode_tokens = 16;    ///< steps per decode repeat
    int prefill_chunk = 512;   ///< tokens per forward call of the prefill
    int prefill_limit = 2048;  ///< at most this many tokens per sequence are really prefilled
    bool fill_random = true;   ///< decode over random states; false: after a real prefill of `context` tokens
    std::uint64_t seed = 0;    ///< of the random prompt and states
};

/// Speeds of a placement on its model's device, which must be otherwise idle. Decode: tokens per second over the whole
/// batch, states holding `context` tokens before the first timed step. Prefill and time to first token: a random prompt
/// of min(context, prefill_limit) tokens per sequence from empty states, the whole batch at once. Each is a median with
/// quartiles over `repeats`; the raw repeats, the prefill's length and the memory figures are in repeats_json.
/// cache_bytes is what the states after `context` tokens hold; peak_bytes the most memory this process held during
/// the measurement, weights included. A placement that does not fit in memory gives a row with fits = false and what
/// was needed and available, never an exception. Throws Failure(options) for a number out of range, Failure(bad_input)
/// for a placement that is not there, Failure(interrupted) when control stops it (part of a measurement is not a
/// result).
[[nodiscard]] MeasurementRow measureThroughput(const Supernet& supernet, const Placement& placement,
                                               const ThroughputOptions& options, RunControl& control);

}  // namespace airframe
