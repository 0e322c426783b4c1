// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/blocks/block.h"
#include "core/blocks/compute.h"
#include "core/blocks/native_mixer.h"
#include "core/blocks/rotary.h"
#include "core/formats/model_file.h"

namespace airframe {

/// One dimension that a block's configuration has, by the name it carries in files ("heads", "k", ...).
struct BlockDimension {
    std::string name;
    int low = 1, high = 1;  ///< values that make sense to search
    std::string meaning;
};

/// Where a block comes from: one layer of an open model file.
struct BlockSource {
    const ModelFile& file;
    int layer = 0;
    const Compute& compute;
    std::shared_ptr<const Rotary> rotary;  ///< shared by the layers of a model that turn alike
    /// "model.layers.N.self_attn."
    [[nodiscard]] std::string prefix() const;
};

/// One kind of token mixer.
struct BlockType {
    std::string id;               ///< the published layer_types word; also its name in placements and files
    std::string label;            ///< for people
    bool full_attention = false;  ///< its state grows with the sequence and forgets nothing
    std::vector<BlockDimension> dims;
    /// Builds the block of a layer from the file's tensors and configuration. Throws Failure(bad_input) naming what is
    /// missing or does not fit.
    std::function<std::unique_ptr<const Block>(const BlockSource&)> make;
    /// Builds the same block on the fused kernels, out of a loaded one.
    std::function<std::unique_ptr<const NativeMixer>(NativeSource)> make_native;
    /// Dimensions of this block that suit a model of another shape (a teacher): the start of a conversion.
    std::function<std::map<std::string, int>(const ModelConfig&)> default_dims;
    /// Bytes of state after `tokens` tokens of `batch` sequences, without building a block ("attn": of a layer without a window).
    std::function<std::int64_t(const ModelConfig&, const std::map<std::string, int>& dims, at::ScalarType,
                               std::int64_t batch, std::int64_t tokens)>
        state_bytes;
};

/// THE table of blocks, "attn" first.
[[nodiscard]] const std::vector<BlockType>& blockTable();
/// Throws Failure(bad_input, "block ID") listing the known ids.
[[nodiscard]] const BlockType& findBlock(const std::string& id);

}  // namespace airframe
