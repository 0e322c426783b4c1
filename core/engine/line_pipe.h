// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

namespace airframe {

/// Lines in and out of two file descriptors. write() may be called from any thread, read() from one.
class LinePipe {
  public:
    LinePipe(int input, int output) : m_input(input), m_output(output) {}
    /// The next line without its end; nothing when the input ended, or after `wait_ms` without a whole line (ended()
    /// tells which). A line longer than 16 MB is cut: it is not a message.
    [[nodiscard]] std::optional<std::string> read(int wait_ms);
    [[nodiscard]] bool ended() const { return m_ended; }
    /// Writes a line and its end; dropped once the other side is gone.
    void write(const std::string& line);
    /// The other side of the output is gone.
    [[nodiscard]] bool broken();

  private:
    int m_input, m_output;
    std::string m_buffer;
    bool m_ended = false;
    std::atomic<bool> m_broken = false;
    std::mutex m_write;
};

}  // namespace airframe
