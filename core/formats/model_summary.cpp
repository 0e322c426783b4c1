// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/model_summary.h"

#include <algorithm>
#include <charconv>

namespace airframe {
namespace {

void add(TensorCount& to, const TensorInfo& tensor) {
    ++to.tensors;
    to.parameters += tensor.elements();
    to.bytes += tensor.bytes;
}

void add(LayerSummary& to, const TensorInfo& tensor) {
    add(to.count, tensor);
    add(to.types[tensor.type], tensor);
}

}  // namespace

std::string LayerSummary::typeNames() const {
    std::vector<std::pair<std::uint64_t, std::string>> sorted;
    for (const auto& [name, count] : types) sorted.emplace_back(count.bytes, name);
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string text;
    for (const auto& [bytes, name] : sorted) text += (text.empty() ? "" : ", ") + name;
    return text;
}

int layerOfTensor(std::string_view name) {
    constexpr std::string_view prefix = "model.layers.";
    if (!name.starts_with(prefix)) return -1;
    int layer = -1;
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, layer);
    return error == std::errc() && stop != end && *stop == '.' ? layer : -1;
}

ModelSummary summarise(const ModelFile& file) {
    ModelSummary summary;
    for (const LayerConfig& layer : file.config().layer) {
        LayerSummary& row = summary.layers.emplace_back();
        row.block = layer.block;
        row.window = layer.window;
    }
    for (const TensorInfo& tensor : file.tensors()) {
        const int layer = layerOfTensor(tensor.name);
        const bool inside = layer >= 0 && static_cast<std::size_t>(layer) < summary.layers.size();
        add(inside ? summary.layers[static_cast<std::size_t>(layer)] : summary.outside, tensor);
        add(summary.total, tensor);
    }
    return summary;
}

}  // namespace airframe
