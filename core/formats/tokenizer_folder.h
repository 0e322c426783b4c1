// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/formats/tokenizer_data.h"

namespace airframe {

/// The tokenizer of a Hugging Face folder with what tokenizer_config.json adds to it: from tokenizer.json; else vocab.json and
/// merges.txt; else SentencePiece's tokenizer.model. Nothing if the folder has none of them. `vocab` is the number of rows of the
/// model's embedding: an id beyond it is refused. Throws Failure(bad_input) naming file and field.
[[nodiscard]] std::optional<TokenizerData> readTokenizerFolder(const std::filesystem::path& folder, int vocab);

/// Text of the folder's chat template: chat_template.jinja, or "chat_template" of tokenizer_config.json; empty if there is none.
[[nodiscard]] std::string readChatTemplate(const std::filesystem::path& folder);

/// tokenizer_config.json of a folder that also has tokenizerJson(), for our exporter.
[[nodiscard]] nlohmann::ordered_json tokenizerConfigJson(const TokenizerData& data, const std::string& chat_template, int context);

}  // namespace airframe
