// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/dequantise.h"
#include "core/formats/gguf_value.h"
#include "core/formats/mapped_file.h"

namespace airframe {

/// One tensor of a GGUF file, its bytes lying in the mapping.
struct GgufTensor {
    std::string name;                 ///< as in the file
    const StoredType* type = nullptr;
    std::vector<std::int64_t> shape;  ///< outermost first (the file has it innermost first)
    std::span<const std::byte> bytes;
};

/// The container of a GGUF file, versions 2 and 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), mapped. Every
/// length, count, offset and overlap is checked against the file before anything is allocated for it. What the metadata mean
/// is not its business; a split model's parts are files of their own (gguf_parts.h). Owns the mapping: it outlives every view. Any thread.
class GgufFile {
  public:
    /// Throws Failure(bad_input) naming the file and the key or tensor.
    explicit GgufFile(const std::filesystem::path& path);

    [[nodiscard]] const GgufValue* find(std::string_view key) const;  ///< nullptr if absent
    [[nodiscard]] const GgufValue& get(std::string_view key) const;   ///< throws Failure(bad_input) if absent
    /// All keys with their values, in the order of their names.
    [[nodiscard]] const std::map<std::string, GgufValue, std::less<>>& metadata() const { return m_metadata; }
    [[nodiscard]] const std::vector<GgufTensor>& tensors() const { return m_tensors; }  ///< in file order
    [[nodiscard]] const std::filesystem::path& path() const { return m_file.path(); }
    [[nodiscard]] std::uint64_t bytes() const { return m_file.bytes().size(); }

  private:
    MappedFile m_file;
    std::map<std::string, GgufValue, std::less<>> m_metadata;
    std::vector<GgufTensor> m_tensors;
};

}  // namespace airframe
