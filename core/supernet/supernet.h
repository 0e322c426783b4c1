// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/model/model.h"
#include "core/model/sequence_state.h"
#include "core/study/placement.h"

namespace airframe {

class NativeModel;

/// A model whose layers have alternatives to their own token mixer. The placement is an argument of every call, never a
/// hidden state. Const after building; any thread.
class Supernet {
  public:
    /// `alternatives[id][layer]`; may be empty: then only the model's own mixers can be placed.
    using Alternatives = std::map<std::string, std::vector<std::shared_ptr<const Block>>>;
    Supernet(std::shared_ptr<const Model> model, Alternatives alternatives, std::string checkpoint_hash = {});
    ~Supernet();

    [[nodiscard]] const Model& model() const { return *m_model; }
    [[nodiscard]] int layers() const { return m_model->config().layers; }
    /// Hash of the alternatives' weights as stored in the study ("" = none).
    [[nodiscard]] const std::string& checkpointHash() const { return m_checkpoint_hash; }
    /// The mixer of `layer` named `id`. Throws Failure(bad_input, "layer N") if this layer has no such block.
    [[nodiscard]] const Block& block(int layer, const std::string& id) const;
    /// Throws Failure(bad_input, "placement") if a block is missing or the length is wrong.
    void check(const Placement& placement) const;

    /// One whole layer: h [B, T, D] -> h [B, T, D] (mixer, residual, MLP, residual).
    [[nodiscard]] at::Tensor layer(int layer, const std::string& id, const at::Tensor& h, BlockState* state) const;
    /// ids [B, T] int64 -> h [B, T, D] after the last layer, before the final norm. state may be nullptr.
    [[nodiscard]] at::Tensor forward(const at::Tensor& ids, const Placement& placement, SequenceState* state) const;
    [[nodiscard]] SequenceState emptyState(const Placement& placement, std::int64_t batch, std::int64_t capacity) const;
    [[nodiscard]] std::int64_t cacheBytes(const Placement& placement, std::int64_t batch, std::int64_t tokens) const;
    /// The same network on the fused kernels, built when first asked for; `control` then hears how far it is and may stop it.
    /// Throws as NativeModel's constructor; the next call tries again.
    const NativeModel& native(RunControl* control = nullptr) const;

  private:
    std::shared_ptr<const Model> m_model;
    Alternatives m_alternatives;
    std::string m_checkpoint_hash;
    mutable std::once_flag m_native_once;
    mutable std::unique_ptr<const NativeModel> m_native;
};

}  // namespace airframe
