// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_keys.h"

#include <algorithm>

#include "core/base/error.h"

namespace airframe {

template <class T>
void GgufKeys::put(T value) {
    m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void GgufKeys::putText(std::string_view text) {
    put<std::uint64_t>(text.size());
    m_bytes += text;
}

void GgufKeys::begin(const std::string& key, GgufType type) {
    if (std::find(m_names.begin(), m_names.end(), key) != m_names.end()) {
        throw Failure(ErrorCode::internal, "key " + key, "is to be written twice into one file");
    }
    m_names.push_back(key);
    putText(key);
    put(static_cast<std::uint32_t>(type));
}

void GgufKeys::beginArray(const std::string& key, GgufType element, std::uint64_t count) {
    begin(key, GgufType::array);
    put(static_cast<std::uint32_t>(element));
    put(count);
}

void GgufKeys::addU16(const std::string& key, std::uint16_t value) {
    begin(key, GgufType::u16);
    put(value);
}

void GgufKeys::addU32(const std::string& key, std::uint32_t value) {
    begin(key, GgufType::u32);
    put(value);
}

void GgufKeys::addI32(const std::string& key, std::int32_t value) {
    begin(key, GgufType::i32);
    put(value);
}

void GgufKeys::addF32(const std::string& key, double value) {
    begin(key, GgufType::f32);
    put(static_cast<float>(value));
}

void GgufKeys::addF64(const std::string& key, double value) {
    begin(key, GgufType::f64);
    put(value);
}

void GgufKeys::addBool(const std::string& key, bool value) {
    begin(key, GgufType::boolean);
    put<std::uint8_t>(value ? 1 : 0);
}

void GgufKeys::addText(const std::string& key, std::string_view value) {
    begin(key, GgufType::string);
    putText(value);
}

void GgufKeys::addI32s(const std::string& key, std::span<const int> values) {
    beginArray(key, GgufType::i32, values.size());
    for (const int value : values) put<std::int32_t>(value);
}

void GgufKeys::addF32s(const std::string& key, std::span<const float> values) {
    beginArray(key, GgufType::f32, values.size());
    for (const float value : values) put(value);
}

void GgufKeys::addF64s(const std::string& key, std::span<const double> values) {
    beginArray(key, GgufType::f64, values.size());
    for (const double value : values) put(value);
}

void GgufKeys::addBools(const std::string& key, const std::vector<bool>& values) {
    beginArray(key, GgufType::boolean, values.size());
    for (const bool value : values) put<std::uint8_t>(value ? 1 : 0);
}

void GgufKeys::addTexts(const std::string& key, std::span<const std::string> values) {
    beginArray(key, GgufType::string, values.size());
    for (const std::string& value : values) putText(value);
}

}  // namespace airframe
