// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "ui/models/front_data.h"
#include "ui/models/row_table.h"

namespace airframe::ui {

/// A point of the front with what the table says about it.
struct FrontRow {
    FrontPoint point;
    QString name;       ///< see frontName
    double loss = 0;    ///< NaN if the base is not scored
    bool knee = false;
};

[[nodiscard]] std::vector<FrontRow> rowsOf(const FrontData& data);
/// The table twin of the front: the same rows as the plot has points.
[[nodiscard]] RowTable<FrontRow>* frontRows(QObject* parent);

/// Placements worth measuring that have no measurement in `set`: all scored ones, or only the original, all linear, the
/// what is starred, best of the latest search, its kept candidates and its controls. In order of interest.
[[nodiscard]] std::vector<std::string> unmeasured(const StudySnapshot& snapshot, const MeasurementSet& set, bool all_scored);

}  // namespace airframe::ui
