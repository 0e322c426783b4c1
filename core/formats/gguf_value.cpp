// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_value.h"

#include <cstring>

#include "core/base/error.h"
#include "core/base/utf8.h"

namespace airframe {
namespace {

constexpr const char* names[] = {"uint8", "int8", "uint16", "int16", "uint32", "int32", "float32",
                                 "bool", "string", "array", "uint64", "int64", "float64"};

[[noreturn]] void wanted(const GgufValue& value, const std::string& what) {
    std::string found = names[static_cast<std::size_t>(value.type)];
    if (value.isArray()) found += " of " + std::string(names[static_cast<std::size_t>(value.element)]);
    throw Failure(ErrorCode::bad_input, value.where, what + " was wanted, found " + found, "convert the model again");
}

template <class T>
T load(const std::byte* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

std::int64_t integerAt(const GgufValue& value, GgufType type, const std::byte* at) {
    switch (type) {
        case GgufType::u8: return load<std::uint8_t>(at);
        case GgufType::i8: return load<std::int8_t>(at);
        case GgufType::u16: return load<std::uint16_t>(at);
        case GgufType::i16: return load<std::int16_t>(at);
        case GgufType::u32: return load<std::uint32_t>(at);
        case GgufType::i32: return load<std::int32_t>(at);
        case GgufType::i64: return load<std::int64_t>(at);
        case GgufType::u64:
            if (const auto big = load<std::uint64_t>(at); big <= std::uint64_t{INT64_MAX}) {
                return static_cast<std::int64_t>(big);
            }
            throw Failure(ErrorCode::bad_input, value.where, "the number is beyond 2^63");
        default: wanted(value, "an integer");
    }
}

double numberAt(const GgufValue& value, GgufType type, const std::byte* at) {
    if (type == GgufType::f32) return load<float>(at);
    if (type == GgufType::f64) return load<double>(at);
    wanted(value, "a floating-point number");
}

void needUtf8(const GgufValue& value, std::string_view text) {
    if (const auto bad = firstInvalidUtf8(text); bad != std::string_view::npos) {
        throw Failure(ErrorCode::bad_input, value.where, "is not valid UTF-8 at byte " + std::to_string(bad));
    }
}

}  // namespace

std::size_t sizeOf(GgufType type) {
    switch (type) {
        case GgufType::u8: case GgufType::i8: case GgufType::boolean: return 1;
        case GgufType::u16: case GgufType::i16: return 2;
        case GgufType::u32: case GgufType::i32: case GgufType::f32: return 4;
        case GgufType::u64: case GgufType::i64: case GgufType::f64: return 8;
        default: return 0;
    }
}

std::int64_t GgufValue::integer() const { return integerAt(*this, type, raw.data()); }

double GgufValue::number() const { return numberAt(*this, type, raw.data()); }

bool GgufValue::boolean() const {
    if (type != GgufType::boolean) wanted(*this, "a bool");
    return load<std::uint8_t>(raw.data()) != 0;
}

std::string GgufValue::text() const {
    if (type != GgufType::string) wanted(*this, "a string");
    needUtf8(*this, strings.front());
    return std::string(strings.front());
}

const std::vector<std::string_view>& GgufValue::texts() const {
    if (!isArray() || element != GgufType::string) wanted(*this, "an array of strings");
    for (const std::string_view text : strings) needUtf8(*this, text);
    return strings;
}

namespace {

/// Every entry of an array of numbers through `at(value, type, bytes)`.
template <class T, class At>
std::vector<T> entries(const GgufValue& value, const char* what, At&& at) {
    const std::size_t size = value.isArray() ? sizeOf(value.element) : 0;
    if (size == 0) wanted(value, what);
    std::vector<T> result;
    result.reserve(value.raw.size() / size);
    for (std::size_t i = 0; i < value.raw.size(); i += size) result.push_back(at(value, value.element, value.raw.data() + i));
    return result;
}

}  // namespace

std::vector<std::int64_t> GgufValue::integers() const { return entries<std::int64_t>(*this, "an array of integers", integerAt); }

std::vector<double> GgufValue::numbers() const { return entries<double>(*this, "an array of floating-point numbers", numberAt); }

std::vector<bool> GgufValue::booleans() const {
    return entries<bool>(*this, "an array of bools", [](const GgufValue& value, GgufType type, const std::byte* at) {
        if (type != GgufType::boolean) wanted(value, "an array of bools");
        return load<std::uint8_t>(at) != 0;
    });
}

}  // namespace airframe
