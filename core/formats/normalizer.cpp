// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/normalizer.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "core/base/error.h"
#include "core/formats/character_class.h"

namespace airframe {
namespace {

// A file may ask for steps that each multiply the text. Unicode's forms lengthen it at most elevenfold.
constexpr std::size_t most_steps = 32, longest_content = 64, most_growth = 64;

int formOptions(NormalizerStep::Kind kind) {
    switch (kind) {
        case NormalizerStep::Kind::nfc: return UTF8PROC_STABLE | UTF8PROC_COMPOSE;
        case NormalizerStep::Kind::nfd: return UTF8PROC_STABLE | UTF8PROC_DECOMPOSE;
        case NormalizerStep::Kind::nfkc: return UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT;
        default: return UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
    }
}

void appendForm(std::string_view text, NormalizerStep::Kind kind, std::string& out) {
    utf8proc_uint8_t* made = nullptr;
    const utf8proc_ssize_t length =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &made,
                     static_cast<utf8proc_option_t>(formOptions(kind)));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(made, &std::free);
    if (length == UTF8PROC_ERROR_NOMEM) throw Failure(ErrorCode::no_room, "normalisation", "not enough memory");
    if (length < 0) throw Failure(ErrorCode::internal, "normalisation", utf8proc_errmsg(length));
    out.append(reinterpret_cast<const char*>(made), static_cast<std::size_t>(length));
}

/// Whether a composed text may be cut before `c`: a starter that never changes and never joins what stands before it.
bool inertInNfc(std::int32_t c) {
    return c < 0x300 || (c >= 0x400 && c < 0x483) || (c >= 0x48A && c < 0x530) || (c >= 0x3400 && c < 0x4DC0) ||
           (c >= 0x4E00 && c < 0xA000) || (c >= 0xAC00 && c < 0xD7A4) || (c >= 0x3041 && c < 0x3097) || (c >= 0x30A1 && c < 0x30FB);
}

/// NFC only where it can change something: stretches of other characters, with the one before them.
bool appendNfc(std::string_view text, std::string& out) {
    std::size_t copied = 0, before = 0;  // before: where the last inert character begins
    bool changed = false;
    for (std::size_t at = 0; at < text.size();) {
        if (inertInNfc(codePointAt(text, at))) {
            before = at;
            at += utf8Length(text[at]);
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && !inertInNfc(codePointAt(text, end))) end += utf8Length(text[end]);
        out.append(text.substr(copied, before - copied));
        const std::size_t size = out.size();
        appendForm(text.substr(before, end - before), NormalizerStep::Kind::nfc, out);
        changed = changed || std::string_view(out).substr(size) != text.substr(before, end - before);
        copied = before = at = end;
    }
    out.append(text.substr(copied));
    return changed;
}

bool appendReplaced(std::string_view text, const NormalizerStep& step, std::string& out) {
    std::size_t copied = 0;
    for (std::size_t at; (at = text.find(step.pattern, copied)) != std::string_view::npos; copied = at + step.pattern.size()) {
        out.append(text.substr(copied, at - copied)).append(step.content);
    }
    out.append(text.substr(copied));
    return copied > 0;
}

/// Appends `text` after one step; false if it is the same text.
bool appendStep(std::string_view text, const NormalizerStep& step, std::string& out) {
    switch (step.kind) {
        case NormalizerStep::Kind::nfc: return appendNfc(text, out);
        case NormalizerStep::Kind::replace: return appendReplaced(text, step, out);
        case NormalizerStep::Kind::prepend:
            if (text.empty()) return false;
            out.append(step.content).append(text);
            return true;
        default: appendForm(text, step.kind, out); return true;
    }
}

}  // namespace

Normalizer::Normalizer(std::vector<NormalizerStep> steps, const std::string& where)
    : m_steps(std::move(steps)), m_where(where + ": normalizer") {
    const auto fail = [&](const std::string& what) { throw Failure(ErrorCode::bad_input, m_where, what); };
    if (m_steps.size() > most_steps) fail(std::to_string(m_steps.size()) + " steps; at most " + std::to_string(most_steps) + " are read");
    for (const NormalizerStep& step : m_steps) {
        if (step.kind == NormalizerStep::Kind::replace && step.pattern.empty()) fail("replaces an empty text");
        if (step.content.size() > longest_content) {
            fail("puts in a text of " + std::to_string(step.content.size()) + " bytes; at most " + std::to_string(longest_content) +
                 " are read");
        }
    }
}

std::string_view Normalizer::normalize(std::string_view text, std::string& storage) const {
    std::string next;
    const std::size_t most = 4096 + most_growth * text.size();
    for (const NormalizerStep& step : m_steps) {
        next.clear();
        if (!appendStep(text, step, next)) continue;
        if (next.size() > most) {
            throw Failure(ErrorCode::bad_input, m_where, "makes a text of " + std::to_string(text.size()) + " bytes grow to " +
                                                             std::to_string(next.size()));
        }
        storage.swap(next);
        text = storage;
    }
    return text;
}

}  // namespace airframe
