// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>

#include "core/blocks/jet_block.h"
#include "core/supernet/supernet.h"
#include "support/tiny_model.h"

namespace airframe::test {

/// A tiny model with a random JetBlock beside every attention layer.
inline std::shared_ptr<const Supernet> tinySupernetOf(std::shared_ptr<const ModelFile> file, const char* dtype = "float32") {
    NoControl control;
    const Compute compute = Compute::parse(dtype, "cpu");
    const auto model = Model::load(std::move(file), compute, control);
    const JetDims dims{model->config().hidden, 4, 8, 8, 4, 1e-5};
    at::manual_seed(5);
    std::vector<std::shared_ptr<const Block>> blocks;
    for (int layer = 0; layer < model->config().layers; ++layer) {
        JetParameters parameters;
        const auto shapes = JetParameters::shapes(dims);
        for (std::size_t i = 0; i < shapes.size(); ++i)
            parameters.*(JetParameters::table()[i].second) = at::randn(shapes[i]) * 0.2;
        blocks.push_back(std::make_shared<const JetBlock>(dims, std::move(parameters), compute));
    }
    return std::make_shared<const Supernet>(model, Supernet::Alternatives{{"jet", std::move(blocks)}}, "checkpoint");
}

inline std::shared_ptr<const Supernet> tinySupernet(int layers = 4, const char* dtype = "float32") {
    return tinySupernetOf(tinyModel(layers), dtype);
}

}  // namespace airframe::test
