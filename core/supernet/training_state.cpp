// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/training_state.h"

#include <ATen/ATen.h>

#include <cstring>

#include "core/formats/safetensors.h"
#include "core/formats/safetensors_writer.h"

namespace airframe {
namespace {

std::string nameOf(std::size_t layer, const std::string& name) {
    return "layers." + std::to_string(layer) + "." + name;
}
std::string typeOf(const at::Tensor& t) {
    return t.scalar_type() == at::kDouble ? "F64" : "F32";
}

}  // namespace

std::string writeTrainingState(const std::filesystem::path& folder, std::vector<LayerTrainer>& layers) {
    std::vector<SafetensorsSource> sources;
    for (std::size_t layer = 0; layer < layers.size(); ++layer)
        for (const auto& [name, t] : layers[layer].state())
            sources.push_back({nameOf(layer, name), typeOf(t), t.sizes().vec(), [t = t] {
                                   return std::span(static_cast<const std::byte*>(t.const_data_ptr()), t.nbytes());
                               }});
    return writeSafetensorsByHash(folder, sources, {{"content", "training state"}}).path.filename().string();
}

void readTrainingState(const std::filesystem::path& path, std::vector<LayerTrainer>& layers) {
    const SafetensorsFile file(path);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        for (const auto& [name, t] : layers[layer].state()) {
            const auto& stored = file.get(nameOf(layer, name), typeOf(t), t.sizes().vec());
            std::memcpy(t.mutable_data_ptr(), stored.bytes.data(), stored.bytes.size());
        }
        layers[layer].restored();
        layers[layer].rememberGood();
    }
}

}  // namespace airframe
