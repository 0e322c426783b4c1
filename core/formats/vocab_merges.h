// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/formats/tokenizer_data.h"

namespace airframe {

/// Reads GPT-2's pair of files, vocab.json and merges.txt, which hold byte-level BPE without its pre-tokenizer: that follows from
/// "tokenizer_class" of tokenizer_config.json (`config`), else from "model_type" of config.json. Throws Failure(bad_input) naming
/// file and field or line.
[[nodiscard]] TokenizerData readVocabMerges(const std::filesystem::path& folder, const nlohmann::json& config, int vocab);

}  // namespace airframe
