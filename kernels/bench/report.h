// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>

#include "kernels/bench/cases.h"
#include "kernels/bench/machine.h"

namespace airframe::kernels::bench {

/// The timings as a table for people: time, bytes, flops and their shares of what `machines` reach, back end and
/// instruction set. A share above 100 % of the memory's bandwidth means that the data stayed in a cache.
[[nodiscard]] std::string textReport(std::span<const Timing> timings, std::span<const Machine> machines);
/// The same as one JSON object.
[[nodiscard]] std::string jsonReport(std::span<const Timing> timings, std::span<const Machine> machines);

}  // namespace airframe::kernels::bench
