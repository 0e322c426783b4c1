// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace airframe {

/// How far a job is. Seconds left come with a range, because they are an estimate.
struct Progress {
    std::string phase;          ///< "train", "importance", "search", "throughput", "load", ...
    double done = 0, total = 0; ///< in `unit`; total 0 = unknown
    std::string unit;           ///< "tokens", "candidates", "repeats", ...
    double left_low_s = -1, left_high_s = -1;  ///< seconds left, from this run's own durations; < 0 = unknown
    std::string note;           ///< one short clause for the status bar, may be empty
};

/// How a long job talks to whoever started it. A job calls checkpoint() at most 250 ms apart where it can.
/// Implementations are thread-safe; the job calls from one thread.
class RunControl {
  public:
    virtual ~RunControl() = default;
    /// Blocks while paused. True: go on. False: stop now and keep what was done.
    [[nodiscard]] virtual bool checkpoint() = 0;
    virtual void progress(const Progress& progress) = 0;
    /// Steering commands not yet taken, oldest first, each a JSON text (core/study/steering.h reads it).
    [[nodiscard]] virtual std::vector<std::string> steering() { return {}; }
    /// Rows of these study tables changed and are committed.
    virtual void changed(const std::vector<std::string>& tables) { (void)tables; }
};

/// Never pauses, never stops, says nothing: for tests and short jobs.
class NoControl final : public RunControl {
  public:
    [[nodiscard]] bool checkpoint() override { return true; }
    void progress(const Progress&) override {}
};

}  // namespace airframe
