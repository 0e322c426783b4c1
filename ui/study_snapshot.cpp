// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/study_snapshot.h"

namespace airframe::ui {

const RunRow* StudySnapshot::latestRun(const std::string& kind) const {
    for (auto run = runs.rbegin(); run != runs.rend(); ++run)
        if (run->kind == kind) return &*run;
    return nullptr;
}

}  // namespace airframe::ui
