// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "core/formats/gguf.h"
#include "core/formats/model_config.h"
#include "core/formats/tokenizer.h"

namespace airframe {

/// What the metadata of a llama GGUF say about the model, checked. Throws Failure(bad_input) naming file and key.
[[nodiscard]] ModelConfig ggufLlamaConfig(const GgufFile& file);
/// What they say about its tokenizer. Throws Failure(bad_input) naming file and key.
[[nodiscard]] TokenizerData ggufTokenizer(const GgufFile& file);
/// "blk.3.attn_q.weight" -> "model.layers.3.self_attn.q_proj.weight"; a name that is not known stays as it is.
[[nodiscard]] std::string ggufToHfName(std::string_view name);

}  // namespace airframe
