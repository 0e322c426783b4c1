// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/native_weight.h"

#include <ATen/ATen.h>

#include <span>

#include "core/blocks/tensor_reader.h"

namespace airframe {
namespace {

using kernels::WeightType;

struct KnownType {
    const char* name;  // as in TensorInfo::type
    WeightType type;
};
/// Types that the kernels compute with as stored. Float32 and float16 are not among them: their products would not run on
/// the bf16 instructions.
constexpr KnownType computed_as_stored[] = {
    {"BF16", WeightType::bfloat16}, {"Q8_0", WeightType::q8_0}, {"Q4_0", WeightType::q4_0}, {"Q4_1", WeightType::q4_1}};

}  // namespace

WeightType packedType(const ModelFile& file, const std::vector<std::string>& names, std::int64_t columns) {
    const TensorInfo* first = file.find(names.at(0));
    if (!first || columns % static_cast<std::int64_t>(kernels::weight_block)) return WeightType::bfloat16;
    for (const std::string& name : names)
        if (const TensorInfo* info = file.find(name); !info || info->type != first->type) return WeightType::bfloat16;
    for (const KnownType& known : computed_as_stored)
        if (first->type == known.name) return known.type;
    return WeightType::bfloat16;
}

std::vector<std::vector<std::byte>> storedRows(const ModelFile& file, const std::vector<std::string>& names, WeightType type, std::int64_t columns) {
    std::vector<std::vector<std::byte>> all;
    for (const std::string& name : names) {
        const TensorInfo* info = file.find(name);
        const bool as_stored = info && packedType(file, {name}, columns) == type && info->type != "F32" && info->type != "F16";
        if (as_stored) {
            all.emplace_back(info->bytes);
            file.readStored(name, all.back().data());
            continue;
        }
        const at::Tensor values = readTensor(file, name);
        const auto k = static_cast<std::size_t>(columns), n = static_cast<std::size_t>(values.numel()) / k;
        all.emplace_back(n * kernels::weightRowBytes(type, k));
        kernels::quantizeRows(type, values.const_data_ptr<float>(), n, k, all.back().data());
    }
    return all;
}

kernels::PackedWeight packStored(const ModelFile& file, const std::vector<std::string>& names, std::int64_t columns) {
    const WeightType type = packedType(file, names, columns);
    const auto k = static_cast<std::size_t>(columns);
    const auto bytes = storedRows(file, names, type, columns);
    std::vector<kernels::WeightRows> parts;
    for (const auto& rows : bytes) parts.push_back({rows.data(), rows.size() / kernels::weightRowBytes(type, k)});
    return {type, k, parts};
}

kernels::PackedWeight packTensor(const at::Tensor& matrix, WeightType type) {
    const at::Tensor values = matrix.detach().to(at::kCPU, at::kFloat).contiguous();
    const auto n = static_cast<std::size_t>(values.size(0)), k = static_cast<std::size_t>(values.size(1));
    if (k % kernels::weight_block) type = WeightType::bfloat16;
    std::vector<std::byte> bytes(n * kernels::weightRowBytes(type, k));
    kernels::quantizeRows(type, values.const_data_ptr<float>(), n, k, bytes.data());
    const kernels::WeightRows rows{bytes.data(), n};
    return {type, k, std::span(&rows, 1)};
}

std::vector<float> valuesOf(const at::Tensor& vector) {
    const at::Tensor values = vector.detach().to(at::kCPU, at::kFloat).contiguous();
    return {values.const_data_ptr<float>(), values.const_data_ptr<float>() + values.numel()};
}

}  // namespace airframe
