// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/formats/tokenizer_data.h"

namespace airframe {

/// Reads SentencePiece's tokenizer.model, BPE or unigram, with identity normalisation. `vocab` is the number of rows of the model's
/// embedding: more pieces are refused. BOS is added before a text, as transformers and llama.cpp do where nothing else is said;
/// the space before a text also follows every added token. Throws Failure(bad_input) naming file and field, also for what would
/// change the ids and is not supported: a character map, removal of extra white space, white space as a suffix.
[[nodiscard]] TokenizerData readSentencePieceModel(const std::filesystem::path& file, int vocab);

/// The normaliser of SentencePiece's vocabularies: spaces become U+2581; with `prefix` one goes before the text.
[[nodiscard]] std::vector<NormalizerStep> sentencePieceNormalizer(bool prefix);

}  // namespace airframe
