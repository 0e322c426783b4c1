// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QString>

#include "ui/study_snapshot.h"

namespace airframe::ui {

class EngineClient;

/// Starts an interrupted run of a study again; the engine evaluates nothing twice. Returns the job's id.
qint64 resumeRun(EngineClient& engine, const RunRow& run);

/// Interrupted runs with no later run of the same kind: those worth resuming, newest first.
[[nodiscard]] std::vector<RunRow> interruptedRuns(const StudySnapshot& snapshot);

/// "Training interrupted 14 min ago at 120,000 of 425,000".
[[nodiscard]] QString interruptionText(const RunRow& run);

/// "Training", "Search", ... as the name of a job.
[[nodiscard]] QString jobName(const QString& kind_or_op);

}  // namespace airframe::ui
