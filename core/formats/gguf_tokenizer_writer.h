// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/gguf_keys.h"
#include "core/formats/tokenizer_data.h"

namespace airframe {

/// Writes the keys tokenizer.ggml.* so that ggufTokenizer() and llama.cpp read the same tokenizer. A GGUF model has exactly
/// one token for each of its `vocab` embedding rows: rows beyond the tokenizer's tokens get unused ones, "[PAD7]". Throws
/// Failure(bad_input) if there are more tokens than rows, or for a tokenizer that GGUF's fields cannot describe: unigram,
/// steps without a name there, added tokens that take spaces.
void writeGgufTokenizer(GgufKeys& out, const TokenizerData& tokenizer, int vocab);

}  // namespace airframe
