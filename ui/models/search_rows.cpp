// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of the placement page.
#include <QCoreApplication>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/study/steering.h"
#include "ui/models/numbers.h"
#include "ui/models/search_choices.h"
#include "ui/models/search_result.h"

namespace airframe::ui {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("SearchTables", text); }

QString whatOf(const ControlRow& row, int layers) {
    if (row.kind != "steer") return tr(row.kind.c_str());
    try {
        const Steering steering = Steering::parse(row.payload_json, layers);
        const QString text = steeringText(steering);
        return steering.reason.empty() ? text : QStringLiteral("%1 (%2)").arg(text, QString::fromStdString(steering.reason));
    } catch (const Failure& failure) {
        return QString::fromStdString(failure.error().what);
    }
}

}  // namespace

QString effectText(const std::string& json) {
    const auto effect = nlohmann::json::parse(json, nullptr, false);
    if (!effect.is_object()) return {};
    if (effect.contains("error") && effect["error"].is_string()) return QString::fromStdString(effect["error"].get<std::string>());
    QStringList parts;
    const auto add = [&](const char* field, const QString& words) {
        if (effect.contains(field) && effect[field].is_number_integer()) parts << words.arg(effect[field].get<int>());
    };
    add("kept", tr("keeps %1 evaluated"));
    add("dropped", tr("removes %1 queued"));
    add("added", tr("adds %1"));
    return parts.join(QStringLiteral(", "));
}

RowTable<ControlLine>* controlLines(QObject* parent) {
    using Row = ControlLine;
    std::vector<RowTable<Row>::Column> columns{
        {tr("Which"), {}, [](const Row& row) { return row.is_best ? tr("found") : QString::fromStdString(row.name); }, {}, false},
        {tr("Gain"), tr("Nats per token over all linear"), [](const Row& row) { return row.scored ? signedFixed(row.score.mean) : QStringLiteral("–"); },
         [](const Row& row) { return QVariant(row.scored ? row.score.mean : -1e9); }, false},
        {tr("95 %"), tr("95 % interval"), [](const Row& row) { return row.scored ? intervalText(row.score.low, row.score.high, 2) : QString(); },
         [](const Row& row) { return QVariant(row.score.low); }, false},
        {tr("Lead"), tr("Of the found placement over this one, paired; ≈ where its 95 % interval holds zero"),
         [](const Row& row) { return row.lead ? QStringLiteral("%1%2").arg(signedFixed(row.lead->mean), row.lead->low > 0 || row.lead->high < 0 ? QString() : tr(" ≈")) : QString(); },
         [](const Row& row) { return QVariant(row.lead ? row.lead->mean : 0.0); }, false},
    };
    auto* table = new RowTable<Row>(std::move(columns), [](const Row& row) { return QString::fromStdString(row.name); }, parent);
    table->placement = [](const Row& row) { return QString::fromStdString(row.placement); };
    table->tip = [](const Row& row) {
        if (!row.lead) return QString::fromStdString(row.placement);
        return tr("The found placement leads by %1 nats per token (95 % interval %2)").arg(signedFixed(row.lead->mean), intervalText(row.lead->low, row.lead->high));
    };
    return table;
}

RowTable<BeamNode>* beamRows(QObject* parent) {
    using Row = BeamNode;
    std::vector<RowTable<Row>::Column> columns{
        {tr("Round"), {}, [](const Row& row) { return QString::number(row.round); }, [](const Row& row) { return QVariant(row.round); }, false},
        {tr("Placement"), {}, [](const Row& row) { return QString::fromStdString(row.placement); }, {}, true},
        {tr("Added"), tr("Layers its parent has not"), [](const Row& row) { return nodeLabel(row); }, {}, false},
        {tr("Gain"), tr("Nats per token over all linear"), [](const Row& row) { return row.scored ? signedFixed(row.score) : QStringLiteral("–"); },
         [](const Row& row) { return QVariant(row.scored ? row.score : -1e9); }, false},
        {tr("95 % interval"), {}, [](const Row& row) { return row.scored ? intervalText(row.low, row.high) : QString(); },
         [](const Row& row) { return QVariant(row.low); }, false},
        {tr("Rank"), tr("In its round"), [](const Row& row) { return row.rank > 0 ? QString::number(row.rank) : QString(); },
         [](const Row& row) { return QVariant(row.rank); }, false},
        {tr("Fate"), {}, [](const Row& row) { return nodeFate(row); }, {}, false},
    };
    auto* table = new RowTable<Row>(std::move(columns), [](const Row& row) { return QStringLiteral("%1|%2").arg(row.round).arg(QString::fromStdString(row.placement)); }, parent);
    table->placement = [](const Row& row) { return QString::fromStdString(row.placement); };
    table->faded = [](const Row& row) { return row.scored && !row.kept; };
    return table;
}

RowTable<ControlRow>* steeringLog(QObject* parent, int layers) {
    using Row = ControlRow;
    std::vector<RowTable<Row>::Column> columns{
        {tr("Time"), {}, [](const Row& row) { return timeOfDay(row.at); }, {}, false},
        {tr("Who"), {}, [](const Row& row) { return QString::fromStdString(row.who); }, {}, false},
        {tr("What"), {}, [layers](const Row& row) { return whatOf(row, layers); }, {}, false},
        {tr("Effect"), {}, [](const Row& row) { return row.consumed == 0 ? tr("waiting") : effectText(row.effect_json); }, {}, false},
        {tr("Step"), tr("Evaluations done when it took effect"), [](const Row& row) { return row.consumed_step < 0 ? QString() : QString::number(row.consumed_step); },
         [](const Row& row) { return QVariant(static_cast<qlonglong>(row.consumed_step)); }, false},
    };
    auto* table = new RowTable<Row>(std::move(columns), [](const Row& row) { return QString::number(row.id); }, parent);
    table->tip = [layers](const Row& row) { return QStringLiteral("%1\n%2").arg(whatOf(row, layers), effectText(row.effect_json)); };
    table->faded = [](const Row& row) { return row.consumed == 0; };
    return table;
}

}  // namespace airframe::ui
