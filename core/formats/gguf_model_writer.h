// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/formats/model_config.h"
#include "core/formats/tokenizer.h"

namespace airframe {

/// One tensor of a model to be written, under its Hugging Face name and with its rows in Hugging Face's order.
struct GgufTensorSource {
    std::string hf_name;              ///< "model.layers.3.self_attn.q_proj.weight"
    std::vector<std::int64_t> shape;  ///< outermost first
    /// Called once, when its turn comes: the values, row-major. So a big model is converted tensor by tensor.
    std::function<std::vector<float>()> values;
};

/// What was written.
struct GgufWritten {
    std::filesystem::path path;
    std::string sha256;  ///< of the whole file, computed from what lies on the disk
    std::uint64_t bytes = 0;
    std::string architecture;  ///< "llama", "qwen2", "qwen3": programs on llama.cpp run it; "airframe": only ours do
};

/// The general.architecture under which a model of this shape is written: one that llama.cpp computes in the same way if there
/// is one ("llama", "qwen2", "qwen3"), else our own "airframe" (other blocks than attention, windows, Gemma's norms, ...).
[[nodiscard]] std::string ggufArchitectureFor(const ModelConfig& config);

/// Writes a whole model as one GGUF file, version 3: metadata from the config, the tokenizer, the chat template (left out if
/// empty) and the facts ("name", "license", ... become general.name, ...), then every tensor of modelLayout(config), which
/// `tensors` must hold, each once and in its shape, in any order. `storage` of matrices is "F16", "Q8_0", "Q4_0" or "Q4_1"
/// (rows that are no whole number of 32 fall back to F16); vectors are F32.
///
/// The file appears whole or not at all. Throws Failure(no_room) when the disk is full, Failure(bad_input) if the folder
/// cannot be written or a tensor holds a value that its type cannot (NaN, infinity, beyond float16), Failure(interrupted) if
/// `control` (may be null; checked between tensors, progress phase "write" in bytes) stops it, Failure(options) for another
/// storage, Failure(internal) if the tensors are not those of the config.
GgufWritten writeGgufModel(const std::filesystem::path& file, const ModelConfig& config, const TokenizerData& tokenizer,
                           const std::string& chat_template, const std::map<std::string, std::string>& facts,
                           const std::vector<GgufTensorSource>& tensors, const std::string& storage, RunControl* control);

}  // namespace airframe
