// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "core/formats/json_source.h"
#include "core/formats/tokenizer_data.h"

namespace airframe {

// The components of tokenizer.json around its model, in both directions. What is not supported is refused by its name, as a
// Failure(bad_input).

/// Fills data.normalizer.
void readNormalizer(const JsonSource& from, const nlohmann::json& file, TokenizerData& data);
/// Fills data.pre if the steps are a known pre-tokenizer's, else data.pre_steps.
void readPreTokenizer(const JsonSource& from, const nlohmann::json& file, TokenizerData& data);
/// Fills bos_id and add_bos, eos_id and add_eos from a template that puts one token before or behind the text.
void readPostProcessor(const JsonSource& from, const nlohmann::json& file, TokenizerData& data);
/// Decoding is ours, and the same for all files of a kind: refuses a decoder that would give something else.
void checkDecoder(const JsonSource& from, const nlohmann::json& file, const TokenizerData& data);

/// null where there is nothing to do.
[[nodiscard]] nlohmann::ordered_json normalizerJson(const TokenizerData& data);
[[nodiscard]] nlohmann::ordered_json preTokenizerJson(const TokenizerData& data);
[[nodiscard]] nlohmann::ordered_json postProcessorJson(const TokenizerData& data);
[[nodiscard]] nlohmann::ordered_json decoderJson(const TokenizerData& data);

}  // namespace airframe
