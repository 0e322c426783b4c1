// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/importance_rows.h"

#include <QCoreApplication>
#include <algorithm>
#include <limits>

#include "core/study/evaluation_pairs.h"
#include "core/study/placement.h"
#include "ui/models/numbers.h"
#include "ui/models/score_book.h"
#include "ui/models/task_names.h"

namespace airframe::ui {

namespace {

QString tr(const char* text) { return QCoreApplication::translate("Importance", text); }

/// The placement that a cell of a view stands for.
std::string candidateOf(const ScoreBook& book, const std::string& view, int layer, int layers) {
    if (view == "one_full") {
        std::vector<std::string> blocks = Placement::parse(book.allLinear()).blocks();
        blocks[static_cast<std::size_t>(layer)] = "attn";
        return Placement(std::move(blocks)).text();
    }
    std::vector<std::string> blocks(static_cast<std::size_t>(layers), "attn");
    blocks[static_cast<std::size_t>(layer)] = Placement::parse(book.allLinear())[0];
    return Placement(std::move(blocks)).text();
}

/// The base's row on the items that the layers were scored on: it may have been scored on more of them since.
const EvaluationRow* pairedBase(const StudySnapshot& snapshot, const ScoreBook& book, const std::string& view,
                                       const std::string& base, const std::string& task) {
    const EvaluationRow* any = book.row(base, task);
    for (int layer = 0; any && layer < snapshot.model.layers; ++layer) {
        const EvaluationRow* candidate = book.row(candidateOf(book, view, layer, snapshot.model.layers), task);
        if (!candidate) continue;
        for (const EvaluationRow& row : snapshot.evaluations)
            if (row.key.placement == base && row.key.checkpoint_hash == any->key.checkpoint_hash && sameItems(row.key, candidate->key))
                return &row;
    }
    return any;
}

}  // namespace

RowTable<ImportanceCell>* importanceRows(QObject* parent) {
    using Row = ImportanceCell;
    std::vector<RowTable<Row>::Column> columns{
        {tr("Layer"), {}, [](const Row& row) { return QString::number(row.layer); }, [](const Row& row) { return QVariant(row.layer); }, false},
        {tr("Task"), {}, [](const Row& row) { return taskLabel(row.task); }, {}, false},
        {tr("Score, nats per token"), tr("Paired against the base on the same items"),
         [](const Row& row) { return signedFixed(row.score); }, [](const Row& row) { return QVariant(row.score); }, false},
        {tr("Low"), tr("95 % interval"), [](const Row& row) { return signedFixed(row.low); }, [](const Row& row) { return QVariant(row.low); }, false},
        {tr("High"), tr("95 % interval"), [](const Row& row) { return signedFixed(row.high); }, [](const Row& row) { return QVariant(row.high); }, false},
        {tr("Rank"), tr("1 = most important; a range where layers cannot be separated"),
         [](const Row& row) { return rankText(row.rank_low, row.rank_high); }, [](const Row& row) { return QVariant(row.rank); }, false},
        {tr("Items"), {}, [](const Row& row) { return QString::number(row.items); }, [](const Row& row) { return QVariant(row.items); }, false},
    };
    return new RowTable<Row>(std::move(columns), [](const Row& row) {
        return QStringLiteral("%1|%2|%3").arg(QString::fromStdString(row.view), QString::fromStdString(row.task)).arg(row.layer);
    }, parent);
}

std::vector<ImportanceModel::Task> importanceTasks(const SnapshotPtr& snapshot, const std::string& view,
                                                   const std::vector<std::string>& tasks) {
    const ScoreBook book(snapshot);
    const std::string base = view == "one_full" ? book.allLinear() : book.teacher();
    std::vector<ImportanceModel::Task> heads;
    for (const std::string& id : tasks) {
        ImportanceModel::Task head{id, std::numeric_limits<double>::quiet_NaN(), 0, 0};
        if (const EvaluationRow* row = snapshot ? pairedBase(*snapshot, book, view, base, id) : nullptr) head = {id, row->nll, row->items, row->tokens};
        heads.push_back(std::move(head));
    }
    return heads;
}

std::vector<ImportanceCell> importanceMeans(const SnapshotPtr& snapshot, const std::string& view, const std::vector<std::string>& tasks) {
    std::vector<ImportanceCell> means;
    const ScoreBook book(snapshot);
    if (!snapshot || snapshot->model.layers <= 0 || tasks.empty()) return means;
    const bool one_full = view == "one_full";
    const std::string base = one_full ? book.allLinear() : book.teacher();
    std::map<std::string, double> weights;
    for (const std::string& id : tasks) weights[id] = 1;
    for (int layer = 0; layer < snapshot->model.layers; ++layer) {
        const std::string placement = candidateOf(book, view, layer, snapshot->model.layers);
        const bool complete = std::all_of(tasks.begin(), tasks.end(), [&](const std::string& id) { return book.row(placement, id) && book.row(base, id); });
        if (!complete) continue;
        // one_linear counts what is lost: the gain of the base over the candidate.
        const auto gain = one_full ? book.gain(placement, base, weights) : book.gain(base, placement, weights);
        if (!gain) continue;
        ImportanceCell cell;
        cell.view = view;
        cell.layer = layer;
        cell.task = "mean";
        cell.score = gain->mean;
        cell.low = gain->low;
        cell.high = gain->high;
        for (const std::string& id : tasks) cell.items += book.row(placement, id)->items;
        means.push_back(std::move(cell));
    }
    rankByIntervals(means);
    return means;
}

}  // namespace airframe::ui
