// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/json_fields.h"
#include "core/formats/model_config.h"

namespace airframe {

/// What a config.json leaves out means something else in each architecture: the values that its authors' code then takes.
/// 0 = the field must be there.
struct ShapeDefaults {
    int kv_heads = 0;       ///< -1 = as many as attention heads
    int head_dim = 0;       ///< 0 = hidden_size / num_attention_heads
    int context = 2048;
    double rope_theta = 10000.0;
    bool tied = false;
    int hidden = 0, intermediate = 0, layers = 0, heads = 0, vocab = 0;
    const char* activation_field = "hidden_act";
    const char* activation = "silu";
};

/// Sizes, ids, epsilon, activation and plain rotary base: what all architectures share. Makes one "attn" layer per layer.
/// Throws Failure(bad_input) naming the field.
void readShape(const Fields& in, ModelConfig& c, const ShapeDefaults& defaults);

// One reader per architecture, each after `c.architecture` is set. Throw Failure(bad_input) naming the field.
void readLlamaConfig(const Fields& in, ModelConfig& c);        ///< Llama 1 to 3, SmolLM2 and what else says "llama"
void readMistralConfig(const Fields& in, ModelConfig& c);      ///< one window for all layers, or none
void readQwen2Config(const Fields& in, ModelConfig& c);        ///< biases on q, k and v
void readQwen3Config(const Fields& in, ModelConfig& c);        ///< norms on q and k
void readGemma3Config(const Fields& in, ModelConfig& c);       ///< "gemma3_text", or the text half of "gemma3"
void readJetNemotronConfig(const Fields& in, ModelConfig& c);  ///< as released (arXiv 2508.15884)
void readAirframeConfig(const Fields& in, ModelConfig& c);     ///< our exporter's: hf_config_writer.h says which fields

}  // namespace airframe
