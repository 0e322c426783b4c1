// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <map>
#include <string>
#include <vector>

#include "core/study/objective.h"
#include "core/study/pareto.h"
#include "ui/study_snapshot.h"

namespace airframe::ui {

/// One set of measurements that may be compared: same machine, same context, same batch.
struct MeasurementSet {
    std::string device;
    int context = 0, batch = 0;
    int placements = 0;    ///< measured ones
    int not_fitting = 0;   ///< found not to fit in memory
    friend bool operator==(const MeasurementSet& a, const MeasurementSet& b) {
        return a.device == b.device && a.context == b.context && a.batch == b.batch;
    }
};

/// All sets of the snapshot, largest first.
[[nodiscard]] std::vector<MeasurementSet> measurementSets(const StudySnapshot& snapshot);

/// The points of one front and what is derived from them.
struct FrontData {
    enum class Kind { search, teacher, all_linear, uniform, last, random };
    std::vector<FrontPoint> points;
    std::vector<Kind> kinds;      ///< of each point
    ParetoResult pareto;          ///< dominated_by and knee, same order as points
    MeasurementSet set;
    bool by_cache = false;
    double base_loss = 0;         ///< weighted loss of all linear; NaN if not scored. Loss of a point = base_loss - score
    [[nodiscard]] int indexOf(const std::string& placement) const;  ///< -1 = not in it
    [[nodiscard]] std::vector<int> along() const;                   ///< points on the front, slow to fast
    [[nodiscard]] int notDominated() const;                         ///< within error
};

/// May take a while (bootstrap intervals): call it off the GUI thread.
[[nodiscard]] FrontData frontData(const SnapshotPtr& snapshot, const MeasurementSet& set, bool by_cache,
                                  const std::map<std::string, double>& weights);
/// Finds kinds, front, knee and dominators of points that are already joined.
[[nodiscard]] FrontData frontDataFrom(std::vector<FrontPoint> points, const MeasurementSet& set, bool by_cache);

/// "original", "all linear", "uniform", "random-3", or the placement's name.
[[nodiscard]] QString frontName(const FrontData& data, int index);
/// Why a point is not on the front: the point that beats it and by how much; or that it is on it.
[[nodiscard]] QString whyDominated(const FrontData& data, int index);
/// One spoken sentence about the whole front.
[[nodiscard]] QString frontSummary(const FrontData& data);

}  // namespace airframe::ui
