// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/progress_meter.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace airframe {

ProgressMeter::ProgressMeter(RunControl& control, std::string phase, std::string unit)
    : m_control(control), m_phase(std::move(phase)), m_unit(std::move(unit)) {}

void ProgressMeter::finished(bool measured, const std::string& note) {
    const auto now = Clock::now();
    if (measured) {
        const double seconds = std::chrono::duration<double>(now - m_last).count();
        m_measured += 1;
        m_sum += seconds;
        m_square_sum += seconds * seconds;
    }
    m_last = now;
    m_done += 1;
    m_total = std::max(m_total, m_done);
    m_note = note;
    m_control.progress(progress());
}

Progress ProgressMeter::progress() const {
    Progress progress{m_phase, m_done, m_total, m_unit, -1, -1, m_note};
    if (m_measured < 3) return progress;
    // Durations differ with how much of its prefix a placement shares, so the rest is a sum of `left` draws from what
    // was seen: its spread grows with the root of the number, and the mean itself is known to its standard error only.
    const double left = m_total - m_done;
    const double mean = m_sum / m_measured;
    const double variance = std::max(0.0, m_square_sum / m_measured - mean * mean);
    const double spread = 2 * std::sqrt(variance * left * (1 + left / m_measured));
    progress.left_low_s = std::max(0.0, left * mean - spread);
    progress.left_high_s = left * mean + spread;
    return progress;
}

}  // namespace airframe
