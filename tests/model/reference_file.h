// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/ATen.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "core/formats/safetensors.h"

namespace airframe::test {

/// Expected tensors of the reference data, as LibTorch tensors.
class ReferenceFile {
  public:
    explicit ReferenceFile(const std::filesystem::path& path) : m_file(path) {}
    [[nodiscard]] bool has(const std::string& name) const { return m_file.find(name) != nullptr; }
    [[nodiscard]] at::Tensor get(const std::string& name) const {
        const SafetensorsTensor* stored = m_file.find(name);
        if (!stored) throw std::runtime_error(name + " is not in " + m_file.path().string());
        const bool integer = stored->dtype == "I32";
        if (!integer && stored->dtype != "F32") throw std::runtime_error(name + " is " + stored->dtype);
        at::Tensor tensor = at::empty(stored->shape, integer ? at::kInt : at::kFloat);
        std::memcpy(tensor.data_ptr(), stored->bytes.data(), stored->bytes.size());
        return tensor;
    }

  private:
    SafetensorsFile m_file;
};

/// Largest absolute difference.
inline double distance(const at::Tensor& a, const at::Tensor& b) {
    return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

}  // namespace airframe::test
