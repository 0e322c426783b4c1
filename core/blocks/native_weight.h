// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/formats/model_file.h"
#include "kernels/packed_weight.h"

namespace airframe {

/// The matrices `names` of a file, each [.., columns], one above the other, packed for the native products in nativeType() of
/// theirs. Throws Failure(bad_input) for a missing tensor, or scales that the kernels cannot hold (toNative).
[[nodiscard]] kernels::PackedWeight packStored(const ModelFile& file, const std::vector<std::string>& names, std::int64_t columns);
/// The type that packStored would keep.
[[nodiscard]] kernels::WeightType packedType(const ModelFile& file, const std::vector<std::string>& names, std::int64_t columns);
/// The same matrices in `type`, each in its own array: for packings that order rows themselves.
[[nodiscard]] std::vector<std::vector<std::byte>> storedRows(const ModelFile& file, const std::vector<std::string>& names, kernels::WeightType type,
                                                             std::int64_t columns);
/// A matrix [N, K] of any float type, stored in `type` and packed.
[[nodiscard]] kernels::PackedWeight packTensor(const at::Tensor& matrix, kernels::WeightType type);
/// A float vector's values.
[[nodiscard]] std::vector<float> valuesOf(const at::Tensor& vector);

}  // namespace airframe
