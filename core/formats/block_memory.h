// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/formats/compute_form.h"
#include "core/formats/model_config.h"

namespace airframe {

/// The dimensions that a block gets in a model that has none of its kind. "jet": as many heads as the model has query heads,
/// keys and values of its head size, the released ratio of the generator, H V / 8. "swa": a window as in the released
/// hybrids, as many bytes of bf16 keys and values as such a JetBlock's float32 state, H K V 4. Empty for other blocks.
[[nodiscard]] std::map<std::string, int> usualDims(const ModelConfig& config, const std::string& block);

/// The file's own dimensions of a block, else the usual ones.
[[nodiscard]] std::map<std::string, int> blockDims(const ModelConfig& config, const std::string& block);

/// What one layer remembers of one sequence, in bytes.
struct BlockMemory {
    double per_token = 0;  ///< a key and a value of each head
    int window = 0;        ///< at most so many tokens are kept; 0 = all
    double fixed = 0;      ///< whatever the length
    [[nodiscard]] double bytes(std::int64_t tokens) const;
};

/// Attention keeps keys and values [T, kv_heads, head_dim] in the compute type, native in bf16. A JetBlock keeps its state
/// [heads, K, V] in float32 and the window of its convolution [4, heads V] in the compute type, native in float32. Blocks
/// that are not known: nothing.
[[nodiscard]] BlockMemory blockMemory(const ModelConfig& config, int layer, const std::string& block, ComputeForm form);

}  // namespace airframe
