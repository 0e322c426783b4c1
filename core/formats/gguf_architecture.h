// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace airframe {

/// What an architecture name of GGUF stands for in llama.cpp: how it lays out rows and which parts its models may have.
struct GgufArchitecture {
    std::string_view name;  ///< general.architecture, and the prefix of its keys
    /// Rotary pairs are neighbours (2i, 2i+1), so the rows of queries and keys, and their biases, are stored in that order;
    /// else the halves (i, i + head_dim/2) of Hugging Face.
    bool interleaved;
    bool rope_tensors;  ///< rope_freqs.weight, rope_factors_long.weight and _short are used
    bool qkv_bias, o_bias, mlp_bias, qk_norm;  ///< parts that its models have
    bool optional_parts;                       ///< they may also lack these parts
    bool ours;  ///< described by keys of our own (gguf_hybrid.h); llama.cpp does not know it
};

/// THE table of architectures that we read and write.
[[nodiscard]] std::span<const GgufArchitecture> ggufArchitectures();
[[nodiscard]] const GgufArchitecture* ggufArchitecture(std::string_view name);  ///< nullptr if it is not in the table

}  // namespace airframe
