// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/engine/terminal_listener.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "app/engine/numbers.h"

namespace airframe {

TerminalListener::TerminalListener(bool stream)
    : m_stream(stream), m_terminal(isatty(STDERR_FILENO) == 1 && !(stream && isatty(STDOUT_FILENO) == 1)) {}

void TerminalListener::show(const std::string& line, bool at_once) {
    using namespace std::chrono_literals;
    const auto now = std::chrono::steady_clock::now();
    if (m_terminal) {
        std::fprintf(stderr, "\r\033[K%s", line.c_str());
        std::fflush(stderr);
        m_shown = true;
    } else if (at_once || now - m_last >= 10s) {
        m_last = now;
        std::fprintf(stderr, "%s\n", line.c_str());
    }
}

void TerminalListener::progress(const Progress& progress) {
    // A new phase waits for its turn too: short jobs then say nothing where nobody watches.
    if (m_last == std::chrono::steady_clock::time_point{}) m_last = std::chrono::steady_clock::now();
    show(progressText(progress), false);
}

void TerminalListener::state(const std::string& state) { show(state, true); }

void TerminalListener::token(const nlohmann::json& token) {
    m_tokens = true;
    if (!m_stream) return;
    const auto& text = token.at("text").get_ref<const std::string&>();
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

void TerminalListener::clear() {
    if (m_shown) std::fputs("\r\033[K", stderr);
    m_shown = false;
}

std::string progressText(const Progress& p) {
    std::string text = p.phase;
    if (p.total > 0) {
        text += ' ' + grouped(p.done) + " of " + grouped(p.total) + ' ' + p.unit + " (" + fixed(100 * p.done / p.total, 0) + " %)";
    } else if (p.done > 0) {
        text += ' ' + grouped(p.done) + ' ' + p.unit;
    }
    if (p.left_high_s >= 0) {
        const bool minutes = p.left_high_s >= 120;
        const double unit = minutes ? 60 : 1;
        const std::string low = fixed(std::max(0.0, p.left_low_s) / unit, 0), high = fixed(p.left_high_s / unit, 0);
        text += ", " + (low == high ? high : low + " to " + high) + (minutes ? " min" : " s") + " left";
    }
    if (!p.note.empty()) text += ", " + p.note;
    return text;
}

}  // namespace airframe
