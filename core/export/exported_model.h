// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "core/formats/model_layout.h"
#include "core/study/placement.h"
#include "core/supernet/supernet.h"

namespace airframe {

/// The model that one placement of a supernet is: its description and its tensors, each from where it lies, the trained
/// block in memory or the base model's file. Keeps a reference to the supernet. One thread.
class ExportedModel {
  public:
    /// Throws Failure(bad_input) if a block of the placement is missing, or if jet blocks have different dimensions.
    ExportedModel(const Supernet& supernet, const Placement& placement);

    [[nodiscard]] const Supernet& supernet() const { return m_supernet; }
    [[nodiscard]] const Placement& placement() const { return m_placement; }
    /// Architecture "jet_nemotron" where the released form can say it, else "airframe".
    [[nodiscard]] const ModelConfig& config() const { return m_config; }
    [[nodiscard]] const std::vector<LayoutTensor>& layout() const { return m_layout; }
    [[nodiscard]] std::int64_t parameters() const;  ///< tied weights counted once
    /// A tensor of the layout as float32 on the CPU. Throws Failure(internal) if a block's tensors are not those of the
    /// layout, and as readTensor() does.
    [[nodiscard]] at::Tensor tensor(const LayoutTensor& wanted) const;

  private:
    const Supernet& m_supernet;
    Placement m_placement;
    ModelConfig m_config;
    std::vector<LayoutTensor> m_layout;
    std::map<std::string, at::Tensor> m_trained;  // by full name
};

}  // namespace airframe
