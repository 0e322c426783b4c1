// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/formats/tokenizer_data.h"

namespace airframe {

/// `data` as it is, if nothing in it contradicts itself: counts, types, ids, scores, and the kind against the pre-tokenizer.
/// Throws Failure(bad_input, where).
[[nodiscard]] TokenizerData checkedTokenizer(TokenizerData data, const std::string& where);

}  // namespace airframe
