// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace airframe {

/// One field of a protocol-buffers message: a number, or bytes that lie in the message.
struct ProtobufField {
    std::string where;          ///< for messages: "FILE: byte N: field M"
    std::uint32_t number = 0;
    bool is_bytes = false;
    std::uint64_t value = 0;    ///< of a number: as stored, 32 bits for a float
    std::string_view bytes;

    // Each throws Failure(bad_input) if the field is of another kind or out of range.
    [[nodiscard]] std::string text() const;  ///< well-formed UTF-8
    [[nodiscard]] float real() const;
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] std::int32_t integer() const;
    [[nodiscard]] std::string_view message() const;

  private:
    friend class ProtobufReader;
    std::uint32_t wire = 0;
};

/// Walks through the fields of one message in the wire format (https://protobuf.dev/programming-guides/encoding), strictly:
/// groups, unknown wire types, numbers too long and lengths beyond the message are refused. Nothing is copied or allocated.
class ProtobufReader {
  public:
    /// `offset` is where the message lies in the file, for messages.
    ProtobufReader(std::string_view message, std::string file, std::size_t offset = 0)
        : m_message(message), m_file(std::move(file)), m_offset(offset) {}
    /// The next field in `field`; false at the end. Throws Failure(bad_input).
    [[nodiscard]] bool next(ProtobufField& field);

  private:
    [[noreturn]] void fail(const std::string& what) const;
    std::uint64_t varint();
    std::uint64_t fixed(std::size_t bytes);

    std::string_view m_message;
    std::string m_file;
    std::size_t m_offset, m_at = 0;
};

}  // namespace airframe
