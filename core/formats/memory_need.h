// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/formats/block_memory.h"
#include "core/formats/model_file.h"

namespace airframe {

/// Tokens of each sequence that go through the layers at once when a prompt is read.
inline constexpr int prompt_chunk = 512;

/// What running a model in some way asks of the memory.
struct MemoryUse {
    ComputeForm form = ComputeForm::bf16;
    int context = 4096;  ///< tokens of each sequence
    int batch = 1;       ///< B sequences
    /// Block id of each layer, [L]; empty = as in the file. Blocks that the file does not have are counted with their usual
    /// dimensions (blockDims); those that are not known count nothing.
    std::vector<std::string> blocks = {};
};

/// In bytes, estimated from the header. The program itself comes on top.
struct MemoryNeed {
    double weights = 0;
    std::vector<double> state;  ///< [L] keys and values, or the recurrent state, of all B sequences at that context
    double states = 0;          ///< their sum
    double activations = 0;
    [[nodiscard]] double total() const { return weights + states + activations; }
};

/// Weights: float32 and bf16 hold matrices in that type; bf16 holds a tied head once more, in the order that products read.
/// Native holds matrices as nativeType() says, those of blocks that the file does not have in Q8_0 where its own are
/// quantised, else in bf16, and every mixer's once more in bf16, which LibTorch can run. Vectors are float32. States: blockMemory(). Activations: activationBytes().
[[nodiscard]] MemoryNeed memoryNeed(const ModelFile& file, const MemoryUse& use);

/// The widest moment of a step, in float32 values: for each of the B T rows that go through the layers at once the residual stream, its norm,
/// the mixer's output and the MLP's (4 D) with the widest of the MLP's arrays (4 F: gate and up, their product, its
/// conversion), an attention's (3 Q + 4 KV: projections, rotated, output) or a JetBlock's (4 K + 9 V: projections, queries and
/// keys, four taps per value, values, output, norm); and three rows of logits per sequence. An upper bound of what lives at
/// once; attention scores are never held whole.
[[nodiscard]] double activationBytes(const ModelConfig& config, const std::vector<std::string>& blocks, int batch, int tokens);

}  // namespace airframe
