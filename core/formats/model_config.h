// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/formats/rope_scaling.h"

namespace airframe {

/// What one layer of a file is.
struct LayerConfig {
    /// The block id as in the published `layer_types`: "attn" is the base model's own attention, with its window if it has
    /// one (Mistral, Gemma 3); "swa" the sliding-window block of Jet-Nemotron; "jet" a JetBlock.
    std::string block = "attn";
    /// "attn" sees this many keys, the query's own among them; 0 = all before it. ("swa" has its own in block_dims.)
    int window = 0;
    /// Attention turns by the local base and without scaling (Gemma 3's sliding layers).
    bool local_rope = false;
};

/// The gate's activation in the MLP: down(act(gate x) * up x).
enum class Activation {
    silu,       ///< SwiGLU (Shazeer, arXiv 2002.05202)
    gelu_tanh,  ///< GeGLU with the tanh form of GELU ("gelu_pytorch_tanh", Gemma)
};

/// Shape of a model, read once from the file's metadata and checked there: after reading, every field is consistent.
struct ModelConfig {
    std::string architecture;  ///< "llama", "mistral", "qwen2", "qwen3", "gemma3", "jet_nemotron", "airframe" (ours)
    int layers = 0;            ///< L
    int hidden = 0;            ///< D
    int intermediate = 0;      ///< width of the gated MLP
    int heads = 0;             ///< query heads
    int kv_heads = 0;          ///< key/value heads; heads % kv_heads == 0
    int head_dim = 0;
    int vocab = 0;
    bool tied = false;          ///< the head is the embedding matrix
    double rms_eps = 1e-5;
    double rope_theta = 10000.0;
    double rope_local_theta = 10000.0;  ///< base of the layers with local_rope
    RopeScaling rope_scaling;           ///< of the layers without local_rope
    int context = 2048;         ///< tokens the model was trained for
    int bos_id = -1, eos_id = -1;  ///< -1 = none
    bool add_bos = false;       ///< the file says that a BOS token starts every text
    bool qkv_bias = false;      ///< q, k and v projections have biases (Qwen2; Llama with attention_bias)
    bool o_bias = false;        ///< the output projection has one (Llama with attention_bias)
    bool mlp_bias = false;      ///< gate, up and down have one each (Llama with mlp_bias)
    bool qk_norm = false;       ///< RMSNorm of each head's query and key before the rotation (Qwen3, Gemma 3)
    bool post_norms = false;    ///< norms also after attention and MLP, before each residual sum (Gemma)
    bool norm_plus_one = false; ///< norms multiply by 1 + weight (Gemma)
    Activation activation = Activation::silu;
    double embedding_scale = 1.0;  ///< embeddings are multiplied by it, rounded to the compute type (Gemma: sqrt(D))
    double query_scale = 0.0;      ///< of the scores; 0 = head_dim^-0.5 (Gemma: query_pre_attn_scalar^-0.5)
    std::vector<LayerConfig> layer;  ///< [L]
    /// Dimensions of each block id in the file that has some, e.g. {"jet": {"heads":9,"k":64,"v":64,"generator":72}} and
    /// {"swa": {"window":1152}}.
    std::map<std::string, std::map<std::string, int>> block_dims;
    double jet_norm_eps = 1e-5;
};

}  // namespace airframe
