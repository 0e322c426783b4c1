// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/study/records.h"

namespace airframe {

class Study;

/// The control of a search: passes everything on to the caller's control, which pauses and stops, and watches for
/// steering besides. When steering waits, checkpoint() says "stop", so that a walk over placements ends between two
/// layers; the driver sees from stopped() that it was no real stop, takes the steering and goes on.
///
/// Every command becomes a row of `control` (if it came without one) and every row gets its effect: the log by which a
/// steered search can be replayed. A row whose effect is empty has not been acted on, even if somebody has consumed it:
/// so nothing is lost when the process dies in between.
class SteeredControl final : public RunControl {
  public:
    SteeredControl(Study& study, std::int64_t run, RunControl& inner) : m_study(study), m_run(run), m_inner(inner) {}

    [[nodiscard]] bool checkpoint() override;
    void progress(const Progress& progress) override { m_inner.progress(progress); }
    void changed(const std::vector<std::string>& tables) override { m_inner.changed(tables); }

    [[nodiscard]] bool stopped() const { return m_stopped; }
    [[nodiscard]] bool steeringWaits() const { return m_waiting; }
    /// Gives every steering text a row, logs with `step` the pauses, resumes and stops that were obeyed, and returns
    /// the steering rows without effect, oldest first. Ends the waiting.
    std::vector<ControlRow> take(std::int64_t step);
    /// Writes what a row changed.
    void log(const ControlRow& row, std::int64_t step, const std::string& effect_json);

  private:
    [[nodiscard]] bool look();

    Study& m_study;
    std::int64_t m_run;
    RunControl& m_inner;
    bool m_stopped = false, m_waiting = false;
    std::vector<std::string> m_texts;  // steering that came by a call
    std::chrono::steady_clock::time_point m_looked{};
};

}  // namespace airframe
