// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_model.h"

#include <cstring>
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
        const GgufTensor& tensor = stored(name);
        const StoredType& type = *tensor.type;
        const auto convert = [&](const std::byte* from, std::size_t bytes, float* to) { type.convert(from, bytes / type.block_bytes, to); };
        if (!isRotated(name)) return convert(tensor.bytes.data(), tensor.bytes.size(), out);
        const std::size_t bytes = rowBytes(tensor);
        for (std::int64_t row = 0; row < tensor.shape[0]; ++row)
            convert(tensor.bytes.data() + static_cast<std::size_t>(row) * bytes, bytes, out + halfSplitRow(row) * tensor.shape[1]);
    }

    void readStored(std::string_view name, std::byte* out) const override {
        const GgufTensor& tensor = stored(name);
        if (!isRotated(name)) {
            std::memcpy(out, tensor.bytes.data(), tensor.bytes.size());
            return;
        }
        const std::size_t bytes = rowBytes(tensor);
        for (std::int64_t row = 0; row < tensor.shape[0]; ++row)
            std::memcpy(out + static_cast<std::size_t>(halfSplitRow(row)) * bytes, tensor.bytes.data() + static_cast<std::size_t>(row) * bytes, bytes);
    }

  private:
    const GgufTensor& stored(std::string_view name) const {
        const auto it = m_stored.find(name);
        if (it == m_stored.end())
            throw Failure(ErrorCode::bad_input, path().string() + ": tensor " + std::string(name), "is not in the file");
        return *it->second;
    }
    static std::size_t rowBytes(const GgufTensor& tensor) { return tensor.bytes.size() / static_cast<std::size_t>(tensor.shape[0]); }
    /// Queries and keys lie in llama.cpp's interleaved rotary order.
    static bool isRotated(std::string_view name) {
        return name.ends_with(".self_attn.q_proj.weight") || name.ends_with(".self_attn.k_proj.weight");
    }
    /// The file's row 2i + s of a head is the row s*d/2 + i of the half-split order: s = 0 the first of a rotated pair.
    std::int64_t halfSplitRow(std::int64_t row) const {
        const std::int64_t d = m_config.head_dim, in_head = row % d;
        return row - in_head + in_head % 2 * (d / 2) + in_head / 2;
    }

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
