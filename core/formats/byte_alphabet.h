// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace airframe {

/// GPT-2's alphabet: a visible character for each of the 256 bytes, so that vocabularies are text. Printable bytes of
/// Latin-1 stand for themselves, the others for U+0100 upwards in byte order.
/// [256] UTF-8 text of each byte's character.
[[nodiscard]] const std::array<std::string, 256>& byteCharacters();
/// Appends the bytes that a vocabulary text stands for; characters outside the alphabet stand for their own UTF-8.
void appendBytesOf(std::string_view text, std::string& out);

}  // namespace airframe
