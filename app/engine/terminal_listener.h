// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>

#include "core/engine/job_listener.h"

namespace airframe {

/// Shows a job on a terminal: progress on standard error, as one line that is rewritten, or where standard error is not
/// a terminal as a line every 10 seconds; generated text on standard output when `stream` is set.
class TerminalListener final : public JobListener {
  public:
    explicit TerminalListener(bool stream);
    void progress(const Progress& progress) override;
    void state(const std::string& state) override;
    void token(const nlohmann::json& token) override;
    /// Takes the progress line away.
    void clear();
    [[nodiscard]] bool tokensWritten() const { return m_tokens; }

  private:
    void show(const std::string& line, bool at_once);
    bool m_stream, m_terminal, m_tokens = false, m_shown = false;
    std::string m_phase;
    std::chrono::steady_clock::time_point m_last{};
};

/// "train 12,000 of 425,000 tokens (3 %), 11 to 13 min left, loss 0.31"
[[nodiscard]] std::string progressText(const Progress& progress);

}  // namespace airframe
