// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace airframe::ui {

/// Leaves a command ("pause", "resume", "stop") in the study for a run of another process: the only way to reach a
/// detached or command-line run. Returns at once; written by a pool thread. A study that cannot be written is told on
/// stderr: the command is then not taken and the run goes on.
void commandRun(const QString& study, qint64 run, const QString& kind);

}  // namespace airframe::ui
