// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/blocks/compute.h"
#include "core/formats/model_file.h"

namespace airframe {

/// A stored tensor as float32 on the CPU. Throws Failure(bad_input, "FILE, tensor NAME") if it is absent or its shape
/// is not `shape` (both shapes named).
[[nodiscard]] at::Tensor readTensor(const ModelFile& file, const std::string& name,
                                    const std::vector<std::int64_t>& shape);
/// The same without a wanted shape: whoever uses the tensor checks it.
[[nodiscard]] at::Tensor readTensor(const ModelFile& file, const std::string& name);

/// A matrix in the type and on the device of `compute`.
[[nodiscard]] at::Tensor toCompute(const at::Tensor& tensor, const Compute& compute);

/// "576 x 64", for messages.
[[nodiscard]] std::string sizesText(at::IntArrayRef shape);

}  // namespace airframe
