// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/model_file.h"

namespace airframe {

/// Some of a model's tensors, counted.
struct TensorCount {
    int tensors = 0;
    std::int64_t parameters = 0;
    std::uint64_t bytes = 0;  ///< as stored
    friend bool operator==(const TensorCount&, const TensorCount&) = default;
};

/// One layer of a model file, or what lies outside the layers.
struct LayerSummary {
    std::string block;  ///< block id; empty for what lies outside the layers
    int window = 0;     ///< attention sees this many keys; 0 = all before it
    TensorCount count;
    std::map<std::string, TensorCount> types;  ///< by stored type
    [[nodiscard]] std::string typeNames() const;  ///< "Q4_1, F32", most bytes first
};

/// What a model file holds, from its header: no weight is read.
struct ModelSummary {
    std::vector<LayerSummary> layers;  ///< [L]
    LayerSummary outside;              ///< embedding, final norm, head
    LayerSummary total;
};

[[nodiscard]] ModelSummary summarise(const ModelFile& file);

/// The layer that a tensor of a Hugging Face name belongs to ("model.layers.3.…" is 3), -1 for those outside.
[[nodiscard]] int layerOfTensor(std::string_view name);

}  // namespace airframe
