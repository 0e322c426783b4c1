// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/gguf_export.h"

#include <ATen/ATen.h>

#include "core/formats/dequantise.h"
#include "core/formats/gguf_model_writer.h"
#include "core/formats/tokenizer.h"

namespace airframe {

std::uintmax_t ggufWeightBytes(const ExportedModel& model, const std::string& storage) {
    std::uintmax_t sum = 0;
    for (const LayoutTensor& tensor : model.layout()) {
        const bool matrix = tensor.shape.size() > 1;
        const StoredType* wanted = storedType(matrix ? storage : "F32");
        // Rows that are no whole number of blocks are stored as F16.
        const StoredType& type = matrix && tensor.shape.back() % wanted->block != 0 ? *storedType("F16") : *wanted;
        std::uintmax_t values = 1;
        for (const std::int64_t dim : tensor.shape) values *= static_cast<std::uintmax_t>(dim);
        sum += values / type.block * type.block_bytes;
    }
    return sum;
}

std::string writeGguf(const std::filesystem::path& file, const ExportedModel& model, const std::string& storage,
                      const std::map<std::string, std::string>& facts, RunControl& control) {
    std::vector<GgufTensorSource> sources;
    for (const LayoutTensor& tensor : model.layout()) {
        sources.push_back({tensor.name, tensor.shape, [&model, tensor] {
                               const at::Tensor values = model.tensor(tensor);
                               const float* begin = values.const_data_ptr<float>();
                               return std::vector<float>(begin, begin + values.numel());
                           }});
    }
    const Model& base = model.supernet().model();
    return writeGgufModel(file, model.config(), base.tokenizer().data(), base.file().chatTemplate(), facts, sources, storage, &control)
        .sha256;
}

}  // namespace airframe
