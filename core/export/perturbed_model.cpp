// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/perturbed_model.h"

#include <ATen/ATen.h>

#include <cmath>
#include <cstring>

#include "core/base/error.h"

namespace airframe {

PerturbedModel::PerturbedModel(const ExportedModel& model, std::map<std::string, double> errors)
    : m_model(model), m_errors(std::move(errors)) {
    for (const LayoutTensor& tensor : model.layout()) {
        TensorInfo info{tensor.name, "F32", tensor.shape, 0};
        info.bytes = static_cast<std::uint64_t>(info.elements()) * sizeof(float);
        m_tensors.push_back(std::move(info));
    }
}

std::uint64_t PerturbedModel::bytes() const {
    std::uint64_t sum = 0;
    for (const TensorInfo& tensor : m_tensors) sum += tensor.bytes;
    return sum;
}

void PerturbedModel::readFloat(std::string_view name, float* out) const {
    const TensorInfo* info = find(name);
    if (!info) throw Failure(ErrorCode::internal, "tensor " + std::string(name), "is not in the exported model");
    at::Tensor values = m_model.tensor({info->name, info->shape});
    if (const auto error = m_errors.find(info->name); error != m_errors.end() && error->second > 0) {
        // Evenly spread as rounding errors are: the root mean square of [-1, 1] is 1 / sqrt(3).
        const double size = std::sqrt(3.0 * values.square().mean().item<double>()) * error->second;
        auto generator = at::detail::createCPUGenerator(std::hash<std::string>{}(info->name));
        values = values + (at::rand(values.sizes(), generator) * 2 - 1) * size;
    }
    std::memcpy(out, values.const_data_ptr<float>(), values.nbytes());
}

void PerturbedModel::readStored(std::string_view name, std::byte*) const {
    throw Failure(ErrorCode::internal, "tensor " + std::string(name), "of a model in memory has no stored form");
}

}  // namespace airframe
