// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/front_rows.h"

#include <QCoreApplication>
#include <algorithm>
#include <set>

#include "core/study/placement.h"
#include "ui/models/numbers.h"

namespace airframe::ui {

namespace {
QString tr(const char* text) { return QCoreApplication::translate("FrontTable", text); }
}  // namespace

std::vector<FrontRow> rowsOf(const FrontData& data) {
    std::vector<FrontRow> rows;
    rows.reserve(data.points.size());
    for (std::size_t i = 0; i < data.points.size(); ++i)
        rows.push_back({data.points[i], frontName(data, static_cast<int>(i)), data.base_loss - data.points[i].score,
                        static_cast<std::ptrdiff_t>(i) == data.pareto.knee});
    return rows;
}

RowTable<FrontRow>* frontRows(QObject* parent) {
    using Row = FrontRow;
    std::vector<RowTable<Row>::Column> columns{
        {tr("Placement"), {}, [](const Row& row) { return QString::fromStdString(row.point.placement); }, {}, true},
        {tr("Gain"), tr("Nats per token over all linear, 95 % interval"),
         [](const Row& row) { return signedFixed(row.point.score); }, [](const Row& row) { return QVariant(row.point.score); }, false},
        {tr("±"), tr("Half of the 95 % interval"), [](const Row& row) { return fixed((row.point.high - row.point.low) / 2); },
         [](const Row& row) { return QVariant((row.point.high - row.point.low) / 2); }, false},
        {tr("tok/s"), tr("Decode speed over the whole batch, median"), [](const Row& row) { return QString::number(row.point.decode_tps.median, 'f', row.point.decode_tps.median < 100 ? 1 : 0); },
         [](const Row& row) { return QVariant(row.point.decode_tps.median); }, false},
        {tr("Cache"), {}, [](const Row& row) { return byteText(static_cast<double>(row.point.cache_bytes)); },
         [](const Row& row) { return QVariant(static_cast<double>(row.point.cache_bytes)); }, false},
        {tr("What"), tr("front: nothing beats it; tied: beaten, but within the error of measurement; beaten: beyond it; or the name of a control"), [](const Row& row) { return row.knee ? tr("knee") : row.point.on_front ? tr("front") : !row.point.name.empty() ? QString::fromStdString(row.point.name) : row.point.dominated_beyond_error ? tr("beaten") : tr("tied"); }, {}, false},
    };
    auto* table = new RowTable<Row>(std::move(columns), [](const Row& row) { return QString::fromStdString(row.point.placement); }, parent);
    table->placement = [](const Row& row) { return QString::fromStdString(row.point.placement); };
    table->faded = [](const Row& row) { return row.point.dominated_beyond_error; };
    table->tip = [](const Row& row) {
        return tr("%1\nGain %2 nats per token (%3), %4 items\nDecode %5").arg(row.name, signedFixed(row.point.score), intervalText(row.point.low, row.point.high))
            .arg(row.point.items).arg(spreadText(row.point.decode_tps));
    };
    return table;
}

std::vector<std::string> unmeasured(const StudySnapshot& snapshot, const MeasurementSet& set, bool all_scored) {
    std::set<std::string> seen;
    for (const MeasurementRow& row : snapshot.measurements)
        if (row.context == set.context && row.batch == set.batch && (set.device.empty() || row.device == set.device)) seen.insert(row.placement);
    std::vector<std::string> found;
    const auto add = [&](const std::string& placement) {
        if (seen.insert(placement).second) found.push_back(placement);
    };
    if (snapshot.model.layers <= 0) return found;
    add(Placement(std::vector<std::string>(static_cast<std::size_t>(snapshot.model.layers), "attn")).text());
    if (!snapshot.checkpoints.empty()) add(Placement::withFull(snapshot.model.layers, {}, snapshot.checkpoints.back().block).text());
    for (const CandidateRow& row : snapshot.candidates)
        if (row.starred) add(row.placement);
    const RunRow* search = snapshot.latestRun("search");
    std::vector<ProposalRow> rows;
    for (const ProposalRow& row : snapshot.proposals)
        if (search && row.run_id == search->id && row.state == "done" && (row.kept || row.origin == "control")) rows.push_back(row);
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return std::pair(a.origin == "control" ? 1 : 0, -a.round) < std::pair(b.origin == "control" ? 1 : 0, -b.round);
    });
    for (const ProposalRow& row : rows) add(row.placement);
    if (all_scored)
        for (const EvaluationRow& row : snapshot.evaluations)
            if (row.key.checkpoint_hash == snapshot.checkpoint_hash) add(row.key.placement);
    return found;
}

}  // namespace airframe::ui
