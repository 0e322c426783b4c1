// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>

#include "core/export/exported_model.h"

namespace airframe {

/// The exported model with every tensor off by random errors of a given size: to see what errors of that size do to its
/// logits. Weights are read as float32 only. Keeps a reference to the model. One thread.
class PerturbedModel final : public ModelFile {
  public:
    /// `errors`: root mean square of each tensor's error relative to that of its values, by name; absent = exact.
    PerturbedModel(const ExportedModel& model, std::map<std::string, double> errors);

    [[nodiscard]] std::string format() const override { return "memory"; }
    [[nodiscard]] const std::filesystem::path& path() const override { return m_model.supernet().model().file().path(); }
    [[nodiscard]] const ModelConfig& config() const override { return m_model.config(); }
    [[nodiscard]] const std::vector<TensorInfo>& tensors() const override { return m_tensors; }
    [[nodiscard]] std::uint64_t bytes() const override;
    [[nodiscard]] std::string hash() const override { return {}; }
    void readFloat(std::string_view name, float* out) const override;
    /// Throws Failure(internal): nothing is stored.
    void readStored(std::string_view name, std::byte* out) const override;
    [[nodiscard]] std::shared_ptr<const Tokenizer> tokenizer() const override { return m_model.supernet().model().file().tokenizer(); }
    [[nodiscard]] std::string chatTemplate() const override { return {}; }

  private:
    const ExportedModel& m_model;
    std::map<std::string, double> m_errors;
    std::vector<TensorInfo> m_tensors;
};

}  // namespace airframe
