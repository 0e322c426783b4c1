// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/blocks/block.h"
#include "core/formats/model_file.h"
#include "kernels/layer/layer_rows.h"

namespace airframe {

/// What one native token mixer remembers of a sequence batch; the native counterpart of BlockState.
class NativeMemory {
  public:
    virtual ~NativeMemory() = default;
    [[nodiscard]] virtual std::int64_t bytes() const = 0;  ///< held now, capacity included
    /// Makes it look as after `tokens` tokens with random content: for measuring decode without a prefill.
    virtual void fillRandom(std::int64_t tokens, std::uint64_t seed) = 0;
};

/// Positions of a step's tokens, for mixers that turn by them.
struct NativePositions {
    const float* cosine = nullptr;  ///< [T, head_dim] cos | cos
    const float* sine = nullptr;    ///< [T, head_dim] -sin | sin
};

/// A token mixer on the fused kernels, with its layer's first norm: adds its output to the residual rows. Const after
/// building; one step at a time per memory.
class NativeMixer {
  public:
    virtual ~NativeMixer() = default;
    [[nodiscard]] virtual std::unique_ptr<NativeMemory> emptyMemory(std::int64_t batch, std::int64_t capacity) const = 0;
    [[nodiscard]] virtual std::int64_t memoryBytes(std::int64_t batch, std::int64_t tokens) const = 0;
    /// Scratch and room for the step of `rows`; by one thread, before the team starts.
    virtual void prepare(kernels::LayerRows& rows, NativeMemory& memory, std::size_t threads) const = 0;
    /// Every thread of the team; all have waited when it returns.
    virtual void run(const kernels::Team& team, kernels::LayerRows& rows, NativeMemory& memory, const NativePositions& positions) const = 0;
    /// After the step, by one thread.
    virtual void finish(NativeMemory& memory, std::int64_t tokens) const = 0;
};

/// Where a native mixer comes from: a block that is loaded, and for a model's own layers the file that it was read from,
/// whose stored types are kept.
struct NativeSource {
    const Block& block;
    const ModelFile& file;
    int layer = 0;
    bool own = false;  ///< the block is the file's own mixer of that layer
    /// Type for weights that are not the file's own.
    kernels::WeightType type = kernels::WeightType::bfloat16;
    std::vector<float> norm;  ///< [D] of the layer's first norm
};

}  // namespace airframe
