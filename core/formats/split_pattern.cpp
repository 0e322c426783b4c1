// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/split_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>

#include "core/base/error.h"

namespace airframe {
namespace {

constexpr std::size_t longest_expression = 8192;
constexpr std::uint32_t most_steps = 1'000'000;  // of one match; published expressions need a handful per character

/// The same expression for PCRE2. `fail` is called with what is not supported.
template <class Fail>
std::string translated(std::string_view expression, const Fail& fail) {
    std::string out;
    bool in_class = false;
    for (std::size_t i = 0; i < expression.size(); ++i) {
        const char c = expression[i];
        const std::string_view rest = expression.substr(i);
        if (c == '\\') {
            const char escaped = rest.size() > 1 ? rest[1] : '\0';
            // Others are missing here because the two engines read them differently (\h, \w, \b, \v) or only one knows them.
            const bool letter = (escaped >= 'a' && escaped <= 'z') || (escaped >= 'A' && escaped <= 'Z');
            const bool digit = escaped >= '0' && escaped <= '9';
            if (escaped == '\0' || digit || (letter && std::string_view("pPsSdDrntfx").find(escaped) == std::string_view::npos)) {
                fail("\"" + std::string(rest.substr(0, 2)) + "\" is not supported");
            }
            std::size_t length = 2;
            if (rest.substr(2).starts_with('{') && std::string_view("pPx").find(escaped) != std::string_view::npos) {
                length = std::min(rest.find('}'), rest.size() - 1) + 1;
            }
            if (escaped == 's') out += "\\p{White_Space}";
            else if (escaped == 'S') out += "\\P{White_Space}";
            else out.append(rest.substr(0, length));
            i += length - 1;
            continue;
        }
        if (in_class) {
            if (c == '[' || rest.starts_with("&&")) fail("a set inside a set is not supported");
            if (c == ']') in_class = false;
        } else if (c == '[') {
            in_class = true;
            if (rest.size() > 1 && rest[1] == '^') out += expression[i++];
            if (i + 1 < expression.size() && expression[i + 1] == ']') fail("a set that begins with \"]\" is not supported");
            out += expression[i];
            continue;
        } else if (rest.starts_with("}+")) {
            fail("\"}+\" is not supported");
        } else if (c == '^' || c == '$') {
            fail(std::string("\"") + c + "\" is not supported");
        } else if (c == '(') {
            bool known = rest.size() > 1 && rest[1] != '?' && rest[1] != '*';
            for (const char* group : {"(?:", "(?i:", "(?=", "(?!", "(?<=", "(?<!", "(?>"}) known = known || rest.starts_with(group);
            if (!known) fail("the group \"" + std::string(rest.substr(0, 4)) + "\" is not supported");
        }
        out += c;
    }
    return out;
}

template <class T, void (*release)(T*)>
struct Release {
    void operator()(T* p) const { release(p); }
};
template <class T, void (*release)(T*)>
using Owner = std::unique_ptr<T, Release<T, release>>;

}  // namespace

struct SplitPattern::Impl {
    std::string where;
    Owner<pcre2_code, pcre2_code_free> code;
    Owner<pcre2_match_context, pcre2_match_context_free> limits;
};

SplitPattern::SplitPattern(const std::string& expression, const std::string& where) {
    const auto fail = [&](const std::string& what) {
        throw Failure(ErrorCode::bad_input, where, "in the expression " + expression.substr(0, 200) + ": " + what);
    };
    if (expression.empty() || expression.size() > longest_expression) {
        fail(std::to_string(expression.size()) + " bytes; 1 to " + std::to_string(longest_expression) + " are read");
    }
    const std::string pattern = translated(expression, fail);
    auto impl = std::make_unique<Impl>();
    impl->where = where;
    int error = 0;
    PCRE2_SIZE at = 0;
    impl->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), PCRE2_UTF | PCRE2_UCP, &error,
                                   &at, nullptr));
    if (!impl->code) {
        PCRE2_UCHAR message[160] = {};
        pcre2_get_error_message(error, message, sizeof message);
        fail(reinterpret_cast<const char*>(message));
    }
    impl->limits.reset(pcre2_match_context_create(nullptr));
    if (!impl->limits) throw Failure(ErrorCode::no_room, where, "not enough memory");
    pcre2_set_match_limit(impl->limits.get(), most_steps);
    // Where the just-in-time compiler is not available, pcre2_match interprets: slower, the same result.
    (void)pcre2_jit_compile(impl->code.get(), PCRE2_JIT_COMPLETE);
    m = std::move(impl);
}

SplitPattern::~SplitPattern() = default;
SplitPattern::SplitPattern(SplitPattern&&) noexcept = default;

void SplitPattern::matches(std::string_view text, std::vector<Match>& out) const {
    const Owner<pcre2_match_data, pcre2_match_data_free> data(pcre2_match_data_create(1, nullptr));
    if (!data) throw Failure(ErrorCode::no_room, m->where, "not enough memory");
    const PCRE2_SIZE* const range = pcre2_get_ovector_pointer(data.get());
    for (std::size_t at = 0; at < text.size(); at = range[1]) {
        const auto run = [&](std::uint32_t options) {
            return pcre2_match(m->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at,
                               options | PCRE2_NO_UTF_CHECK, data.get(), m->limits.get());
        };
        int found = run(0);
        if (found == PCRE2_ERROR_JIT_STACKLIMIT) found = run(PCRE2_NO_JIT);
        if (found == PCRE2_ERROR_NOMATCH) return;
        // 0: more groups matched than the one range that is asked for.
        if (found < 0) {
            PCRE2_UCHAR message[160] = {};
            pcre2_get_error_message(found, message, sizeof message);
            throw Failure(ErrorCode::bad_input, m->where, std::string("the expression failed on a text: ") +
                                                              reinterpret_cast<const char*>(message));
        }
        if (range[1] <= range[0]) throw Failure(ErrorCode::bad_input, m->where, "the expression matches the empty text");
        out.push_back({range[0], range[1]});
    }
}

}  // namespace airframe
