// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/blocks/native_mixer.h"
#include "core/study/placement.h"
#include "kernels/layer/mlp_layer.h"

namespace airframe {

class RunControl;
class Supernet;

/// What B sequences carry between steps of a NativeModel, and the arrays of its steps. One caller at a time.
struct NativeSequence {
    std::vector<const NativeMixer*> mixers;
    std::vector<std::unique_ptr<NativeMemory>> memories;
    std::int64_t batch = 0, length = 0;
    kernels::LayerRows rows;
    std::vector<float> cosine, sine;    ///< of all positions so far, [positions, head_dim]
    kernels::AlignedVector<float> last, logits;    ///< rows of the last tokens [B, D], their logits [B, vocab]
    kernels::AlignedVector<kernels::Bf16> normed;  ///< of the last rows

    [[nodiscard]] std::int64_t bytes() const;  ///< of all memories
    void fillRandom(std::int64_t tokens, std::uint64_t seed);
};

/// A supernet on the fused kernels: products with the weights in the file's own quantised type (others in bf16),
/// activations that products read in bf16, everything else in float32. Alternatives take Q8_0 where the file's weights are
/// quantised, bf16 where not. Layers are packed when a placement first asks for them. Any thread, one NativeSequence each.
class NativeModel {
  public:
    /// Keeps a reference to `net`. Tells `control`, if there is one, how far it is. Throws Failure(bad_input) naming a tensor or
    /// size that the kernels do not take, Failure(interrupted) if control stops it.
    NativeModel(const Supernet& net, RunControl* control);

    /// Room for `capacity` tokens; grows when more come.
    [[nodiscard]] NativeSequence start(const Placement& placement, std::int64_t batch, std::int64_t capacity) const;
    /// Runs T = ids.size() / B more tokens of each sequence, ids [B, T]; gives the logits of the last of each, [B, vocab],
    /// valid until the next call. `threads` at most.
    std::span<const float> step(NativeSequence& sequence, std::span<const std::int32_t> ids, std::size_t threads) const;
    /// Negative log-likelihood of each id after the first, given those before it, [ids.size() - 1].
    [[nodiscard]] std::vector<double> nll(const Placement& placement, std::span<const std::int32_t> ids, std::size_t threads) const;
    [[nodiscard]] std::int64_t memoryBytes(const Placement& placement, std::int64_t batch, std::int64_t tokens) const;

  private:
    struct Layer {
        kernels::MlpLayer mlp;
        std::map<std::string, std::unique_ptr<const NativeMixer>> mixers;  // by block id, made on demand
    };
    [[nodiscard]] const NativeMixer& mixer(int layer, const std::string& id) const;
    [[nodiscard]] const kernels::PackedWeight& head() const { return m_own_head.rows() ? m_own_head : m_embedding; }
    /// All layers over ids [B, T] into sequence.rows.x, by the whole team; T stands in sequence.rows.
    void runLayers(const kernels::Team& team, NativeSequence& sequence, std::span<const std::int32_t> ids) const;
    void prepare(NativeSequence& sequence, std::size_t tokens, std::size_t threads) const;
    void finish(NativeSequence& sequence) const;
    void growPositions(NativeSequence& sequence, std::int64_t positions) const;

    const Supernet& m_net;
    kernels::PackedWeight m_embedding, m_own_head;  // m_own_head is empty where the head is the embedding
    std::vector<float> m_final_norm;
    mutable std::vector<Layer> m_layers;
    mutable std::mutex m_mutex;  // of m_layers' mixers
};

}  // namespace airframe
