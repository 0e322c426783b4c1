// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/gguf_value.h"

namespace airframe {

/// Metadata of a GGUF file to be written, kept as they will lie in it, in the order added. Types matter: llama.cpp takes a key
/// only in the type that it expects. Throws Failure(internal) when a key is added twice. One thread.
class GgufKeys {
  public:
    void addU16(const std::string& key, std::uint16_t value);
    void addU32(const std::string& key, std::uint32_t value);
    void addI32(const std::string& key, std::int32_t value);
    void addF32(const std::string& key, double value);  ///< rounded to float32
    void addF64(const std::string& key, double value);
    void addBool(const std::string& key, bool value);
    void addText(const std::string& key, std::string_view value);
    void addI32s(const std::string& key, std::span<const int> values);
    void addF32s(const std::string& key, std::span<const float> values);
    void addF64s(const std::string& key, std::span<const double> values);
    void addBools(const std::string& key, const std::vector<bool>& values);
    void addTexts(const std::string& key, std::span<const std::string> values);

    [[nodiscard]] std::size_t count() const { return m_names.size(); }
    [[nodiscard]] const std::string& bytes() const { return m_bytes; }  ///< of all pairs, one after the other

  private:
    void begin(const std::string& key, GgufType type);
    void beginArray(const std::string& key, GgufType element, std::uint64_t count);
    template <class T>
    void put(T value);
    void putText(std::string_view text);

    std::vector<std::string> m_names;
    std::string m_bytes;
};

}  // namespace airframe
