// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/formats/gguf_fields.h"
#include "core/formats/gguf_keys.h"
#include "core/formats/model_config.h"

namespace airframe {

// Our own architecture "airframe": any model that we compute and llama.cpp does not. Keys and tensors are named as a llama's,
// numbers are float64, rows of queries and keys in half-split order. A JetBlock's tensors: attn_q, attn_k, attn_v, attn_output,
// jet_gate, jet_a, jet_b, jet_a_log, jet_dt_bias, jet_conv_w1, jet_conv_w2, jet_norm (gguf_names.cpp). Further keys, all below
// "airframe.":
//   layer_types                  [L] strings: the block id of each layer ("attn", "swa", "jet")
//   block.ID.DIMENSION           uint32: a dimension of a block ("block.jet.heads")
//   block_norm_epsilon.jet       float64: epsilon of the JetBlock's output norm
//   attention.sliding_window     [L] int32: keys that each layer's attention sees, 0 = all
//   attention.qkv_bias, attention.output_bias, attention.qk_norm, feed_forward_bias    bool: tensors that are there
//   attention.scale              float64: of the scores; 0 = head_dim^-0.5
//   post_norms, norm_plus_one    bool: Gemma's norms before each sum; weights that count from 1
//   feed_forward_activation      string: "silu" or "gelu_tanh"
//   embedding_scale              float64
//   rope.local, rope.freq_base_local    [L] bool and float64: layers that turn by a base of their own, without scaling
//   rope.scaling.type            string: a llama's, or "dynamic", "llama3"; with low_freq_factor, high_freq_factor, mscale,
//                                mscale_all_dim, attention_factor (float64), truncate (bool) and short_factor, long_factor,
//                                frequency_factors ([head_dim / 2] float64) as in RopeScaling

/// Reads these keys into `config`, whose number of layers is known. Throws Failure(bad_input) naming the key.
void readGgufHybrid(GgufFields& in, ModelConfig& config);
/// Writes them so that they read back equal.
void writeGgufHybrid(GgufKeys& out, const ModelConfig& config);

}  // namespace airframe
