// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/formats/tokenizer_data.h"

namespace airframe {

/// Reads a tokenizer.json with a BPE or Unigram model. `vocab` is the number of rows of the model's embedding: an id beyond it is
/// refused. Throws Failure(bad_input) naming file and field, also for anything in the file that would change the ids and is
/// not supported.
[[nodiscard]] TokenizerData readTokenizerJson(const std::filesystem::path& file, int vocab);

/// The inverse, for our exporter. SentencePiece's BPE by scores is written as the list of merges that the scores mean; the two
/// differ only where one token can be made in two overlapping ways ("aaa"), for which tokenizer.json has no word.
[[nodiscard]] nlohmann::ordered_json tokenizerJson(const TokenizerData& data);

}  // namespace airframe
