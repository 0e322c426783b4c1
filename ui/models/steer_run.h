// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "core/study/steering.h"
#include "ui/study_snapshot.h"

namespace airframe::ui {

class EngineClient;
struct SearchChoices;

/// Sends a choice to a live search: through the engine if it is ours, else as a row in the study, which a detached or
/// command-line run takes at its next checkpoint. Returns at once.
void steerRun(EngineClient& engine, const StudySnapshot& snapshot, std::int64_t run, const Steering& steering);

/// What a steering would change in a search, in words; told by the search itself, restored from the state that the study
/// holds. Reads the study: call it off the GUI thread.
[[nodiscard]] QString previewSteering(const StudySnapshot& snapshot, std::int64_t run, const SearchChoices& now, const Steering& steering);

}  // namespace airframe::ui
