// SPDX-License-Identifier: GPL-3.0-or-later
// Each kind of step is tokenizer.json's component of that name: https://huggingface.co/docs/tokenizers/api/pre-tokenizers
#include "core/formats/pre_tokenizer.h"

#include <algorithm>
#include <optional>

#include "core/base/error.h"
#include "core/formats/character_class.h"
#include "core/formats/split_pattern.h"
#include "core/formats/word_scanner.h"

namespace airframe {
namespace {

using Kind = PreTokenizerStep::Kind;
using Behavior = PreTokenizerStep::Behavior;

/// A part of a text that matches, or that lies between matches.
struct Part {
    std::size_t begin, end;
    bool match;
};

/// Parts after a behavior has joined some of them.
std::vector<Part> joined(std::vector<Part> parts, Behavior behavior) {
    if (behavior == Behavior::isolated) return parts;
    if (behavior == Behavior::removed) {
        std::erase_if(parts, [](const Part& part) { return part.match; });
        return parts;
    }
    // merged_with_next is merged_with_previous seen from the other end.
    const bool backwards = behavior == Behavior::merged_with_next;
    if (backwards) std::reverse(parts.begin(), parts.end());
    std::vector<Part> out;
    bool previous = false;
    for (const Part& part : parts) {
        const bool join = behavior == Behavior::contiguous ? part.match == previous : part.match && !previous;
        previous = part.match;
        if (!join || out.empty()) {
            out.push_back(part);
        } else {
            out.back().begin = std::min(out.back().begin, part.begin);
            out.back().end = std::max(out.back().end, part.end);
        }
    }
    if (backwards) std::reverse(out.begin(), out.end());
    return out;
}

}  // namespace

struct PreTokenizer::Stage {
    PreTokenizerStep step;
    WordScanner scanner = nullptr;         // instead of an expression
    std::optional<SplitPattern> pattern;

    void findMatches(std::string_view text, std::vector<SplitPattern::Match>& out) const {
        if (pattern) return pattern->matches(text, out);
        if (scanner) {
            for (std::size_t at = 0; at < text.size(); at = out.back().end) out.push_back({at, scanner(text, at)});
            return;
        }
        for (std::size_t at; (at = text.find(step.pattern, out.empty() ? 0 : out.back().end)) != std::string_view::npos;) {
            out.push_back({at, at + step.pattern.size()});
        }
    }
    std::vector<Part> parts(std::string_view text) const {
        std::vector<SplitPattern::Match> matches;
        findMatches(text, matches);
        std::vector<Part> parts;
        std::size_t end = 0;
        for (const auto& match : matches) {
            if (end < match.begin) parts.push_back({end, match.begin, step.invert});
            parts.push_back({match.begin, match.end, !step.invert});
            end = match.end;
        }
        if (end < text.size()) parts.push_back({end, text.size(), step.invert});
        return joined(std::move(parts), step.behavior);
    }
    /// The text of metaspace; `text` itself if nothing changes.
    std::string_view withMetaspace(std::string_view text, bool first, std::string& storage) const {
        const bool prepend = step.prepend == PreTokenizerStep::Prepend::always ||
                             (step.prepend == PreTokenizerStep::Prepend::first && first);
        for (const char c : text) {
            if (c == ' ') storage += step.pattern;
            else storage += c;
        }
        if (prepend && !storage.starts_with(step.pattern)) storage.insert(0, step.pattern);
        return storage;
    }
};

PreTokenizer::PreTokenizer(const std::vector<PreTokenizerStep>& steps, const std::string& where) {
    const auto fail = [&](const std::string& what) { throw Failure(ErrorCode::bad_input, where + ": pre_tokenizer", what); };
    if (steps.size() > 32) fail(std::to_string(steps.size()) + " steps; at most 32 are read");
    for (const PreTokenizerStep& step : steps) {
        if (!m_stages.empty() && m_stages.back().step.kind == Kind::byte_level) fail("a step after ByteLevel is not supported");
        Stage stage{step, nullptr, std::nullopt};
        const bool patterned = step.kind == Kind::split || step.kind == Kind::metaspace;
        if (patterned && step.pattern.empty()) fail("an empty pattern is not supported");
        if (step.kind == Kind::byte_level && step.use_regex) stage.scanner = wordScanner(gpt2_expression);
        if (step.kind == Kind::split && !step.literal) {
            stage.scanner = wordScanner(step.pattern);
            if (!stage.scanner) stage.pattern.emplace(step.pattern, where + ": pre_tokenizer");
        }
        m_stages.push_back(std::move(stage));
    }
}

PreTokenizer::~PreTokenizer() = default;
PreTokenizer::PreTokenizer(PreTokenizer&&) noexcept = default;

void PreTokenizer::split(std::string_view text, bool first, const Sink& piece) const {
    if (!text.empty()) run(0, text, first, piece);
}

void PreTokenizer::run(std::size_t number, std::string_view text, bool first, const Sink& piece) const {
    if (number == m_stages.size()) return piece(text);
    const Stage& stage = m_stages[number];
    const PreTokenizerStep& step = stage.step;
    const bool last = number + 1 == m_stages.size();
    const auto give = [&](std::size_t begin, std::size_t end) {
        const std::string_view part = text.substr(begin, end - begin);
        if (last) piece(part);
        else run(number + 1, part, first && begin == 0, piece);
    };
    std::string storage;
    switch (step.kind) {
        case Kind::digits: {
            for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end) {
                const TextCharacter c = characterAt(text, begin);
                const bool number_run = c.type == CharacterClass::number;
                end = begin + c.length;
                while (end < text.size() && !(number_run && step.individual)) {
                    const TextCharacter next = characterAt(text, end);
                    if ((next.type == CharacterClass::number) != number_run) break;
                    end += next.length;
                }
                give(begin, end);
            }
            return;
        }
        case Kind::byte_level:
            if (step.add_prefix_space && text[0] != ' ') text = storage.assign(" ").append(text);
            break;
        case Kind::metaspace:
            text = stage.withMetaspace(text, first, storage);
            if (step.use_regex) {
                // Cut before each mark: what stands before the first one is a piece as well.
                for (std::size_t begin = 0; begin < text.size();) {
                    const std::size_t next = std::min(text.find(step.pattern, begin + 1), text.size());
                    give(begin, next);
                    begin = next;
                }
                return;
            }
            break;
        case Kind::split:
            if (!stage.scanner || step.invert || step.behavior != Behavior::isolated) {
                for (const Part& part : stage.parts(text)) give(part.begin, part.end);
                return;
            }
            break;
    }
    if (!stage.scanner) return give(0, text.size());
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = stage.scanner(text, begin);
        give(begin, end);
        begin = end;
    }
}

}  // namespace airframe
