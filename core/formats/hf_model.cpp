// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/hf_model.h"

#include <cstring>
#include <map>
#include <mutex>
#include <set>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/formats/dequantise.h"
#include "core/formats/hf_config.h"
#include "core/formats/hf_tensor_names.h"
#include "core/formats/json_file.h"
#include "core/formats/model_folder.h"
#include "core/formats/model_layout.h"
#include "core/formats/safetensors.h"
#include "core/formats/tokenizer.h"
#include "core/formats/tokenizer_folder.h"

namespace airframe {
namespace {

namespace fs = std::filesystem;

/// Tensor name -> shard file name, from model.safetensors.index.json.
std::map<std::string, std::string> readIndex(const fs::path& file) {
    const auto json = readJsonFile(file);
    const auto map = json.find("weight_map");
    const auto fail = [&](const std::string& what) { throw Failure(ErrorCode::bad_input, file.string() + ": weight_map", what); };
    if (map == json.end() || !map->is_object() || map->empty()) fail("is missing or empty");
    std::map<std::string, std::string> result;
    for (const auto& [tensor, shard] : map->items()) {
        if (!shard.is_string()) fail("tensor " + tensor + " has no file name");
        const std::string name = shard;
        try {
            (void)fileOfModel(file.parent_path(), name);  // the index must not reach outside its folder
        } catch (const Failure& failure) {
            fail("tensor " + tensor + ": " + failure.error().what);
        }
        result[tensor] = name;
    }
    return result;
}

/// Everything beside the weights that is read from a folder, here or by the readers of tokenizers and chat templates.
constexpr const char* texts[] = {"config.json",       "model.safetensors.index.json", "tokenizer.json",      "tokenizer_config.json",
                                 "vocab.json",        "merges.txt",                   "tokenizer.model",     "special_tokens_map.json",
                                 "added_tokens.json", "generation_config.json",       "chat_template.jinja", "chat_template.json"};

class HfModel final : public ModelFile {
  public:
    explicit HfModel(const fs::path& path) : m_path(path) {
        const bool single = !fs::is_directory(path);
        const fs::path folder = !single ? path : path.has_parent_path() ? path.parent_path() : fs::path(".");
        for (const char* name : texts) (void)fileOfModel(folder, name);
        m_config = readHfConfig(folder / "config.json");
        std::map<std::string, std::string> index;
        if (single) {
            addShard(path);
        } else if (fs::exists(folder / "model.safetensors.index.json")) {
            index = readIndex(folder / "model.safetensors.index.json");
            std::set<std::string> names;
            for (const auto& [tensor, shard] : index) names.insert(shard);
            for (const std::string& name : names) addShard(fileOfModel(folder, name));
        } else {
            addShard(fileOfModel(folder, "model.safetensors"));
        }
        for (const auto& [tensor, shard] : index) {
            const auto name = layoutName(m_config.architecture, tensor);
            if (!name) continue;
            const auto it = m_stored.find(*name);
            if (it == m_stored.end() || it->second.file->path().filename() != shard) {
                throw Failure(ErrorCode::bad_input, (folder / shard).string() + ": tensor " + tensor,
                              "is not there, though model.safetensors.index.json says so");
            }
        }
        checkTensors(m_tensors, m_config, path.string());
        if (auto data = readTokenizerFolder(folder, m_config.vocab)) {
            if (data->bos_id < 0) data->bos_id = m_config.bos_id;
            if (data->eos_id < 0) data->eos_id = m_config.eos_id;
            m_config.bos_id = data->bos_id;
            m_config.eos_id = data->eos_id;
            m_config.add_bos = data->add_bos;
            m_tokenizer = std::make_shared<const Tokenizer>(std::move(*data), folder.string());
        }
        m_chat_template = readChatTemplate(folder);
    }

    std::string format() const override { return "safetensors"; }
    const fs::path& path() const override { return m_path; }
    const ModelConfig& config() const override { return m_config; }
    const std::vector<TensorInfo>& tensors() const override { return m_tensors; }
    std::string chatTemplate() const override { return m_chat_template; }

    std::uint64_t bytes() const override {
        std::uint64_t sum = 0;
        for (const auto& shard : m_shards) sum += shard->bytes();
        return sum;
    }

    std::string hash() const override {
        std::call_once(m_hash_once, [&] {
            std::string all;
            for (const auto& shard : m_shards) all += sha256File(shard->path());  // shards are in name order
            m_hash = m_shards.size() == 1 ? all : sha256(std::string_view(all));
        });
        return m_hash;
    }

    void readFloat(std::string_view name, float* out) const override {
        const SafetensorsTensor& tensor = stored(name);
        const StoredType* type = storedType(tensor.dtype);
        if (!type) {
            throw Failure(ErrorCode::bad_input, m_path.string() + ": tensor " + std::string(name),
                          "type " + tensor.dtype + " cannot be read as numbers");
        }
        type->convert(tensor.bytes.data(), tensor.bytes.size() / type->block_bytes, out);
    }

    void readStored(std::string_view name, std::byte* out) const override {
        const SafetensorsTensor& tensor = stored(name);
        std::memcpy(out, tensor.bytes.data(), tensor.bytes.size());
    }

    std::shared_ptr<const Tokenizer> tokenizer() const override {
        if (!m_tokenizer) {
            throw Failure(ErrorCode::bad_input, m_path.string() + ": tokenizer", "is missing",
                          "put the tokenizer.json (or vocab.json and merges.txt, or tokenizer.model) of the model into its folder");
        }
        return m_tokenizer;
    }

  private:
    const SafetensorsTensor& stored(std::string_view name) const {
        const auto it = m_stored.find(name);
        if (it == m_stored.end())
            throw Failure(ErrorCode::bad_input, m_path.string() + ": tensor " + std::string(name), "is not in the model");
        return *it->second.tensor;
    }

    struct Place {
        const SafetensorsFile* file;
        const SafetensorsTensor* tensor;
    };

    void addShard(const fs::path& file) {
        m_shards.push_back(std::make_unique<const SafetensorsFile>(file));
        for (const SafetensorsTensor& tensor : m_shards.back()->tensors()) {
            const auto name = layoutName(m_config.architecture, tensor.name);
            if (!name) continue;
            if (!m_stored.emplace(*name, Place{m_shards.back().get(), &tensor}).second) {
                throw Failure(ErrorCode::bad_input, file.string() + ": tensor " + tensor.name, "is stored twice");
            }
            m_tensors.push_back({*name, tensor.dtype, tensor.shape, tensor.bytes.size()});
        }
    }

    fs::path m_path;
    ModelConfig m_config;
    std::vector<std::unique_ptr<const SafetensorsFile>> m_shards;
    std::map<std::string, Place, std::less<>> m_stored;
    std::vector<TensorInfo> m_tensors;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::string m_chat_template;
    mutable std::once_flag m_hash_once;
    mutable std::string m_hash;
};

}  // namespace

std::unique_ptr<ModelFile> openHfModel(const fs::path& path) { return std::make_unique<HfModel>(path); }

}  // namespace airframe
