// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace airframe {

/// What one layer of a file is: the block id ("attn", "jet", ...) as in the published `layer_types`.
struct LayerConfig {
    std::string block = "attn";
};

/// Shape of a model, read once from the file's metadata and checked there: after reading, every field is consistent.
struct ModelConfig {
    std::string architecture;  ///< "llama", "airframe" (a hybrid that we exported), ...
    int layers = 0;            ///< L
    int hidden = 0;            ///< D
    int intermediate = 0;      ///< width of the SwiGLU
    int heads = 0;             ///< query heads
    int kv_heads = 0;          ///< key/value heads; heads % kv_heads == 0
    int head_dim = 0;
    int vocab = 0;
    bool tied = false;          ///< the head is the embedding matrix
    double rms_eps = 1e-5;
    double rope_theta = 10000.0;
    int context = 2048;         ///< tokens the model was trained for
    int bos_id = -1, eos_id = -1;  ///< -1 = none
    bool add_bos = false;       ///< the file says that a BOS token starts every text
    std::vector<LayerConfig> layer;  ///< [L]
    /// Dimensions of each non-attention block id in the file, e.g. {"jet": {"heads":9,"k":64,"v":64,"generator":72}}.
    std::map<std::string, std::map<std::string, int>> block_dims;
    double jet_norm_eps = 1e-5;
};

}  // namespace airframe
