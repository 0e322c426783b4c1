// SPDX-License-Identifier: GPL-3.0-or-later
// The item models and plain data behind the analysis views, without a window.
#include <QAbstractItemModelTester>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>

#include "support/sample_snapshot.h"
#include "ui/models/beam_rounds.h"
#include "ui/models/front_data.h"
#include "ui/models/front_rows.h"
#include "ui/models/importance_model.h"
#include "ui/models/importance_rows.h"
#include "ui/models/numbers.h"
#include "ui/models/queue_model.h"
#include "ui/models/row_table.h"
#include "ui/models/score_book.h"
#include "ui/models/search_choices.h"
#include "ui/models/search_plan.h"
#include "ui/models/search_result.h"
#include "ui/selection.h"

using namespace airframe;
using namespace airframe::ui;

namespace {

ImportanceCell cell(const std::string& task, int layer, double score, double half, int rank, int rank_low, int rank_high) {
    return {"one_full", layer, task, score, score - half, score + half, rank, rank_low, rank_high, 32};
}

ProposalRow queued(const std::string& placement, int position) {
    ProposalRow row;
    row.run_id = 1;
    row.placement = placement;
    row.origin = "search";
    row.state = "queued";
    row.queue_pos = position;
    return row;
}

FrontPoint point(const std::string& placement, double score, double speed, double error) {
    FrontPoint p;
    p.placement = placement;
    p.score = score, p.low = score - error, p.high = score + error;
    p.decode_tps = {speed, speed * 0.99, speed * 1.01, 5};
    return p;
}

}  // namespace

class TestModels : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void numbersReadAsPeopleReadThem() {
        QCOMPARE(fixed(-0.0004), QStringLiteral("0.000"));  // no minus before zero
        QCOMPARE(fixed(-1.5, 1), QString(QChar(0x2212)) + QStringLiteral("1.5"));
        QCOMPARE(signedFixed(0.25), QStringLiteral("+0.250"));
        QCOMPARE(rankText(1, 3), QStringLiteral("1–3"));
        QCOMPARE(rankText(2, 2), QStringLiteral("2"));
        QCOMPARE(layerList({3, 7, 19}), QStringLiteral("3, 7 and 19"));
        QCOMPARE(byteText(1536), QStringLiteral("1.5 KiB"));
        QCOMPARE(fullLayerList(QStringLiteral("jet*2,attn,jet")), std::vector<int>{2});
        QVERIFY(fullLayerList(QStringLiteral("nonsense*")).empty());
    }

    void tableKeepsRowsThatStay() {
        struct Row {
            int key;
            QString text;
        };
        RowTable<Row> table({{QStringLiteral("text"), {}, [](const Row& row) { return row.text; }, {}, false}},
                            [](const Row& row) { return QString::number(row.key); });
        const QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
        table.sync({{1, "one"}, {2, "two"}, {3, "three"}});
        const QPersistentModelIndex third = table.index(2, 0);
        QSignalSpy resets(&table, &QAbstractItemModel::modelReset);
        table.sync({{3, "THREE"}, {4, "four"}, {2, "two"}});
        QCOMPARE(resets.count(), 0);
        QCOMPARE(table.rowCount(), 3);
        QVERIFY(third.isValid());
        QCOMPARE(third.data().toString(), QStringLiteral("THREE"));
        QCOMPARE(table.index(2, 0).data().toString(), QStringLiteral("four"));  // new ones at the end
        table.sync({{9, "nine"}});
        QCOMPARE(resets.count(), 1);  // nothing survived: another source
        table.sync({});
        QCOMPARE(table.rowCount(), 0);
    }

    void importanceModelUnderTester() {
        ImportanceModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        std::vector<ImportanceCell> cells;
        for (int layer = 0; layer < 5; ++layer)
            if (layer != 3) cells.push_back(cell("kv", layer, layer * 0.1, 0.01, 5 - layer, 5 - layer, 5 - layer));
        model.setCells(cells, {}, {{"kv", 4.0, 32, 1024}, {"language", 3.0, 32, 1024}}, 5);
        QCOMPARE(model.rowCount(), 3);  // two tasks and the mean
        QCOMPARE(model.columnCount(), 5);
        QVERIFY(!model.index(0, 3).data(ImportanceModel::ValueRole).isValid());  // missing, not zero
        model.sortColumnsBy(0);
        QCOMPARE(model.layerOf(0), 4);
        QCOMPARE(model.layerOf(4), 3);  // missing last
        QCOMPARE(model.headerData(0, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("4"));
        QCOMPARE(model.index(0, 0).data(ImportanceModel::FillRole).toDouble(), 1.0);
        model.setShown({"language"});
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.layerOf(0), 0);
        model.setRanks(true);
        model.setShown({});
        QCOMPARE(model.index(0, 4).data().toString(), QStringLiteral("1"));
    }

    void summaryRespectsTies() {
        std::vector<ImportanceCell> cells;
        // kv: layers 1 and 4 cannot be told apart, but stand apart from the rest.
        for (int layer = 0; layer < 6; ++layer) {
            const bool top = layer == 1 || layer == 4;
            cells.push_back(cell("kv", layer, top ? 0.9 : 0.05, 0.04, top ? 1 + (layer == 4) : 3, top ? 1 : 3, top ? 2 : 6));
        }
        QCOMPARE(importanceSummary(cells, "one_full"), QStringLiteral("Recall needs layers 1 and 4."));
        // language: every rank overlaps every other.
        for (int layer = 0; layer < 6; ++layer) cells.push_back(cell("language", layer, 0.1, 0.05, layer + 1, 1, 6));
        QVERIFY(importanceSummary(cells, "one_full").contains(QStringLiteral("Language is spread out")));
        // a task whose intervals all hold zero
        for (int layer = 0; layer < 6; ++layer) cells.push_back(cell("copy", layer, 0.01, 0.05, layer + 1, layer + 1, layer + 1));
        QVERIFY(importanceSummary(cells, "one_full").contains(QStringLiteral("for Copying no layer helps")));
        QCOMPARE(importanceSummary(cells, "one_linear"), QStringLiteral("Nothing measured in this view yet."));
    }

    void meansComeWithIntervalsAndRanks() {
        test::SampleSnapshot sample;
        const SnapshotPtr snapshot = sample.make();
        QVERIFY(!snapshot->importance.empty());
        for (const std::string view : {"one_full", "one_linear"}) {
            const auto means = importanceMeans(snapshot, view, sample.tasks);
            QCOMPARE(static_cast<int>(means.size()), sample.layers);
            for (const ImportanceCell& mean : means) {
                double sum = 0;
                for (const ImportanceCell& each : snapshot->importance)
                    if (each.view == view && each.layer == mean.layer) sum += each.score;
                QVERIFY2(std::abs(sum / 2 - mean.score) < 1e-9, qPrintable(QString::number(mean.score - sum / 2)));
                QVERIFY(mean.low <= mean.score && mean.score <= mean.high);
                QVERIFY(mean.rank_low <= mean.rank && mean.rank <= mean.rank_high);
            }
        }
        const auto heads = importanceTasks(snapshot, "one_full", sample.tasks);
        QCOMPARE(heads[0].items, sample.items);
        QCOMPARE(heads[0].tokens, 32LL * sample.items);
    }

    void queueAsksForANewOrder() {
        QueueModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setQueue({queued("jet,attn", 2), queued("attn,jet", 1), queued("attn*2", 3)}, 1);
        QCOMPARE(model.placementAt(0), QStringLiteral("attn,jet"));
        QSignalSpy asked(&model, &QueueModel::orderRequested);
        model.move(2, 0);
        QCOMPARE(asked.takeFirst().at(0).toStringList(), (QStringList{"attn*2", "attn,jet", "jet,attn"}));
        QCOMPARE(model.placementAt(0), QStringLiteral("attn,jet"));  // nothing moved yet: the engine decides
        QScopedPointer<QMimeData> dragged(model.mimeData({model.index(0)}));
        QVERIFY(!model.dropMimeData(dragged.data(), Qt::MoveAction, 3, 0, {}));
        QCOMPARE(asked.takeFirst().at(0).toStringList(), (QStringList{"jet,attn", "attn*2", "attn,jet"}));
        const QPersistentModelIndex last = model.index(2);
        model.setQueue({queued("jet,attn", 1), queued("attn*2", 2)}, 1);
        QVERIFY(last.isValid());  // the first was taken, the rest keeps its selection
        QCOMPARE(last.row(), 1);
    }

    void beamRoundsJoinAndOrder() {
        test::SampleSnapshot sample;
        const SnapshotPtr snapshot = sample.make();
        const BeamRounds rounds = beamRounds(snapshot->proposals, 7);
        QVERIFY(rounds.columns.size() >= 3);
        QVERIFY(rounds.best >= 0);
        QCOMPARE(static_cast<int>(rounds.nodes[static_cast<std::size_t>(rounds.best)].full.size()), sample.budget);
        for (const BeamRounds::Column& column : rounds.columns) {
            bool cut_seen = false;
            for (const int i : column.nodes) {
                const BeamNode& node = rounds.nodes[static_cast<std::size_t>(i)];
                QVERIFY2(!(node.kept && cut_seen), "kept ones come first");
                cut_seen |= !node.kept;
                if (node.parent_node >= 0) QCOMPARE(rounds.nodes[static_cast<std::size_t>(node.parent_node)].placement, node.parent);
                QVERIFY(node.kept || !nodeFate(node).isEmpty());
            }
        }
        QCOMPARE(rounds.nodes[static_cast<std::size_t>(rounds.columns.back().nodes.front())].rank, 1);
    }

    void verdictComparesWithUniform() {
        test::SampleSnapshot sample;
        const SnapshotPtr snapshot = sample.make();
        const SearchResult plain = searchResult(snapshot, 7, {}, {});
        QVERIFY(!plain.reranked);
        QCOMPARE(plain.lines.size(), std::size_t{11});  // found, uniform, last, eight random
        QCOMPARE(plain.lines[1].name, std::string("uniform"));
        QVERIFY(plain.lines[1].lead.has_value());
        QVERIFY(searchVerdict(plain).contains(QStringLiteral("uniform")));
        const SearchResult other = searchResult(snapshot, 7, {{"kv", 1.0}, {"language", 0.0}}, {});
        QVERIFY(other.reranked);
        const ScoreBook book(snapshot);
        const auto& node = other.rounds.nodes[static_cast<std::size_t>(other.rounds.best)];
        QCOMPARE(node.score, book.gain(node.placement, book.allLinear(), {{"kv", 1.0}})->mean);
    }

    void choicesFollowOptionsAndSteering() {
        RunRow run;
        run.id = 3;
        run.params_json = R"({"full-layers":5,"width":4,"pin":[2]})";
        ControlRow row;
        row.run_id = 3;
        row.kind = "steer";
        row.payload_json = R"({"forbid":[2],"width":2})";
        const SearchChoices choices = choicesOf(run, {row}, 12);
        QCOMPARE(choices.budget, 5);
        QCOMPARE(choices.width, 2);
        QVERIFY(choices.pinned.empty());  // the ban took the pin away
        QCOMPARE(choices.forbidden, std::set<int>{2});
        row.payload_json = "not json";
        QCOMPARE(choicesOf(run, {row}, 12).width, 4);
    }

    void steeringTurnsOneIntoTheOther() {
        SearchChoices from, to;
        from.pinned = {1, 2};
        from.forbidden = {5};
        to.pinned = {2, 5};
        to.width = from.width + 1;
        to.weights = {{"kv", 2.0}};
        const Steering steering = steeringBetween(from, to);
        QCOMPARE(steering.pin, std::vector<int>{5});
        QCOMPARE(steering.unpin, std::vector<int>{1});
        QVERIFY(steering.unforbid.empty());  // pinning lifts the ban
        QCOMPARE(steering.width, std::optional<int>(5));
        QVERIFY(!steering.budget);
        ControlRow row;
        row.run_id = 1;
        row.kind = "steer";
        row.payload_json = steering.json();
        QVERIFY(steeringText(Steering::parse(row.payload_json, 12)).contains(QStringLiteral("pin 5")));
    }

    void planIsUndoneUntilSent() {
        Selection selection;
        SearchPlan* plan = SearchPlan::of(&selection);
        QCOMPARE(SearchPlan::of(&selection), plan);
        plan->togglePin(3);
        plan->toggleForbid(3);
        QVERIFY(plan->choices().pinned.empty());
        QCOMPARE(plan->choices().forbidden, std::set<int>{3});
        plan->undoStack()->undo();
        QCOMPARE(plan->choices().pinned, std::set<int>{3});
        QVERIFY(plan->changed());
        plan->setBase(plan->choices(), false);
        QVERIFY(!plan->changed());
        QVERIFY(!plan->undoStack()->canUndo());
    }

    void frontNamesTheDominator() {
        std::vector<FrontPoint> points{point("attn*4", 1.0, 10, 0.01), point("jet*4", 0.0, 100, 0.01), point("jet*3,attn", 0.8, 60, 0.01),
                                       point("attn,jet*3", 0.5, 50, 0.01), point("jet,attn,jet*2", 0.795, 59.9, 0.01)};
        points[0].on_front = points[1].on_front = points[2].on_front = true;
        points[3].dominated_beyond_error = true;
        const FrontData data = frontDataFrom(points, {"here", 2048, 1, 5, 0}, false);
        QCOMPARE(data.kinds[0], FrontData::Kind::teacher);
        QCOMPARE(data.kinds[1], FrontData::Kind::all_linear);
        QCOMPARE(data.along(), (std::vector<int>{0, 2, 1}));
        QCOMPARE(data.notDominated(), 4);
        QCOMPARE(data.pareto.knee, std::ptrdiff_t{2});
        QVERIFY(whyDominated(data, 3).contains(QStringLiteral("Beaten by")));
        QVERIFY(whyDominated(data, 3).contains(QStringLiteral("beyond the error")));
        QVERIFY(whyDominated(data, 4).contains(QStringLiteral("within the error")));
        QVERIFY(whyDominated(data, 2).contains(QStringLiteral("knee")));
        QVERIFY(frontSummary(data).contains(QStringLiteral("4 of 5")));
    }

    void frontFromASnapshot() {
        test::SampleSnapshot sample;
        const SnapshotPtr snapshot = sample.make();
        const auto sets = measurementSets(*snapshot);
        QCOMPARE(sets.size(), std::size_t{2});
        QCOMPARE(sets[0].batch, 8);
        const FrontData data = frontData(snapshot, sets[0], false, {});
        QCOMPARE(static_cast<int>(data.points.size()), sets[0].placements);
        QVERIFY(data.indexOf("attn*12") >= 0);
        QVERIFY(std::isfinite(data.base_loss));
        auto* table = frontRows(this);
        const QAbstractItemModelTester tester(table, QAbstractItemModelTester::FailureReportingMode::QtTest);
        table->sync(rowsOf(data));
        QCOMPARE(table->rowCount(), sets[0].placements);
        QVERIFY(unmeasured(*snapshot, sets[0], false).empty());
        QVERIFY(!unmeasured(*snapshot, sets[0], true).empty());
    }
};

QTEST_GUILESS_MAIN(TestModels)
#include "tst_models.moc"
