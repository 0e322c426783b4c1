// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/jinja/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

namespace airframe::jinja::text {
namespace {

utf8proc_category_t category(char32_t code) { return utf8proc_category(static_cast<utf8proc_int32_t>(code)); }

bool isUpperLetter(char32_t c) { return category(c) == UTF8PROC_CATEGORY_LU; }
bool isLowerLetter(char32_t c) { return category(c) == UTF8PROC_CATEGORY_LL; }
bool isCased(char32_t c) { return isUpperLetter(c) || isLowerLetter(c) || category(c) == UTF8PROC_CATEGORY_LT; }
bool isLetter(char32_t c) {
    const auto kind = category(c);
    return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO;
}

std::string upperOf(char32_t c) {
    return c == U'ß' ? "SS" : encode(static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
}
std::string titleOf(char32_t c) {
    return c == U'ß' ? "Ss" : encode(static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(c))));
}
std::string lowerOf(char32_t c) { return encode(static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)))); }

template <class F>
void forEach(std::string_view text, F&& act) {
    for (std::size_t at = 0, size = 0; at < text.size(); at += size) act(first(text.substr(at), size));
}
template <class F>
std::string mapped(std::string_view text, F&& map) {
    std::string out;
    out.reserve(text.size());
    forEach(text, [&](char32_t c) { out += map(c); });
    return out;
}
template <class F>
bool all(std::string_view text, F&& test) {
    bool result = !text.empty();
    forEach(text, [&](char32_t c) { result = result && test(c); });
    return result;
}

/// Size of the character that ends before `end`.
std::size_t sizeBefore(std::string_view text, std::size_t end) {
    std::size_t begin = end - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80) --begin;
    return end - begin;
}

template <class F>
std::string_view stripWhere(std::string_view text, Side side, F&& unwanted) {
    std::size_t begin = 0, end = text.size(), size = 0;
    while (side != Side::right && begin < end && unwanted(text.substr(begin), size)) begin += size;
    while (side != Side::left && end > begin) {
        const std::size_t last = sizeBefore(text, end);
        if (!unwanted(text.substr(end - last, last), size)) break;
        end -= last;
    }
    return text.substr(begin, end - begin);
}

bool beginsWithSpace(std::string_view text, std::size_t& size) { return isSpace(first(text, size)); }

/// str.splitlines() cuts at these.
bool isLineEnd(char32_t c) {
    return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

}  // namespace

std::size_t length(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::size_t offset(std::string_view text, std::size_t index) {
    std::size_t at = 0;
    for (; index > 0 && at < text.size(); --index) {
        do ++at;
        while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
    }
    return at;
}

std::vector<std::string_view> characters(std::string_view text) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = offset(text.substr(at), 1);
        out.push_back(text.substr(at, size));
        at += size;
    }
    return out;
}

char32_t first(std::string_view text, std::size_t& size) {
    const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(text[i])); };
    size = byte(0) < 0x80 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
    if (size > text.size()) size = text.size();  // cannot be in well-formed text; keeps a mistake from reading on
    char32_t code = size == 1 ? byte(0) : byte(0) & (0x7Fu >> size);
    for (std::size_t i = 1; i < size; ++i) code = code << 6 | (byte(i) & 0x3F);
    return code;
}

std::string encode(char32_t code) {
    std::string out;
    const auto add = [&](char32_t bits) { out += static_cast<char>(bits); };
    if (code < 0x80) {
        add(code);
    } else if (code < 0x800) {
        add(0xC0 | code >> 6);
        add(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        add(0xE0 | code >> 12);
        add(0x80 | (code >> 6 & 0x3F));
        add(0x80 | (code & 0x3F));
    } else {
        add(0xF0 | code >> 18);
        add(0x80 | (code >> 12 & 0x3F));
        add(0x80 | (code >> 6 & 0x3F));
        add(0x80 | (code & 0x3F));
    }
    return out;
}

bool isSpace(char32_t c) {
    return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool isPrintable(char32_t c) {
    switch (category(c)) {
        case UTF8PROC_CATEGORY_CN:
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_CF:
        case UTF8PROC_CATEGORY_CS:
        case UTF8PROC_CATEGORY_CO:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP: return false;
        case UTF8PROC_CATEGORY_ZS: return c == ' ';
        default: return true;
    }
}

std::string_view strip(std::string_view text, Side side) { return stripWhere(text, side, beginsWithSpace); }

std::string_view strip(std::string_view text, Side side, std::string_view unwanted) {
    std::set<std::string_view> all;
    for (std::size_t at = 0, size = 0; at < unwanted.size(); at += size) {
        size = offset(unwanted.substr(at), 1);
        all.insert(unwanted.substr(at, size));
    }
    return stripWhere(text, side, [&](std::string_view rest, std::size_t& size) {
        size = offset(rest, 1);
        return all.count(rest.substr(0, size)) > 0;
    });
}

std::size_t find(std::string_view text, std::string_view part, std::size_t from) {
    if (from > text.size()) return std::string_view::npos;
    if (part.empty()) return from;
    // string_view::find() compares the whole part at every place that looks like it; this never does.
    const void* found = memmem(text.data() + from, text.size() - from, part.data(), part.size());
    return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : std::string_view::npos;
}

std::size_t findLast(std::string_view text, std::string_view part) {
    const std::string backwards(text.rbegin(), text.rend()), wanted(part.rbegin(), part.rend());
    const std::size_t at = find(backwards, wanted);
    return at == std::string_view::npos ? at : text.size() - at - part.size();
}

std::vector<std::string_view> split(std::string_view text, std::string_view separator, std::int64_t limit, bool from_right) {
    // From the right: the same, of both texts backwards.
    std::string backwards, wanted;
    if (from_right) {
        backwards.assign(text.rbegin(), text.rend());
        wanted.assign(separator.rbegin(), separator.rend());
    }
    const std::string_view source = from_right ? backwards : text, mark = from_right ? wanted : separator;
    std::vector<std::string_view> out;
    const auto add = [&](std::size_t begin, std::size_t end) {
        out.push_back(from_right ? text.substr(text.size() - end, end - begin) : text.substr(begin, end - begin));
    };
    std::size_t begin = 0;
    for (; limit != 0; limit -= limit > 0) {
        const std::size_t at = find(source, mark, begin);
        if (at == std::string_view::npos) break;
        add(begin, at);
        begin = at + mark.size();
    }
    add(begin, source.size());
    if (from_right) std::reverse(out.begin(), out.end());
    return out;
}

std::vector<std::string_view> splitSpace(std::string_view text, std::int64_t limit, bool from_right) {
    std::vector<std::string_view> out;
    const Side near = from_right ? Side::right : Side::left;
    std::string_view rest = strip(text, near);
    for (; !rest.empty() && limit != 0; limit -= limit > 0) {
        std::size_t size = 0, cut = from_right ? rest.size() : 0;
        if (from_right) {
            while (cut > 0 && !beginsWithSpace(rest.substr(cut - sizeBefore(rest, cut)), size)) cut -= sizeBefore(rest, cut);
            out.push_back(rest.substr(cut));
            rest = strip(rest.substr(0, cut), near);
        } else {
            while (cut < rest.size() && !beginsWithSpace(rest.substr(cut), size)) cut += size;
            out.push_back(rest.substr(0, cut));
            rest = strip(rest.substr(cut), near);
        }
    }
    if (!rest.empty()) out.push_back(rest);
    if (from_right) std::reverse(out.begin(), out.end());
    return out;
}

std::vector<std::string_view> splitLines(std::string_view text, std::size_t most, bool keep_ends) {
    std::vector<std::string_view> out;
    std::size_t begin = 0;
    for (std::size_t at = 0, size = 0; at < text.size() && out.size() < most; at += size) {
        const char32_t c = first(text.substr(at), size);
        if (!isLineEnd(c)) continue;
        if (c == '\r' && at + 1 < text.size() && text[at + 1] == '\n') size = 2;
        out.push_back(text.substr(begin, at - begin + (keep_ends ? size : 0)));
        begin = at + size;
    }
    if (begin < text.size() && out.size() < most) out.push_back(text.substr(begin));
    return out;
}

std::size_t count(std::string_view text, std::string_view part) {
    if (part.empty()) return length(text) + 1;
    std::size_t found = 0;
    for (std::size_t at = find(text, part); at != std::string_view::npos; at = find(text, part, at + part.size())) ++found;
    return found;
}

std::string replace(std::string_view text, std::string_view from, std::string_view to, std::int64_t limit) {
    std::string out;
    std::size_t begin = 0;
    while (limit != 0) {
        const std::size_t at = find(text, from, begin);
        if (at == std::string_view::npos) break;
        out.append(text.substr(begin, at - begin)).append(to);
        begin = at + from.size();
        if (limit > 0) --limit;
        if (!from.empty()) continue;
        // An empty text lies before every character and at the end.
        if (begin == text.size()) break;
        const std::size_t size = offset(text.substr(begin), 1);
        out.append(text.substr(begin, size));
        begin += size;
    }
    return out.append(text.substr(begin));
}

std::string upper(std::string_view text) { return mapped(text, upperOf); }
std::string lower(std::string_view text) { return mapped(text, lowerOf); }

std::string capitalize(std::string_view text) {
    bool begun = false;
    return mapped(text, [&](char32_t c) { return std::exchange(begun, true) ? lowerOf(c) : titleOf(c); });
}

std::string title(std::string_view text) {
    bool after_letter = false;
    return mapped(text, [&](char32_t c) { return std::exchange(after_letter, isCased(c)) ? lowerOf(c) : titleOf(c); });
}

std::string titleWords(std::string_view text) {
    bool inside = false;
    return mapped(text, [&](char32_t c) {
        const bool separates = isSpace(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
        return std::exchange(inside, !separates) ? lowerOf(c) : upperOf(c);
    });
}

bool allSpace(std::string_view text) { return all(text, isSpace); }
bool allDigits(std::string_view text) {
    return all(text, [](char32_t c) { return category(c) == UTF8PROC_CATEGORY_ND; });
}
bool allLetters(std::string_view text) { return all(text, isLetter); }
bool allAlphanumeric(std::string_view text) {
    return all(text, [](char32_t c) {
        const auto kind = category(c);
        return isLetter(c) || kind == UTF8PROC_CATEGORY_ND || kind == UTF8PROC_CATEGORY_NL || kind == UTF8PROC_CATEGORY_NO;
    });
}
bool isLower(std::string_view text) {
    bool cased = false;
    return all(text, [&](char32_t c) { return cased = cased || isLowerLetter(c), !isCased(c) || isLowerLetter(c); }) && cased;
}
bool isUpper(std::string_view text) {
    bool cased = false;
    return all(text, [&](char32_t c) { return cased = cased || isUpperLetter(c), !isCased(c) || isUpperLetter(c); }) && cased;
}

}  // namespace airframe::jinja::text
