// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/model_config.h"

namespace airframe {

class Tokenizer;

/// One stored tensor. Names and shapes are those of Hugging Face whatever the format
/// ("model.layers.3.self_attn.q_proj.weight" [out, in]), so that nothing above formats/ knows where it came from.
struct TensorInfo {
    std::string name;
    std::string type;                 ///< a StoredType's name: "F32", "BF16", "Q8_0", "Q4_K", ...
    std::vector<std::int64_t> shape;  ///< outermost first
    std::uint64_t bytes = 0;          ///< as stored
    [[nodiscard]] std::int64_t elements() const;
};

/// A model on disk: header read and validated when opened, weights mapped and converted on demand.
/// Immutable after opening; any thread may read. Every failure is a Failure(bad_input) naming file and tensor or field.
class ModelFile {
  public:
    virtual ~ModelFile() = default;
    /// Opens a .gguf or .safetensors file, or a folder with config.json. Reads headers only.
    [[nodiscard]] static std::unique_ptr<ModelFile> open(const std::filesystem::path& path);

    [[nodiscard]] virtual std::string format() const = 0;  ///< "gguf" or "safetensors"
    [[nodiscard]] virtual const std::filesystem::path& path() const = 0;
    [[nodiscard]] virtual const ModelConfig& config() const = 0;
    [[nodiscard]] virtual const std::vector<TensorInfo>& tensors() const = 0;
    [[nodiscard]] virtual std::uint64_t bytes() const = 0;  ///< of the file, or of all weight files of the folder
    /// SHA-256 over the weight file (for several: over their hashes in name order). Takes time for large files.
    [[nodiscard]] virtual std::string hash() const = 0;
    /// Converts a whole tensor to float32 in `out` (elements() values, row-major). Rows of Q and K projections stored
    /// in llama.cpp's interleaved rotary order are put back into the half-split order. Throws for an unknown name.
    virtual void readFloat(std::string_view name, float* out) const = 0;
    /// Copies a tensor as stored (TensorInfo::bytes bytes), rows in the same order as readFloat gives them. For weights
    /// that are computed with in the file's own type. Throws for an unknown name.
    virtual void readStored(std::string_view name, std::byte* out) const = 0;
    /// The tokenizer of this file; throws Failure if it has none we can read.
    [[nodiscard]] virtual std::shared_ptr<const Tokenizer> tokenizer() const = 0;
    /// Text of the chat template, empty if the file has none.
    [[nodiscard]] virtual std::string chatTemplate() const = 0;
    /// What the file says about its origin, for provenance: "name", "license", ... as far as it does.
    [[nodiscard]] virtual std::map<std::string, std::string> facts() const { return {}; }

    [[nodiscard]] const TensorInfo* find(std::string_view name) const;  ///< nullptr if absent
    [[nodiscard]] std::int64_t parameters() const;  ///< tied weights counted once
};

}  // namespace airframe
