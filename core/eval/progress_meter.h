// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>

#include "core/base/run_control.h"

namespace airframe {

/// Counts finished pieces of a job and says how long the rest will take, from the durations of the pieces done so far.
class ProgressMeter {
  public:
    ProgressMeter(RunControl& control, std::string phase, std::string unit);

    /// How many pieces there are, those already finished included; an estimate may be changed at any time.
    void setTotal(double pieces) { m_total = pieces; }
    /// One piece is finished, or was found finished (`measured` false: its duration says nothing).
    void finished(bool measured, const std::string& note = {});
    /// Time since the last piece does not count: the job was doing something else, or was paused.
    void restartClock() { m_last = Clock::now(); }

    [[nodiscard]] double done() const { return m_done; }
    [[nodiscard]] double total() const { return m_total; }
    [[nodiscard]] Progress progress() const;

  private:
    using Clock = std::chrono::steady_clock;
    RunControl& m_control;
    std::string m_phase, m_unit, m_note;
    double m_done = 0, m_total = 0;
    double m_measured = 0, m_sum = 0, m_square_sum = 0;  // of durations in seconds
    Clock::time_point m_last = Clock::now();
};

}  // namespace airframe
