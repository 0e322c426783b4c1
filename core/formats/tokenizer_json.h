// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/formats/tokenizer.h"

namespace airframe {

/// Reads tokenizer.json (byte-level BPE) and, if it is there, tokenizer_config.json of a folder. `vocab` is the number of rows
/// of the model's embedding: an id beyond it is refused. Throws Failure(bad_input) naming file and field, also for anything
/// in the file that would change the ids and is not supported.
[[nodiscard]] TokenizerData readTokenizerJson(const std::filesystem::path& folder, int vocab);

/// Text of the folder's chat template: chat_template.jinja, or "chat_template" of tokenizer_config.json; empty if there is none.
[[nodiscard]] std::string readChatTemplate(const std::filesystem::path& folder);

/// The inverses, for our exporter.
[[nodiscard]] nlohmann::ordered_json tokenizerJson(const TokenizerData& data);
[[nodiscard]] nlohmann::ordered_json tokenizerConfigJson(const TokenizerData& data, const std::string& chat_template,
                                                         int context);

}  // namespace airframe
