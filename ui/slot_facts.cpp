// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/slot_facts.h"

#include "ui/models/score_book.h"

namespace airframe::ui {

namespace {

bool sameSetting(const MeasurementRow& x, const MeasurementRow& y) {
    return x.context == y.context && x.batch == y.batch && x.threads == y.threads && x.device == y.device &&
           x.compute == y.compute;
}

}  // namespace

SlotFacts slotFacts(const SnapshotPtr& snapshot, const QString& a, const QString& b) {
    SlotFacts facts;
    if (!snapshot) return facts;
    const ScoreBook book(snapshot);
    const std::string first = a.toStdString(), second = b.toStdString();
    const auto gain = [&](const std::string& placement) -> std::optional<Interval> {
        if (placement.empty() || placement == book.allLinear()) return std::nullopt;
        return book.gain(placement, book.allLinear(), {});
    };
    facts.a.gain = gain(first);
    facts.b.gain = gain(second);
    // The newest measurement of B (of A where B has none) fixes the setting; the other slot must have the same.
    for (const std::string& leader : {second, first}) {
        for (auto row = snapshot->measurements.rbegin(); row != snapshot->measurements.rend(); ++row) {
            if (leader.empty() || row->placement != leader || !row->fits) continue;
            facts.context = row->context;
            facts.batch = row->batch;
            for (const MeasurementRow& other : snapshot->measurements) {
                if (!sameSetting(other, *row)) continue;
                if (other.placement == first) facts.a.measurement = other;
                if (other.placement == second) facts.b.measurement = other;
            }
            return facts;
        }
    }
    return facts;
}

}  // namespace airframe::ui
