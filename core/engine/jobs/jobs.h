// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/operation.h"

namespace airframe::jobs {

// One row of the table of operations each, defined in the file of that name.
[[nodiscard]] Operation inspect();
[[nodiscard]] Operation tokenize();
[[nodiscard]] Operation detokenize();
[[nodiscard]] Operation logits();
[[nodiscard]] Operation generate();
[[nodiscard]] Operation newStudy();
[[nodiscard]] Operation train();
[[nodiscard]] Operation loss();
[[nodiscard]] Operation tasks();
[[nodiscard]] Operation importance();
[[nodiscard]] Operation search();
[[nodiscard]] Operation score();
[[nodiscard]] Operation throughput();
[[nodiscard]] Operation front();
[[nodiscard]] Operation exportPlacement();
[[nodiscard]] Operation importArchitecture();
[[nodiscard]] Operation demo();

}  // namespace airframe::jobs
