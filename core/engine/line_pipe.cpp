// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/line_pipe.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace airframe {
namespace {
constexpr std::size_t longest_line = 16u << 20;
}

std::optional<std::string> LinePipe::read(int wait_ms) {
    while (true) {
        if (const std::size_t end = m_buffer.find('\n'); end != std::string::npos) {
            std::string line = m_buffer.substr(0, end);
            m_buffer.erase(0, end + 1);
            if (line.ends_with('\r')) line.pop_back();
            return line;
        }
        if (m_ended && !m_buffer.empty()) return std::exchange(m_buffer, {});
        if (m_ended) return std::nullopt;
        if (m_buffer.size() > longest_line) return std::exchange(m_buffer, {}).substr(0, 100);
        pollfd wait{m_input, POLLIN, 0};
        if (const int ready = ::poll(&wait, 1, wait_ms); ready <= 0) return std::nullopt;  // time, or a signal
        char bytes[1 << 16];
        const ssize_t got = ::read(m_input, bytes, sizeof bytes);
        if (got > 0) m_buffer.append(bytes, static_cast<std::size_t>(got));
        else if (got == 0 || (errno != EINTR && errno != EAGAIN)) m_ended = true;
    }
}

void LinePipe::write(const std::string& line) {
    const std::lock_guard lock(m_write);
    const std::string text = line + '\n';
    for (std::size_t at = 0; at < text.size() && !m_broken;) {
        const ssize_t put = ::write(m_output, text.data() + at, text.size() - at);
        if (put >= 0) at += static_cast<std::size_t>(put);
        else if (errno != EINTR) m_broken = true;
    }
}

bool LinePipe::broken() {
    pollfd look{m_output, 0, 0};  // POLLERR and POLLHUP are told unasked
    if (::poll(&look, 1, 0) > 0 && (look.revents & (POLLERR | POLLHUP | POLLNVAL))) m_broken = true;
    return m_broken;
}

}  // namespace airframe
