// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_model.h"

#include <cstring>
#include <map>
#include <mutex>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/formats/gguf_config.h"
#include "core/formats/gguf_names.h"
#include "core/formats/gguf_parts.h"
#include "core/formats/gguf_rope.h"
#include "core/formats/gguf_tokenizer.h"
#include "core/formats/model_layout.h"
#include "core/formats/rotary_rows.h"

namespace airframe {
namespace {

class GgufModel final : public ModelFile {
  public:
    explicit GgufModel(const std::filesystem::path& path) : m_parts(path), m_architecture(architectureOf(first())) {
        TokenizerData tokenizer = ggufTokenizer(first());
        m_config = readGgufConfig(first(), m_parts.tensors(), tokenizer);
        for (const GgufTensor* tensor : m_parts.tensors()) {
            if (isGgufRopeTensor(tensor->name, m_architecture)) continue;  // read with the config
            m_tensors.push_back({ggufToHfName(tensor->name, m_config.post_norms), std::string(tensor->type->name), tensor->shape,
                                 tensor->bytes.size()});
            if (!m_stored.emplace(m_tensors.back().name, tensor).second) fail(tensor->name, "is stored twice, under two names");
        }
        checkTensors(m_tensors, m_config, path.string());
        for (const auto& [name, tensor] : m_stored) {
            if (isRotated(name) && tensor->shape.size() == 1 && tensor->type->block != 1) {
                fail(tensor->name, "a bias of type " + std::string(tensor->type->name) + " is not read, F32 is");
            }
        }
        m_tokenizer = std::make_shared<const Tokenizer>(std::move(tokenizer), path.string());
        if (const GgufValue* text = first().find("tokenizer.chat_template")) m_chat_template = text->text();
    }

    std::string format() const override { return "gguf"; }
    const std::filesystem::path& path() const override { return first().path(); }
    const ModelConfig& config() const override { return m_config; }
    const std::vector<TensorInfo>& tensors() const override { return m_tensors; }
    std::shared_ptr<const Tokenizer> tokenizer() const override { return m_tokenizer; }
    std::string chatTemplate() const override { return m_chat_template; }

    std::uint64_t bytes() const override {
        std::uint64_t sum = 0;
        for (const auto& file : m_parts.files()) sum += file->bytes();
        return sum;
    }

    std::map<std::string, std::string> facts() const override {
        std::map<std::string, std::string> result;
        for (const char* key : {"name", "organization", "license", "size_label"}) {
            const GgufValue* value = first().find(std::string("general.") + key);
            if (value && value->type == GgufType::string) result[key] = value->text();
        }
        return result;
    }

    std::string hash() const override {
        std::call_once(m_hash_once, [&] {
            std::string all;
            for (const auto& file : m_parts.files()) all += sha256File(file->path());  // the parts' names count up
            m_hash = m_parts.files().size() == 1 ? all : sha256(std::string_view(all));
        });
        return m_hash;
    }

    void readFloat(std::string_view name, float* out) const override {
        const GgufTensor& tensor = stored(name);
        const StoredType& type = *tensor.type;
        const auto convert = [&](const std::byte* from, std::size_t bytes, float* to) { type.convert(from, bytes / type.block_bytes, to); };
        if (!isRotated(name)) return convert(tensor.bytes.data(), tensor.bytes.size(), out);
        const std::size_t bytes = rowBytes(tensor), width = bytes / type.block_bytes * type.block;
        for (std::int64_t row = 0; row < tensor.shape[0]; ++row)
            convert(tensor.bytes.data() + size(row) * bytes, bytes, out + size(halfSplitRow(row, m_config.head_dim)) * width);
    }

    void readStored(std::string_view name, std::byte* out) const override {
        const GgufTensor& tensor = stored(name);
        if (!isRotated(name)) {
            std::memcpy(out, tensor.bytes.data(), tensor.bytes.size());
            return;
        }
        const std::size_t bytes = rowBytes(tensor);
        for (std::int64_t row = 0; row < tensor.shape[0]; ++row)
            std::memcpy(out + size(halfSplitRow(row, m_config.head_dim)) * bytes, tensor.bytes.data() + size(row) * bytes, bytes);
    }

  private:
    [[noreturn]] void fail(std::string_view tensor, const std::string& what) const {
        throw Failure(ErrorCode::bad_input, path().string() + ": tensor " + std::string(tensor), what);
    }
    const GgufFile& first() const { return m_parts.first(); }
    const GgufTensor& stored(std::string_view name) const {
        const auto it = m_stored.find(name);
        if (it == m_stored.end()) fail(name, "is not in the file");
        return *it->second;
    }
    static std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }
    static std::size_t rowBytes(const GgufTensor& tensor) { return tensor.bytes.size() / size(tensor.shape[0]); }
    /// Queries and keys (Hugging Face name) lie in llama.cpp's interleaved rotary order.
    bool isRotated(std::string_view name) const { return m_architecture.interleaved && hasRotaryRows(name); }

    GgufParts m_parts;
    const GgufArchitecture& m_architecture;
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
