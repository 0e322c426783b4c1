// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "ui/study_snapshot.h"

namespace airframe {
class Study;
}

namespace airframe::ui {

/// Reads all rows of one study into snapshots, one after another; what only grows (evaluations) or is dear to derive
/// (importance) is kept between reads. Any one thread, the study's.
class SnapshotBuilder {
  public:
    explicit SnapshotBuilder(Study& study) : m_study(study) {}
    /// Throws Failure as Study does.
    [[nodiscard]] SnapshotPtr build();

  private:
    Study& m_study;
    std::vector<EvaluationRow> m_evaluations;
    std::vector<ImportanceCell> m_importance;
    std::size_t m_importance_evaluations = 0;
    std::string m_importance_checkpoint;
};

}  // namespace airframe::ui
