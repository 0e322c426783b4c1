// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/native_weight.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

#include "core/base/error.h"
#include "core/blocks/tensor_reader.h"
#include "core/formats/dequantise.h"
#include "core/formats/native_form.h"

namespace airframe {
namespace {

using kernels::WeightType;

/// The kernels' types and their names in files, TensorInfo::type.
struct KnownType {
    std::string_view name;
    WeightType type;
};
constexpr KnownType known_types[] = {
    {"BF16", WeightType::bfloat16}, {"Q8_0", WeightType::q8_0},   {"Q4_0", WeightType::q4_0},
    {"Q4_1", WeightType::q4_1},     {"Q8_16", WeightType::q8_16}, {"Q4_16", WeightType::q4_16}};

std::string_view nameOf(WeightType type) {
    return std::find_if(std::begin(known_types), std::end(known_types), [&](const KnownType& known) { return known.type == type; })->name;
}

/// The rows of a tensor as stored, or of a quantised one in another quantised type of the kernels.
std::vector<std::byte> rowsAs(const ModelFile& file, const TensorInfo& info, WeightType type) {
    std::vector<std::byte> stored(info.bytes);
    file.readStored(info.name, stored.data());
    const std::string_view native = nameOf(type);
    if (info.type == native) return stored;
    const StoredType& from = *storedType(info.type);
    const std::size_t blocks = stored.size() / from.block_bytes;
    std::vector<std::byte> rows(blocks * from.block / kernels::weight_block * nativeBlockBytes(native));
    if (!toNative(from, stored.data(), blocks, native, rows.data()))
        throw Failure(ErrorCode::bad_input, file.path().string(),
                      info.name + " (" + info.type + ") has scales that half precision does not hold, which the fused kernels compute with",
                      "use --compute bf16 or float32");
    return rows;
}

}  // namespace

WeightType packedType(const ModelFile& file, const std::vector<std::string>& names, std::int64_t columns) {
    std::vector<std::string_view> types;
    for (const std::string& name : names) {
        const TensorInfo* info = file.find(name);
        types.push_back(info ? std::string_view(info->type) : std::string_view());
    }
    const std::string_view name = nativeType(types, columns);
    return std::find_if(std::begin(known_types), std::end(known_types), [&](const KnownType& known) { return known.name == name; })->type;
}

std::vector<std::vector<std::byte>> storedRows(const ModelFile& file, const std::vector<std::string>& names, WeightType type, std::int64_t columns) {
    std::vector<std::vector<std::byte>> all;
    for (const std::string& name : names) {
        const TensorInfo* info = file.find(name);
        if (info && (kernels::isQuantised(type) || info->type == nameOf(type))) {
            all.push_back(rowsAs(file, *info, type));
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
