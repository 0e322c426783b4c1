// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/checkpoint.h"

#include <ATen/ATen.h>

#include <cstring>

#include "core/base/error.h"
#include "core/blocks/jet_block.h"
#include "core/formats/safetensors.h"
#include "core/formats/safetensors_writer.h"

namespace airframe {
namespace {

std::string layerPrefix(int layer) {
    return "model.layers." + std::to_string(layer) + ".self_attn.";
}

int number(const SafetensorsFile& file, const std::string& key) {
    const auto found = file.metadata().find(key);
    if (found == file.metadata().end())
        throw Failure(ErrorCode::bad_input, file.path().string(), "its metadata do not tell \"" + key + "\"",
                      "train again");
    return std::atoi(found->second.c_str());
}

}  // namespace

std::string alternativesFile(const std::string& hash) {
    return hash + ".safetensors";
}

std::string writeAlternatives(const std::filesystem::path& folder, const JetDims& dims,
                              const std::vector<JetParameters>& layers) {
    std::vector<SafetensorsSource> sources;
    at::Tensor current;  // keeps the bytes of the tensor being written alive
    for (std::size_t layer = 0; layer < layers.size(); ++layer)
        for (const auto& [name, member] : JetParameters::table()) {
            const at::Tensor& t = layers[layer].*member;
            sources.push_back({layerPrefix(static_cast<int>(layer)) + name, "F32", t.sizes().vec(), [&current, &t] {
                                   current = t.detach().to(at::kCPU, at::kFloat).contiguous();
                                   return std::span(static_cast<const std::byte*>(current.const_data_ptr()),
                                                    current.nbytes());
                               }});
        }
    const std::map<std::string, std::string> metadata = {{"content", "JetBlocks"},
                                                         {"hidden", std::to_string(dims.hidden)},
                                                         {"heads", std::to_string(dims.heads)},
                                                         {"k", std::to_string(dims.k)},
                                                         {"v", std::to_string(dims.v)},
                                                         {"generator", std::to_string(dims.generator)},
                                                         {"norm_eps", std::to_string(dims.norm_eps)}};
    return writeSafetensorsByHash(folder, sources, metadata).sha256;
}

JetDims alternativesDims(const std::filesystem::path& path) {
    const SafetensorsFile file(path);
    JetDims dims{number(file, "hidden"), number(file, "heads"), number(file, "k"), number(file, "v"),
                 number(file, "generator")};
    if (const auto eps = file.metadata().find("norm_eps"); eps != file.metadata().end())
        dims.norm_eps = std::atof(eps->second.c_str());
    return dims;
}

std::vector<JetParameters> readAlternatives(const std::filesystem::path& path, const JetDims& dims, int layers) {
    const SafetensorsFile file(path);
    const auto shapes = JetParameters::shapes(dims);
    std::vector<JetParameters> all(static_cast<std::size_t>(layers));
    for (int layer = 0; layer < layers; ++layer)
        for (std::size_t i = 0; i < shapes.size(); ++i) {
            const auto& [name, member] = JetParameters::table()[i];
            const auto& stored = file.get(layerPrefix(layer) + name, "F32", shapes[i]);
            auto t = at::empty(shapes[i], at::kFloat);
            std::memcpy(t.mutable_data_ptr(), stored.bytes.data(), stored.bytes.size());
            all[static_cast<std::size_t>(layer)].*member = std::move(t);
        }
    return all;
}

std::shared_ptr<const Supernet> openSupernet(const Study& study, const Compute& compute, RunControl& control) {
    const ModelRow row = study.model();
    std::shared_ptr<const ModelFile> file;
    try {
        file = ModelFile::open(row.path);
    } catch (const Failure& failure) {
        throw Failure(failure.error().code, failure.error().where, failure.error().what,
                      "the study " + study.path().string() + " was made for this file; put it back");
    }
    if (file->hash() != row.hash)
        throw Failure(ErrorCode::bad_input, row.path,
                      "is not the file the study was made for: its SHA-256 starts " + file->hash().substr(0, 12) +
                          ", " + row.hash.substr(0, 12) + " was wanted",
                      "put the original file back or make a new study");
    auto model = Model::load(file, compute, control);
    const auto checkpoint = study.latestCheckpoint("jet");
    if (!checkpoint) return std::make_shared<const Supernet>(std::move(model), Supernet::Alternatives{});

    const auto weights = study.weightsFolder() / checkpoint->weights_file;
    const JetDims dims = alternativesDims(weights);
    auto parameters = readAlternatives(weights, dims, model->config().layers);
    std::vector<std::shared_ptr<const Block>> blocks;
    for (std::size_t layer = 0; layer < parameters.size(); ++layer)
        blocks.push_back(std::make_shared<JetBlock>(dims, std::move(parameters[layer]), compute,
                                                    weights.string() + ", layer " + std::to_string(layer)));
    return std::make_shared<const Supernet>(std::move(model), Supernet::Alternatives{{"jet", std::move(blocks)}},
                                            checkpoint->hash);
}

}  // namespace airframe
