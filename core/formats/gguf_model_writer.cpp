// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_model_writer.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/formats/gguf_config.h"
#include "core/formats/gguf_names.h"
#include "core/formats/gguf_rope.h"
#include "core/formats/gguf_tokenizer_writer.h"
#include "core/formats/gguf_writer.h"
#include "core/formats/model_layout.h"
#include "core/formats/quantise.h"
#include "core/formats/rotary_rows.h"
#include "core/formats/safetensors.h"

namespace airframe {
namespace {

/// What a whole file is called after the type of its matrices: general.file_type.
struct FileType {
    std::string_view storage;
    std::uint32_t number;
};
constexpr std::array<FileType, 4> file_types{{{"F16", 1}, {"Q4_0", 2}, {"Q4_1", 3}, {"Q8_0", 7}}};

const FileType& fileType(const std::string& storage) {
    std::string known;
    for (const FileType& row : file_types) {
        if (row.storage == storage) return row;
        known += (known.empty() ? "" : ", ") + std::string(row.storage);
    }
    throw Failure(ErrorCode::options, "storage", "\"" + storage + "\" is not written", "choose one of " + known);
}

/// Attention as llama.cpp has it in its llama and Qwen graphs.
bool isPlain(const ModelConfig& c) {
    for (const LayerConfig& layer : c.layer) {
        if (layer.block != "attn" || layer.local_rope || (layer.window > 0 && layer.window < c.context)) return false;
    }
    return !c.post_norms && !c.norm_plus_one && c.activation == Activation::silu && c.embedding_scale == 1.0 && c.query_scale == 0.0;
}

/// Whether the parts of the model are those of the architecture.
bool fitsParts(const ModelConfig& c, const GgufArchitecture& row) {
    const auto fits = [&](bool model, bool possible) { return model == possible || (!model && row.optional_parts); };
    return fits(c.qkv_bias, row.qkv_bias) && fits(c.o_bias, row.o_bias) && fits(c.mlp_bias, row.mlp_bias) && fits(c.qk_norm, row.qk_norm);
}

/// The facts' names become keys; what the container says about itself is not theirs to say.
void writeFacts(GgufKeys& out, const std::map<std::string, std::string>& facts) {
    for (const auto& [name, value] : facts) {
        std::string key = name;
        for (char& c : key) {
            const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
            if (!plain) c = '_';
        }
        for (const char* own : {"architecture", "alignment", "type", "file_type", "quantization_version"}) {
            if (key == own) throw Failure(ErrorCode::internal, "fact " + name, "is a key that the writer sets");
        }
        out.addText("general." + key, value);
    }
}

/// Values of a tensor in the order and type of the file.
class Converter {
  public:
    Converter(const GgufArchitecture& architecture, const ModelConfig& config) : m_architecture(architecture), m_config(config) {}

    std::span<const std::byte> operator()(const GgufTensorSource& source, const Quantiser& type) {
        const std::vector<float> values = source.values();
        const auto rows = static_cast<std::size_t>(source.shape.front());
        const std::size_t width = values.size() / rows, row_bytes = width / type.stored->block * type.stored->block_bytes;
        if (values.size() != rows * width || (source.shape.size() == 2 && width != static_cast<std::size_t>(source.shape.back()))) {
            throw Failure(ErrorCode::internal, "tensor " + source.hf_name, std::to_string(values.size()) + " values were given for the shape " + shapeText(source.shape));
        }
        const bool turned = m_architecture.interleaved && hasRotaryRows(source.hf_name);
        m_bytes.resize(rows * row_bytes);
        for (std::size_t row = 0; row < rows; ++row) {
            const auto from = turned ? static_cast<std::size_t>(halfSplitRow(static_cast<std::int64_t>(row), m_config.head_dim)) : row;
            const std::span<const float> one(values.data() + from * width, width);
            if (const std::size_t bad = type.convert(one, m_bytes.data() + row * row_bytes); bad != width) {
                throw Failure(ErrorCode::bad_input, "tensor " + source.hf_name,
                              "its value " + std::to_string(one[bad]) + " at row " + std::to_string(from) + ", column " + std::to_string(bad) +
                                  " cannot be stored as " + std::string(type.name),
                              "choose another storage or mend the model");
            }
        }
        return m_bytes;
    }

  private:
    const GgufArchitecture& m_architecture;
    const ModelConfig& m_config;
    std::vector<std::byte> m_bytes;
};

/// The sources by the names of the layout, each there once and in its shape.
std::map<std::string_view, const GgufTensorSource*> checkedSources(const std::vector<LayoutTensor>& layout,
                                                                   const std::vector<GgufTensorSource>& tensors) {
    const auto fail = [](const std::string& name, const std::string& what) { throw Failure(ErrorCode::internal, "tensor " + name, what); };
    std::map<std::string_view, const GgufTensorSource*> sources;
    for (const GgufTensorSource& tensor : tensors) {
        if (!sources.emplace(tensor.hf_name, &tensor).second) fail(tensor.hf_name, "is to be written twice into one file");
    }
    for (const LayoutTensor& wanted : layout) {
        const auto it = sources.find(wanted.name);
        if (it == sources.end()) fail(wanted.name, "is missing among the tensors to be written");
        if (it->second->shape != wanted.shape) {
            fail(wanted.name, "shape " + shapeText(wanted.shape) + " was wanted, given " + shapeText(it->second->shape));
        }
    }
    for (const auto& [name, source] : sources) {
        const auto same = [&name = name](const LayoutTensor& wanted) { return wanted.name == name; };
        if (std::none_of(layout.begin(), layout.end(), same)) fail(source->hf_name, "a model of this config has no such tensor");
    }
    return sources;
}

}  // namespace

std::string ggufArchitectureFor(const ModelConfig& config) {
    const GgufArchitecture* best = nullptr;
    for (const GgufArchitecture& row : ggufArchitectures()) {
        if (row.ours || !isPlain(config) || !fitsParts(config, row) || !fitsGgufRope(config, row)) continue;
        // Among several the one whose models all are of this kind.
        if (!best || (best->optional_parts && !row.optional_parts)) best = &row;
    }
    return best ? std::string(best->name) : "airframe";
}

GgufWritten writeGgufModel(const std::filesystem::path& file, const ModelConfig& config, const TokenizerData& tokenizer,
                           const std::string& chat_template, const std::map<std::string, std::string>& facts,
                           const std::vector<GgufTensorSource>& tensors, const std::string& storage, RunControl* control) {
    const FileType& file_type = fileType(storage);
    const GgufArchitecture& architecture = *ggufArchitecture(ggufArchitectureFor(config));
    const std::vector<LayoutTensor> layout = modelLayout(config);
    const auto sources = checkedSources(layout, tensors);

    GgufKeys keys;
    keys.addText("general.architecture", architecture.name);
    keys.addText("general.type", "model");
    keys.addU32("general.file_type", file_type.number);
    keys.addU32("general.quantization_version", 2);  // of the block formats: ggml's present one
    writeFacts(keys, facts);
    writeGgufConfig(keys, architecture, config);
    const std::vector<GgufRopeTensor> rope = writeGgufRope(keys, architecture, config);
    writeGgufTokenizer(keys, tokenizer, config.vocab);
    if (!chat_template.empty()) keys.addText("tokenizer.chat_template", chat_template);

    Converter convert(architecture, config);
    std::vector<GgufTensorBytes> out;
    for (const auto& [name, values] : rope) {
        out.push_back({name, storedType("F32"), {static_cast<std::int64_t>(values.size())},
                       [&values = values] { return std::as_bytes(std::span(values)); }});
    }
    for (const LayoutTensor& tensor : layout) {
        const GgufTensorSource& source = *sources.at(tensor.name);
        const Quantiser* type = quantiser(tensor.shape.size() == 1 ? "F32" : storage);
        if (tensor.shape.back() % type->stored->block != 0) type = quantiser("F16");
        out.push_back({hfToGgufName(tensor.name, config.post_norms), type->stored, tensor.shape,
                       [&source, type, &convert] { return convert(source, *type); }});
    }
    const GgufFileWritten written = writeGguf(file, keys, out, control);
    return {written.path, written.sha256, written.bytes, std::string(architecture.name)};
}

}  // namespace airframe
