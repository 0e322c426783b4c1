// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/protobuf_reader.h"

#include <bit>
#include <climits>

#include "core/base/error.h"
#include "core/base/utf8.h"

namespace airframe {
namespace {

enum Wire : std::uint32_t { varint_wire = 0, fixed64_wire = 1, bytes_wire = 2, fixed32_wire = 5 };

[[noreturn]] void wrong(const std::string& where, const std::string& wanted) {
    throw Failure(ErrorCode::bad_input, where, wanted + " was wanted", "the file is damaged or of another kind");
}

}  // namespace

std::string ProtobufField::text() const {
    const std::string_view raw = message();
    if (firstInvalidUtf8(raw) != std::string_view::npos) wrong(where, "UTF-8 text");
    return std::string(raw);
}

float ProtobufField::real() const {
    if (wire != fixed32_wire) wrong(where, "a float");
    return std::bit_cast<float>(static_cast<std::uint32_t>(value));
}

bool ProtobufField::boolean() const {
    if (wire != varint_wire || value > 1) wrong(where, "true or false");
    return value == 1;
}

std::int32_t ProtobufField::integer() const {
    // Negative numbers are stored as 64 bits.
    const auto number = static_cast<std::int64_t>(value);
    if (wire != varint_wire || number < INT_MIN || number > INT_MAX) wrong(where, "a number of 32 bits");
    return static_cast<std::int32_t>(number);
}

std::string_view ProtobufField::message() const {
    if (!is_bytes) wrong(where, "a text or message");
    return bytes;
}

void ProtobufReader::fail(const std::string& what) const {
    throw Failure(ErrorCode::bad_input, m_file + ": byte " + std::to_string(m_offset + m_at), what,
                  "the file is damaged or of another kind");
}

std::uint64_t ProtobufReader::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (m_at >= m_message.size()) fail("the message ends inside a number");
        const auto byte = static_cast<std::uint8_t>(m_message[m_at++]);
        if (shift == 63 && byte > 1) fail("a number is longer than 64 bits");
        value |= std::uint64_t{byte & 0x7Fu} << shift;
        if (byte < 0x80) return value;
    }
    fail("a number is longer than 64 bits");
}

std::uint64_t ProtobufReader::fixed(std::size_t bytes) {
    if (m_message.size() - m_at < bytes) fail("the message ends inside a number");
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value |= std::uint64_t{static_cast<std::uint8_t>(m_message[m_at++])} << 8 * i;
    return value;
}

bool ProtobufReader::next(ProtobufField& field) {
    if (m_at == m_message.size()) return false;
    const std::size_t begin = m_at;
    const std::uint64_t tag = varint();
    if (tag >> 3 == 0 || tag >> 32) fail("a field has the number " + std::to_string(tag >> 3));
    field = {};
    field.number = static_cast<std::uint32_t>(tag >> 3);
    field.wire = static_cast<std::uint32_t>(tag & 7);
    field.where = m_file + ": byte " + std::to_string(m_offset + begin) + ": field " + std::to_string(field.number);
    switch (field.wire) {
        case varint_wire: field.value = varint(); break;
        case fixed64_wire: field.value = fixed(8); break;
        case fixed32_wire: field.value = fixed(4); break;
        case bytes_wire: {
            const std::uint64_t size = varint();
            if (size > m_message.size() - m_at) {
                fail("a field of " + std::to_string(size) + " bytes, but " + std::to_string(m_message.size() - m_at) + " are left");
            }
            field.is_bytes = true;
            field.bytes = m_message.substr(m_at, static_cast<std::size_t>(size));
            m_at += static_cast<std::size_t>(size);
            break;
        }
        default: fail("a field of the unknown wire type " + std::to_string(field.wire));
    }
    return true;
}

}  // namespace airframe
