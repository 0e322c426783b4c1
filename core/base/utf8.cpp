// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/utf8.h"

#include <cstdint>

namespace airframe {
namespace {

struct Step {
    std::size_t length;  ///< bytes of the character, or of the maximal ill-formed part
    bool valid;
    bool truncated;  ///< ill-formed only because the input ends
};

/// Unicode 15, table 3-7: the first continuation byte has a narrower range after E0, ED, F0 and F4.
Step step(std::string_view s, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(s[i]); };
    const std::uint8_t lead = byte(at);
    if (lead < 0x80) return {1, true, false};
    std::size_t want = 0;
    std::uint8_t low = 0x80, high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) want = 1;
    else if (lead >= 0xE0 && lead <= 0xEF) {
        want = 2;
        if (lead == 0xE0) low = 0xA0;
        if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        want = 3;
        if (lead == 0xF0) low = 0x90;
        if (lead == 0xF4) high = 0x8F;
    } else return {1, false, false};
    std::size_t length = 1;
    for (std::size_t i = 0; i < want; ++i) {
        if (at + length >= s.size()) return {length, false, true};
        const std::uint8_t next = byte(at + length);
        if (next < low || next > high) return {length, false, false};
        low = 0x80;
        high = 0xBF;
        ++length;
    }
    return {length, true, false};
}

}  // namespace

std::size_t firstInvalidUtf8(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        const Step s = step(bytes, i);
        if (!s.valid) return i;
        i += s.length;
    }
    return std::string_view::npos;
}

std::string toValidUtf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size();) {
        const Step s = step(bytes, i);
        if (s.valid) out.append(bytes.substr(i, s.length));
        else out += "\xEF\xBF\xBD";
        i += s.length;
    }
    return out;
}

std::size_t completeUtf8Prefix(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
        const Step s = step(bytes, i);
        if (s.truncated) return i;
        i += s.length;
    }
    return bytes.size();
}

}  // namespace airframe
