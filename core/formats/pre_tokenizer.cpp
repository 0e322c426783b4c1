// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/pre_tokenizer.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <utility>

#include "core/base/error.h"

namespace airframe {
namespace {

// PCRE2's \s with UCP takes U+180E for a space, Unicode's White_Space does not; so the set is written out.
#define WS "\\x{09}-\\x{0d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"
#define CONTRACTIONS "'(?:[stmd]|re|ve|ll)"

/// THE table of pre-tokenizers by GGUF's names. GPT-2's expression is the one published with it; possessive repeats change
/// nothing here and spare the engine its backtracking.
constexpr std::array<std::pair<const char*, const char*>, 2> expressions{{
    {"gpt-2", CONTRACTIONS "| ?\\p{L}++| ?\\p{N}++| ?[^" WS "\\p{L}\\p{N}]++|[" WS "]+(?![^" WS "])|[" WS "]++"},
    // Each numeric character is a piece of its own, and the text between two of them is cut as if it stood alone:
    // spaces before a number are therefore at the end of their text.
    {"smollm", CONTRACTIONS "| ?\\p{L}++|\\p{N}| ?[^" WS "\\p{L}\\p{N}]++|[" WS "]+(?![^" WS "\\p{N}])|[" WS "]++"},
}};

}  // namespace

struct PreTokenizer::Impl {
    pcre2_code* code = nullptr;
    ~Impl() { pcre2_code_free(code); }
};

PreTokenizer::PreTokenizer(const std::string& name, const std::string& where) {
    for (const auto& [known, expression] : expressions) {
        if (name != known) continue;
        auto impl = std::make_unique<Impl>();
        int error = 0;
        PCRE2_SIZE at = 0;
        impl->code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression), PCRE2_ZERO_TERMINATED,
                                   PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED, &error, &at, nullptr);
        if (!impl->code) {
            throw Failure(ErrorCode::internal, "pre-tokenizer " + name, "its expression is wrong at " + std::to_string(at));
        }
        // Where the just-in-time compiler is not available, pcre2_match interprets: slower, the same result.
        (void)pcre2_jit_compile(impl->code, PCRE2_JIT_COMPLETE);
        m = std::move(impl);
        return;
    }
    std::string all;
    for (const std::string& one : names()) all += (all.empty() ? "" : ", ") + one;
    throw Failure(ErrorCode::bad_input, where, "the pre-tokenizer \"" + name + "\" is not known", "known are " + all);
}

PreTokenizer::~PreTokenizer() = default;

void PreTokenizer::split(std::string_view text, const std::function<void(std::string_view)>& piece) const {
    const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(pcre2_match_data_create(1, nullptr),
                                                                                    &pcre2_match_data_free);
    if (!match) throw Failure(ErrorCode::no_room, "pre-tokenizer", "not enough memory");
    const PCRE2_SIZE* const range = pcre2_get_ovector_pointer(match.get());
    for (std::size_t at = 0; at < text.size();) {
        const int found = pcre2_match(m->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at,
                                      PCRE2_NO_UTF_CHECK, match.get(), nullptr);
        if (found < 1 || range[1] <= at) {
            throw Failure(ErrorCode::internal, "pre-tokenizer",
                          "no piece at byte " + std::to_string(at) + " (PCRE2 code " + std::to_string(found) + ")");
        }
        piece(text.substr(at, range[1] - at));
        at = range[1];
    }
}

std::vector<std::string> PreTokenizer::names() {
    std::vector<std::string> result;
    for (const auto& [name, expression] : expressions) result.emplace_back(name);
    return result;
}

}  // namespace airframe
