// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace airframe {

/// Types of metadata values, with their numbers in the file.
enum class GgufType : std::uint32_t {
    u8 = 0, i8 = 1, u16 = 2, i16 = 3, u32 = 4, i32 = 5, f32 = 6, boolean = 7, string = 8, array = 9, u64 = 10, i64 = 11, f64 = 12,
};

/// One metadata value. Views point into the mapped file. `where` ("file: key") goes into the messages of the accessors, which
/// throw Failure(bad_input) when the value is of another type or does not fit.
struct GgufValue {
    std::string where;
    GgufType type = GgufType::u8;
    GgufType element = GgufType::u8;        ///< of an array
    std::span<const std::byte> raw;         ///< a number, or all numbers of an array
    std::vector<std::string_view> strings;  ///< a string (one entry), or those of an array

    [[nodiscard]] std::int64_t integer() const;  ///< any integer type that fits
    [[nodiscard]] double number() const;         ///< f32 or f64
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] std::string text() const;      ///< which must be UTF-8
    [[nodiscard]] const std::vector<std::string_view>& texts() const;  ///< an array of strings, each UTF-8
    [[nodiscard]] std::vector<std::int64_t> integers() const;          ///< an array of integers
    [[nodiscard]] std::vector<double> numbers() const;                 ///< an array of f32 or f64
    [[nodiscard]] std::vector<bool> booleans() const;                  ///< an array of bools
    [[nodiscard]] bool isArray() const { return type == GgufType::array; }
};

/// Bytes of one number of this type; 0 for strings, arrays and unknown types.
[[nodiscard]] std::size_t sizeOf(GgufType type);

}  // namespace airframe
