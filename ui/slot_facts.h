// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <optional>

#include "core/study/statistics.h"
#include "ui/study_snapshot.h"

namespace airframe::ui {

/// What is known about the placements in the two slots, side by side. Speeds are compared only where context, batch,
/// threads and device are the same.
struct SlotFacts {
    struct One {
        std::optional<Interval> gain;               ///< over all linear, nats per token
        std::optional<MeasurementRow> measurement;  ///< of the shared setting
    };
    One a, b;
    int context = 0, batch = 0;  ///< of the shared setting, 0 = nothing measured
};

/// Cheap enough for the GUI thread (a few thousand scores).
[[nodiscard]] SlotFacts slotFacts(const SnapshotPtr& snapshot, const QString& a, const QString& b);

}  // namespace airframe::ui
