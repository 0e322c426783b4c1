// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/weight_reader.h"

#include <ATen/ATen.h>

#include "core/blocks/tensor_reader.h"

namespace airframe {

at::Tensor WeightReader::matrix(const std::string& name, std::int64_t rows, std::int64_t columns) const {
    return toCompute(readTensor(*m_file, name, {rows, columns}), m_compute);
}

at::Tensor WeightReader::bias(const std::vector<std::string>& names, std::int64_t size) const {
    if (!m_file->config().mlp_bias) return {};
    std::vector<at::Tensor> parts;
    for (const std::string& name : names) parts.push_back(readTensor(*m_file, name, {size}));
    return toCompute(at::cat(parts), m_compute);
}

at::Tensor WeightReader::embedding() const {
    const ModelConfig& c = m_file->config();
    return matrix("model.embed_tokens.weight", c.vocab, c.hidden);
}

LinearWeight WeightReader::head(const at::Tensor& tied_to) const {
    const ModelConfig& c = m_file->config();
    return LinearWeight::packed(c.tied ? tied_to : matrix("lm_head.weight", c.vocab, c.hidden));
}

LinearWeight WeightReader::gateUp(const std::string& layer) const {
    const ModelConfig& c = m_file->config();
    return LinearWeight::packed(at::cat({matrix(layer + "mlp.gate_proj.weight", c.intermediate, c.hidden),
                                         matrix(layer + "mlp.up_proj.weight", c.intermediate, c.hidden)}),
                                bias({layer + "mlp.gate_proj.bias", layer + "mlp.up_proj.bias"}, c.intermediate));
}

LinearWeight WeightReader::down(const std::string& layer) const {
    const ModelConfig& c = m_file->config();
    return LinearWeight::packed(matrix(layer + "mlp.down_proj.weight", c.hidden, c.intermediate),
                                bias({layer + "mlp.down_proj.bias"}, c.hidden));
}

}  // namespace airframe
