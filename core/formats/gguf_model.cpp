// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_model.h"

#include <map>
#include <mutex>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/formats/gguf.h"
#include "core/formats/gguf_llama.h"
#include "core/formats/model_layout.h"

namespace airframe {
namespace {

class GgufModel final : public ModelFile {
  public:
    explicit GgufModel(const std::filesystem::path& path) : m_file(path), m_config(ggufLlamaConfig(m_file)) {
        for (const GgufTensor& tensor : m_file.tensors()) {
            m_tensors.push_back({ggufToHfName(tensor.name), std::string(tensor.type->name), tensor.shape, tensor.bytes.size()});
            m_stored[m_tensors.back().name] = &tensor;
        }
        checkTensors(m_tensors, m_config, path.string());
        m_tokenizer = std::make_shared<const Tokenizer>(ggufTokenizer(m_file), path.string());
        if (const GgufValue* text = m_file.find("tokenizer.chat_template")) m_chat_template = text->text();
    }

    std::string format() const override { return "gguf"; }
    const std::filesystem::path& path() const override { return m_file.path(); }
    const ModelConfig& config() const override { return m_config; }
    const std::vector<TensorInfo>& tensors() const override { return m_tensors; }
    std::uint64_t bytes() const override { return m_file.bytes(); }
    std::shared_ptr<const Tokenizer> tokenizer() const override { return m_tokenizer; }
    std::string chatTemplate() const override { return m_chat_template; }

    std::map<std::string, std::string> facts() const override {
        std::map<std::string, std::string> result;
        for (const char* key : {"name", "organization", "license", "size_label"}) {
            const GgufValue* value = m_file.find(std::string("general.") + key);
            if (value && value->type == GgufType::string) result[key] = value->text();
        }
        return result;
    }

    std::string hash() const override {
        std::call_once(m_hash_once, [&] { m_hash = sha256File(path()); });
        return m_hash;
    }

    void readFloat(std::string_view name, float* out) const override {
        const auto it = m_stored.find(name);
        if (it == m_stored.end()) {
            throw Failure(ErrorCode::bad_input, path().string() + ": tensor " + std::string(name), "is not in the file");
        }
        const GgufTensor& tensor = *it->second;
        const StoredType& type = *tensor.type;
        const bool rotated = name.ends_with(".self_attn.q_proj.weight") || name.ends_with(".self_attn.k_proj.weight");
        if (!rotated) {
            type.convert(tensor.bytes.data(), tensor.bytes.size() / type.block_bytes, out);
            return;
        }
        // The file's row 2i + s of a head is the row s*d/2 + i of the half-split order: s = 0 the first of a rotated pair.
        const std::int64_t rows = tensor.shape[0], columns = tensor.shape[1], d = m_config.head_dim;
        const std::size_t blocks = static_cast<std::size_t>(columns) / type.block;
        for (std::int64_t row = 0; row < rows; ++row) {
            const std::int64_t head = row / d, in_head = row % d;
            const std::int64_t to = head * d + (in_head % 2) * (d / 2) + in_head / 2;
            type.convert(tensor.bytes.data() + static_cast<std::size_t>(row) * blocks * type.block_bytes, blocks,
                         out + to * columns);
        }
    }

  private:
    GgufFile m_file;
    ModelConfig m_config;
    std::vector<TensorInfo> m_tensors;
    std::map<std::string, const GgufTensor*, std::less<>> m_stored;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::string m_chat_template;
    mutable std::once_flag m_hash_once;
    mutable std::string m_hash;
};

}  // namespace

std::unique_ptr<ModelFile> openGgufModel(const std::filesystem::path& path) { return std::make_unique<GgufModel>(path); }

}  // namespace airframe
