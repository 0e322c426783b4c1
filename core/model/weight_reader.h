// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/blocks/compute.h"
#include "core/blocks/linear_weight.h"
#include "core/formats/model_file.h"

namespace airframe {

/// Reads the weights around the mixers of a model as LibTorch's products want them: in the compute type, on its device, packed
/// where that pays. Every function throws Failure(bad_input) naming a tensor that is missing or misshapen. A value that holds
/// the file; any thread.
class WeightReader {
  public:
    WeightReader(std::shared_ptr<const ModelFile> file, Compute compute) : m_file(std::move(file)), m_compute(std::move(compute)) {}
    [[nodiscard]] at::Tensor embedding() const;                            ///< [vocab, D]
    [[nodiscard]] LinearWeight head(const at::Tensor& tied_to) const;      ///< [vocab, D], of `tied_to` in a tied model
    [[nodiscard]] LinearWeight gateUp(const std::string& layer) const;     ///< [2*F, D] gate rows first; `layer` "model.layers.3."
    [[nodiscard]] LinearWeight down(const std::string& layer) const;       ///< [D, F]

  private:
    [[nodiscard]] at::Tensor matrix(const std::string& name, std::int64_t rows, std::int64_t columns) const;
    /// Of the MLP, one after the other [size each]; undefined where the model has none.
    [[nodiscard]] at::Tensor bias(const std::vector<std::string>& names, std::int64_t size) const;
    std::shared_ptr<const ModelFile> m_file;
    Compute m_compute;
};

}  // namespace airframe
