// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/hf_export.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <ctime>
#include <map>

#include "core/base/error.h"
#include "core/blocks/jet_block.h"
#include "core/blocks/tensor_reader.h"
#include "core/export/model_card.h"
#include "core/export/staging_folder.h"
#include "core/formats/hf_config.h"
#include "core/formats/model_layout.h"
#include "core/formats/output_file.h"
#include "core/formats/safetensors.h"
#include "core/formats/safetensors_writer.h"
#include "core/formats/tokenizer.h"
#include "core/formats/tokenizer_json.h"

namespace airframe {
namespace fs = std::filesystem;
namespace {

constexpr int check_tokens = 96;
constexpr const char* weights_name = "model.safetensors";

void goOn(RunControl& control, const fs::path& dir, const char* phase) {
    if (!control.checkpoint()) throw Failure(ErrorCode::interrupted, dir.string(), "the export was stopped", "nothing was left behind");
    Progress progress;
    progress.phase = phase;
    control.progress(progress);
}

std::string layerPrefix(int layer) { return "model.layers." + std::to_string(layer) + ".self_attn."; }

bool isOwn(const Supernet& supernet, int layer, const Block& block) { return &block == &supernet.model().mixer(layer); }

/// The base model's config with the placement's blocks and their dimensions.
ModelConfig exportedConfig(const Supernet& supernet, const Placement& placement) {
    ModelConfig c = supernet.model().config();
    c.architecture = "airframe";
    c.block_dims.clear();
    for (int i = 0; i < c.layers; ++i) {
        c.layer[static_cast<std::size_t>(i)].block = placement[i];
        const auto* jet = dynamic_cast<const JetBlock*>(&supernet.block(i, placement[i]));
        if (!jet) continue;
        const JetDims& d = jet->dims();
        const std::map<std::string, int> dims{{"heads", d.heads}, {"k", d.k}, {"v", d.v}, {"generator", d.generator}};
        const auto [it, first] = c.block_dims.emplace("jet", dims);
        if (!first && (it->second != dims || c.jet_norm_eps != d.norm_eps)) {
            throw Failure(ErrorCode::bad_input, "layer " + std::to_string(i),
                          "its jet block has other dimensions than the model's other jet blocks",
                          "a folder holds one set of dimensions for all of them");
        }
        c.jet_norm_eps = d.norm_eps;
    }
    return c;
}

/// The tensors of the exported model, each from where it lies: the trained block in memory, else the base model's file.
class Weights {
  public:
    Weights(const Supernet& supernet, const Placement& placement) : m_file(supernet.model().file()) {
        for (int i = 0; i < supernet.layers(); ++i) {
            const Block& block = supernet.block(i, placement[i]);
            if (isOwn(supernet, i, block)) continue;
            for (auto& [name, tensor] : block.parameters()) m_trained[layerPrefix(i) + name] = tensor;
        }
    }

    /// As float32 on the CPU. Throws Failure(internal) if a block's tensors are not those of the layout.
    at::Tensor get(const LayoutTensor& wanted) const {
        const auto it = m_trained.find(wanted.name);
        if (it == m_trained.end()) return readTensor(m_file, wanted.name, wanted.shape);
        if (it->second.sizes() != at::IntArrayRef(wanted.shape)) {
            throw Failure(ErrorCode::internal, wanted.name, "shape " + shapeText(wanted.shape) + " was wanted, the block has " +
                                                                sizesText(it->second.sizes()));
        }
        return it->second.detach().to(at::kCPU, at::kFloat).contiguous();
    }

  private:
    const ModelFile& m_file;
    std::map<std::string, at::Tensor> m_trained;
};

SafetensorsWritten writeWeights(const StagingFolder& staging, const Weights& weights, const ModelConfig& config,
                                bool bf16, RunControl& control) {
    std::vector<SafetensorsSource> sources;
    std::uintmax_t bytes = 1 << 24;  // the texts beside it
    at::Tensor current;              // keeps the bytes being written alive
    for (const LayoutTensor& tensor : modelLayout(config)) {
        const at::ScalarType type = bf16 && tensor.shape.size() > 1 ? at::kBFloat16 : at::kFloat;
        sources.push_back({tensor.name, type == at::kFloat ? "F32" : "BF16", tensor.shape, [&current, &weights, tensor, type] {
                               current = weights.get(tensor).to(type).contiguous();
                               return std::span(static_cast<const std::byte*>(current.const_data_ptr()), current.nbytes());
                           }});
        std::uintmax_t size = at::elementSize(type);
        for (const std::int64_t dim : tensor.shape) size *= static_cast<std::uintmax_t>(dim);
        bytes += size;
    }
    staging.needRoom(bytes);
    return writeSafetensors(staging.path() / weights_name, sources, {{"format", "pt"}}, &control);
}

void writeText(const StagingFolder& staging, const std::string& name, const std::string& text) {
    OutputFile file(staging.path());
    file.write(text);
    file.commit(staging.path() / name);
}

void writeJson(const StagingFolder& staging, const std::string& name, const nlohmann::ordered_json& json) {
    writeText(staging, name, json.dump(2) + "\n");
}

/// Logits of a fixed sequence, [check_tokens, vocab] float32. The ids run through the vocabulary in steps prime to its size.
at::Tensor checkLogits(const Supernet& supernet, const Placement& placement) {
    const std::int64_t vocab = supernet.model().config().vocab;
    const at::Tensor ids = (at::arange(check_tokens, at::kLong) * 7919 + 13).remainder(vocab).unsqueeze(0);
    return supernet.model().logits(supernet.forward(ids, placement, nullptr)).squeeze(0).to(at::kCPU);
}

/// How far the reloaded model is from the one in memory, and how far its storage explains.
struct Comparison {
    double difference = 0, allowed = 0;
};

Comparison compareReloaded(const Supernet& supernet, const Placement& placement, const fs::path& folder, bool bf16,
                           RunControl& control) {
    const at::Tensor wanted = checkLogits(supernet, placement);
    std::shared_ptr<const ModelFile> file = ModelFile::open(folder);
    const Supernet reloaded(Model::load(file, supernet.model().compute(), control), {});
    Comparison result;
    result.difference = (checkLogits(reloaded, placement) - wanted).abs().max().item<double>();
    // Rounding matrices to bf16 (2^-9 each) moves the logits of SmolLM2 by about 1 % of the largest; a tensor in a wrong
    // place moves them by their own size. The limit lies between.
    const bool rounded = bf16 || supernet.model().compute().dtype == at::kBFloat16;
    result.allowed = (rounded ? 0.25 : 1e-4) * std::max(wanted.abs().max().item<double>(), 1.0);
    return result;
}

std::string utcNow() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

ExportInfo filledIn(ExportInfo info, const Supernet& supernet) {
    const ModelFile& file = supernet.model().file();
    const auto facts = file.facts();
    const auto fact = [&](const char* name) { return facts.contains(name) ? facts.at(name) : std::string(); };
    if (info.base_name.empty()) info.base_name = fact("name");
    if (info.base_name.empty()) info.base_name = file.path().stem().string();
    if (info.base_licence.empty()) info.base_licence = fact("license");
    if (info.model_hash.empty()) info.model_hash = file.hash();
    if (info.checkpoint_hash.empty()) info.checkpoint_hash = supernet.checkpointHash();
    return info;
}

}  // namespace

ExportResult exportPlacement(const Supernet& supernet, const Placement& placement, const fs::path& dir,
                             const ExportInfo& info, RunControl& control) {
    const at::NoGradGuard no_grad;
    if (info.storage != "float32" && info.storage != "bf16") {
        throw Failure(ErrorCode::options, "storage", "float32 or bf16 was wanted, found \"" + info.storage + "\"");
    }
    const bool bf16 = info.storage == "bf16";
    supernet.check(placement);
    const Model& model = supernet.model();
    const TokenizerData& tokenizer = model.tokenizer().data();
    ExportFacts facts;
    facts.placement = placement;
    facts.config = exportedConfig(supernet, placement);
    checkConfig(facts.config, "export");

    StagingFolder staging(dir);
    goOn(control, dir, "write");
    const SafetensorsWritten weights = writeWeights(staging, Weights(supernet, placement), facts.config, bf16, control);
    writeJson(staging, "config.json", hfConfigJson(facts.config, bf16 ? "bfloat16" : "float32"));
    writeText(staging, "tokenizer.json", tokenizerJson(tokenizer).dump() + "\n");
    writeJson(staging, "tokenizer_config.json",
              tokenizerConfigJson(tokenizer, model.file().chatTemplate(), facts.config.context));
    nlohmann::ordered_json generation{{"_from_model_config", true}};
    if (facts.config.bos_id >= 0) generation["bos_token_id"] = facts.config.bos_id;
    if (facts.config.eos_id >= 0) generation["eos_token_id"] = facts.config.eos_id;
    writeJson(staging, "generation_config.json", generation);

    goOn(control, dir, "compare");
    const Comparison check = compareReloaded(supernet, placement, staging.path(), bf16, control);
    if (!(check.difference <= check.allowed)) {
        throw Failure(ErrorCode::bad_input, dir.string(),
                      "the reloaded model differs: a logit by " + std::to_string(check.difference) + ", at most " +
                          std::to_string(check.allowed) + " was wanted",
                      "the disk may be faulty; nothing was kept");
    }
    facts.max_logit_difference = check.difference;
    facts.checked_tokens = check_tokens;
    for (const LayoutTensor& tensor : modelLayout(facts.config)) {
        std::int64_t count = 1;
        for (const std::int64_t dim : tensor.shape) count *= dim;
        facts.parameters += count;
    }
    facts.info = filledIn(info, supernet);
    facts.base_file = model.file().path().filename().string();
    facts.weights_sha256 = weights.sha256;
    facts.created = utcNow();
    writeJson(staging, "architecture.json", architectureJson(facts));
    writeText(staging, "README.md", modelCard(facts));

    ExportResult result{dir, {}, facts.max_logit_difference, facts.checked_tokens};
    for (const fs::directory_entry& entry : fs::directory_iterator(staging.path())) {
        result.files.push_back(entry.path().filename().string());
    }
    std::sort(result.files.begin(), result.files.end());
    goOn(control, dir, "write");
    staging.commit();
    return result;
}

}  // namespace airframe
