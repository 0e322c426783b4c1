// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/gguf.h"
#include "core/formats/tokenizer.h"

namespace airframe {

/// What the metadata of a GGUF file say about its tokenizer. Throws Failure(bad_input) naming file and key.
[[nodiscard]] TokenizerData ggufTokenizer(const GgufFile& file);

}  // namespace airframe
