// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/formats/model_file.h"

namespace airframe {

/// A tensor that a model of some shape has, under its Hugging Face name.
struct LayoutTensor {
    std::string name;
    std::vector<std::int64_t> shape;  ///< outermost first
    friend bool operator==(const LayoutTensor&, const LayoutTensor&) = default;
};

/// Every tensor of a model of this shape, in order: embedding, layers, final norm, head (left out when tied).
[[nodiscard]] std::vector<LayoutTensor> modelLayout(const ModelConfig& config);

/// Checks fields of a config against each other and against limits that no real model passes, so that what follows can
/// compute with them. Throws Failure(bad_input, where) naming the field.
void checkConfig(const ModelConfig& config, const std::string& where);

/// Checks what is stored against the layout: nothing missing, no other shape, no type that we cannot read, nothing beside it
/// that would change the computation (a bias, a further layer). Throws Failure(bad_input) naming file and tensor.
void checkTensors(const std::vector<TensorInfo>& stored, const ModelConfig& config, const std::string& where);

}  // namespace airframe
