// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/model_file.h"

#include "core/base/error.h"
#include "core/formats/gguf_model.h"
#include "core/formats/hf_model.h"
#include "core/formats/model_layout.h"

namespace airframe {

std::int64_t TensorInfo::elements() const {
    std::int64_t count = 1;
    for (const std::int64_t dim : shape) count *= dim;
    return count;
}

std::unique_ptr<ModelFile> ModelFile::open(const std::filesystem::path& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) throw Failure(ErrorCode::bad_input, path.string(), "does not exist", "check the path");
    if (fs::is_directory(status)) {
        if (!fs::exists(path / "config.json")) {
            throw Failure(ErrorCode::bad_input, (path / "config.json").string(), "is missing",
                          "give a .gguf or .safetensors file or a folder with config.json");
        }
        return openHfModel(path);
    }
    if (path.extension() == ".safetensors") return openHfModel(path);
    return openGgufModel(path);
}

const TensorInfo* ModelFile::find(std::string_view name) const {
    for (const TensorInfo& tensor : tensors()) {
        if (tensor.name == name) return &tensor;
    }
    return nullptr;
}

std::int64_t ModelFile::parameters() const {
    std::int64_t count = 0;
    for (const LayoutTensor& tensor : modelLayout(config())) {
        std::int64_t elements = 1;
        for (const std::int64_t dim : tensor.shape) elements *= dim;
        count += elements;
    }
    return count;
}

}  // namespace airframe
