// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/tensor_reader.h"

#include <ATen/ATen.h>

#include "core/base/error.h"

namespace airframe {
namespace {

std::string whereOf(const ModelFile& file, const std::string& name) {
    return file.path().string() + ", tensor " + name;
}

const TensorInfo& need(const ModelFile& file, const std::string& name) {
    const TensorInfo* info = file.find(name);
    if (!info)
        throw Failure(ErrorCode::bad_input, whereOf(file, name),
                      "the model needs this tensor and the file has none of that name", "use a complete model file");
    return *info;
}

}  // namespace

std::string sizesText(at::IntArrayRef shape) {
    std::string text;
    for (const std::int64_t size : shape) text += (text.empty() ? "" : " x ") + std::to_string(size);
    return text.empty() ? "a scalar" : text;
}

at::Tensor readTensor(const ModelFile& file, const std::string& name) {
    const TensorInfo& info = need(file, name);
    at::Tensor tensor = at::empty(info.shape, at::kFloat);
    file.readFloat(name, tensor.data_ptr<float>());
    return tensor;
}

at::Tensor readTensor(const ModelFile& file, const std::string& name, const std::vector<std::int64_t>& shape) {
    const TensorInfo& info = need(file, name);
    if (info.shape != shape)
        throw Failure(ErrorCode::bad_input, whereOf(file, name),
                      "wanted shape " + sizesText(shape) + ", found " + sizesText(info.shape),
                      "the weights do not fit the file's own configuration");
    return readTensor(file, name);
}

at::Tensor toCompute(const at::Tensor& tensor, const Compute& compute) {
    return tensor.to(at::TensorOptions().dtype(compute.dtype).device(compute.device)).contiguous();
}

}  // namespace airframe
