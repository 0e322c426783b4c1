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

#include "core/formats/mapped_file.h"

namespace airframe {

/// One tensor of a safetensors file, its bytes lying in the mapping (little-endian, row-major, not aligned).
struct SafetensorsTensor {
    std::string name;
    std::string dtype;                 ///< "F32", "F16", "BF16", "I64", ... as written
    std::vector<std::int64_t> shape;   ///< outermost first; empty = a scalar
    std::span<const std::byte> bytes;
    [[nodiscard]] std::int64_t elements() const;
};

/// A safetensors file (https://github.com/huggingface/safetensors, format description in its README), mapped; the header is
/// checked completely on opening: sizes, overflow, overlaps, holes. Owns the mapping: it outlives every span. Any thread.
class SafetensorsFile {
  public:
    /// Throws Failure(bad_input) naming the file and, where one is at fault, the tensor.
    explicit SafetensorsFile(const std::filesystem::path& path);

    [[nodiscard]] const std::vector<SafetensorsTensor>& tensors() const { return m_tensors; }  ///< in data order
    [[nodiscard]] const SafetensorsTensor* find(std::string_view name) const;                  ///< nullptr if absent
    /// Throws Failure(bad_input) if it is absent, or if its type or shape differ from what is wanted.
    [[nodiscard]] const SafetensorsTensor& get(std::string_view name, std::string_view dtype,
                                               const std::vector<std::int64_t>& shape) const;
    [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return m_metadata; }
    [[nodiscard]] const std::filesystem::path& path() const { return m_file.path(); }
    [[nodiscard]] std::uint64_t bytes() const { return m_file.bytes().size(); }

    /// Bytes of one element of a safetensors type, 0 if the type is unknown.
    [[nodiscard]] static std::size_t elementSize(std::string_view dtype);

  private:
    MappedFile m_file;
    std::vector<SafetensorsTensor> m_tensors;
    std::map<std::string, std::size_t, std::less<>> m_index;
    std::map<std::string, std::string> m_metadata;
};

/// "[3, 4]" for messages.
[[nodiscard]] std::string shapeText(const std::vector<std::int64_t>& shape);

}  // namespace airframe
