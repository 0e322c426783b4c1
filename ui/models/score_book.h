// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/study/statistics.h"
#include "ui/study_snapshot.h"

namespace airframe::ui {

/// Scores of placements looked up in a snapshot, for its latest checkpoint: what pages ask for and no page computes
/// itself. Cheap to make; const after that, any thread.
class ScoreBook {
  public:
    using Weights = std::map<std::string, double>;  ///< per task; empty = all alike
    ScoreBook() = default;
    explicit ScoreBook(SnapshotPtr snapshot);

    [[nodiscard]] std::string allLinear() const { return m_linear; }  ///< "" without a model
    [[nodiscard]] std::string teacher() const { return m_teacher; }
    [[nodiscard]] bool has(const std::string& placement) const { return m_rows.count(placement) > 0; }
    /// Tasks that the placement was scored on, in the order of the task table.
    [[nodiscard]] std::vector<std::string> tasks(const std::string& placement) const;
    /// Paired gain of `placement` over `base` in nats per token, on the items both were scored on; nothing if none.
    [[nodiscard]] std::optional<Interval> gain(const std::string& placement, const std::string& base,
                                               const Weights& weights) const;
    /// Weighted mean loss, nats per token; nothing if not scored.
    [[nodiscard]] std::optional<double> loss(const std::string& placement, const Weights& weights) const;
    /// The row of one task, nullptr if not scored.
    [[nodiscard]] const EvaluationRow* row(const std::string& placement, const std::string& task) const;

  private:
    SnapshotPtr m_snapshot;
    std::string m_linear, m_teacher;
    std::map<std::string, std::vector<const EvaluationRow*>> m_rows;
};

}  // namespace airframe::ui
