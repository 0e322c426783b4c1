// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/search_choices.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "ui/models/numbers.h"
#include "ui/models/task_names.h"
#include "ui/placement_text.h"

namespace airframe::ui {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Steering", text); }

std::vector<int> minus(const std::set<int>& a, const std::set<int>& b) {
    std::vector<int> result;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
    return result;
}

void steer(SearchChoices& choices, const Steering& steering) {
    for (const int layer : steering.pin) choices.pinned.insert(layer), choices.forbidden.erase(layer);
    for (const int layer : steering.forbid) choices.forbidden.insert(layer), choices.pinned.erase(layer);
    for (const int layer : steering.unpin) choices.pinned.erase(layer);
    for (const int layer : steering.unforbid) choices.forbidden.erase(layer);
    if (steering.width) choices.width = *steering.width;
    if (steering.budget) choices.budget = *steering.budget;
    if (!steering.weights.empty()) choices.weights = steering.weights;
}

}  // namespace

SearchChoices choicesOf(const RunRow& run, const std::vector<ControlRow>& controls, int layers) {
    SearchChoices choices;
    try {
        const auto params = nlohmann::json::parse(run.params_json);
        // Options are stored as they were asked for: with '-' by the command line, with '_' by the window.
        choices.budget = params.value("full_layers", params.value("full-layers", choices.budget));
        choices.width = params.value("width", choices.width);
        for (const int layer : params.value("pin", std::vector<int>{})) choices.pinned.insert(layer);
        for (const int layer : params.value("forbid", std::vector<int>{})) choices.forbidden.insert(layer);
    } catch (const nlohmann::json::exception&) {
        // A newer version's options: what can be read is used.
    }
    for (const ControlRow& row : controls) {
        if (row.run_id != run.id || row.kind != "steer") continue;
        try {
            steer(choices, Steering::parse(row.payload_json, layers));
        } catch (const Failure&) {
            continue;
        }
    }
    return choices;
}

Steering steeringBetween(const SearchChoices& from, const SearchChoices& to) {
    Steering steering;
    steering.pin = minus(to.pinned, from.pinned);
    steering.unpin = minus(from.pinned, to.pinned);
    steering.forbid = minus(to.forbidden, from.forbidden);
    steering.unforbid = minus(from.forbidden, to.forbidden);
    // Pinning a forbidden layer lifts the ban by itself, and the other way round.
    std::erase_if(steering.unforbid, [&](int layer) { return to.pinned.count(layer) > 0; });
    std::erase_if(steering.unpin, [&](int layer) { return to.forbidden.count(layer) > 0; });
    if (from.width != to.width) steering.width = to.width;
    if (from.budget != to.budget) steering.budget = to.budget;
    if (from.weights != to.weights) steering.weights = to.weights;
    return steering;
}

QString steeringText(const Steering& steering) {
    QStringList parts;
    const auto layers = [&](const QString& verb, const std::vector<int>& list) {
        if (!list.empty()) parts << QStringLiteral("%1 %2").arg(verb, layerList(list));
    };
    layers(tr("pin"), steering.pin);
    layers(tr("unpin"), steering.unpin);
    layers(tr("forbid"), steering.forbid);
    layers(tr("allow"), steering.unforbid);
    if (steering.width) parts << tr("width %1").arg(*steering.width);
    if (steering.budget) parts << tr("%1 full layers").arg(*steering.budget);
    if (!steering.weights.empty()) {
        QStringList weights;
        for (const auto& [task, weight] : steering.weights)
            weights << QStringLiteral("%1 %2").arg(taskLabel(task)).arg(weight, 0, 'g', 3);
        parts << tr("weights %1").arg(weights.join(QStringLiteral(", ")));
    }
    const auto placements = [&](const QString& verb, const std::vector<Placement>& list) {
        for (const Placement& placement : list) parts << verb.arg(placementName(QString::fromStdString(placement.text())));
    };
    placements(tr("add %1"), steering.add);
    placements(tr("drop %1"), steering.drop);
    if (!steering.order.empty()) parts << tr("reorder the queue");
    return parts.join(QStringLiteral("; "));
}

}  // namespace airframe::ui
