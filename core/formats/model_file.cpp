// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/model_file.h"

namespace airframe {

std::int64_t TensorInfo::elements() const {
    std::int64_t count = 1;
    for (const std::int64_t dim : shape) count *= dim;
    return count;
}

const TensorInfo* ModelFile::find(std::string_view name) const {
    for (const TensorInfo& tensor : tensors()) {
        if (tensor.name == name) return &tensor;
    }
    return nullptr;
}

}  // namespace airframe
