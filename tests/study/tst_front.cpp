// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <cmath>

#include "core/study/importance.h"
#include "core/study/objective.h"
#include "core/study/placement.h"
#include "core/study/random.h"
#include "core/study/report.h"
#include "support/failure.h"

using namespace airframe;
using airframe::test::errorOf;

namespace {

constexpr int layers = 6;

/// An evaluation whose items are a shared difficulty plus `nll` plus a little noise of its own.
EvaluationRow scored(const std::string& placement, double nll, const std::string& task = "kv",
                     const std::string& data = "d", double noise = 0.01, int items = 40) {
    static std::int64_t id = 0;
    EvaluationRow row;
    row.id = ++id;
    row.key = {placement, "m", placement == "attn*6" ? "" : "ck", task, data, "bf16", 0, 1};
    row.items = items;
    Random difficulty(5), own(std::hash<std::string>{}(placement + task));
    const auto unit = [](Random& random) { return static_cast<double>(random.below(1000)) / 1000 - 0.5; };
    for (int item = 0; item < items; ++item)
        row.scores.push_back({item, 3 + 2 * unit(difficulty) + nll + noise * unit(own), 0, 1});
    row.nll = 3 + nll;
    return row;
}

MeasurementRow measured(const std::string& placement, double tps, std::int64_t cache,
                        const std::string& device = "cpu") {
    static std::int64_t id = 0;
    MeasurementRow row;
    row.id = ++id;
    row.placement = placement;
    row.checkpoint_hash = placement == "attn*6" ? "" : "ck";
    row.device = device;
    row.compute = "bf16";
    row.context = 8192;
    row.batch = 8;
    row.decode_tps = {tps, tps * 0.99, tps * 1.01, 5};
    row.cache_bytes = cache;
    return row;
}

std::string withFull(std::vector<int> full) {
    return Placement::withFull(layers, full).text();
}

}  // namespace

class TestFront : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void gain();
    void gainPairsTheSameItemsOnly();
    void front();
    void frontComparesTheSameTasks();
    void frontNeverMixesMachines();
    void report();
    void importance();
    void importanceNeedsItsBase();
};

void TestFront::gain() {
    const std::vector<EvaluationRow> base = {scored("jet*6", 0, "kv"), scored("jet*6", 0, "copy")};
    const std::vector<EvaluationRow> better = {scored("attn,jet*5", -0.2, "kv", "d", 0),
                                               scored("attn,jet*5", -0.6, "copy", "d", 0)};
    QVERIFY(std::abs(gainOver(base, better, {}, 1).mean - 0.4) < 0.01);
    QVERIFY(std::abs(gainOver(base, better, {{"copy", 3}}, 1).mean - 0.5) < 0.01);  // kv is not named and weighs 1
    QVERIFY(std::abs(gainOver(base, better, {{"copy", 0}}, 1).mean - 0.2) < 0.01);
    const Interval interval = gainOver(base, better, {}, 1);
    QVERIFY(interval.low > 0.39 && interval.high < 0.41);  // paired: the items' difficulty of +-1 nat is gone
    QVERIFY(errorOf([&] { (void)gainOver(base, better, {{"copy", 0}, {"kv", 0}}, 1); })->code == ErrorCode::bad_input);
    QVERIFY(errorOf([&] { (void)gainOver(base, {}, {}, 1); })->code == ErrorCode::internal);
}

void TestFront::gainPairsTheSameItemsOnly() {
    const std::vector<EvaluationRow> base = {scored("jet*6", 0, "kv", "d1"), scored("jet*6", 0, "copy", "d1")};
    const std::vector<EvaluationRow> other = {scored("attn,jet*5", -5, "kv", "d2"),
                                              scored("attn,jet*5", -0.3, "copy", "d1")};
    QVERIFY(std::abs(gainOver(base, other, {}, 1).mean - 0.3) < 0.01);  // kv was scored on other items
    std::vector<EvaluationRow> shuffled = {other[1]};
    std::reverse(shuffled[0].scores.begin(), shuffled[0].scores.end());
    QCOMPARE(gainOver(base, shuffled, {}, 1).low, gainOver(base, {other[1]}, {}, 1).low);
}

void TestFront::front() {
    const std::string one = withFull({2}), uniform = Placement::uniform(layers, 2).text();
    std::vector<EvaluationRow> evaluations = {scored("jet*6", 0), scored("attn*6", -1), scored(one, -0.5),
                                              scored(uniform, -0.1), scored(withFull({5}), -0.9)};
    std::vector<MeasurementRow> measurements = {measured("jet*6", 100, 10), measured("attn*6", 20, 100),
                                                measured(one, 80, 25), measured(uniform, 60, 40),
                                                measured(withFull({1}), 500, 1)};
    MeasurementRow old = measurements[2];
    old.id = -1;
    old.decode_tps = {1, 1, 1, 5};
    measurements.push_back(old);
    MeasurementRow too_big = measured(withFull({5}), 1e9, 1);
    too_big.fits = false;
    measurements.push_back(too_big);
    ProposalRow control;
    control.placement = uniform;
    control.name = "uniform";
    const auto points = frontFrom(evaluations, measurements, {control}, {}, "jet*6", "ck", 8192, 8, false);
    QCOMPARE(points.size(), std::size_t{4});
    for (const FrontPoint& p : points) {
        QCOMPARE(p.name, std::string(p.placement == uniform ? "uniform" : ""));
        QCOMPARE(p.on_front, p.placement != uniform);
        QCOMPARE(p.dominated_beyond_error, p.placement == uniform);
        QCOMPARE(p.items, 40);
        if (p.placement == one)
            QVERIFY(p.decode_tps.median == 80 && std::abs(p.score - 0.5) < 0.01 && p.low < p.score && p.score < p.high);
        if (p.placement == "jet*6") QVERIFY(p.score == 0 && p.low == 0 && p.high == 0);
        if (p.placement == "attn*6") QVERIFY(std::abs(p.score - 1) < 0.01);
    }
    const auto by_cache = frontFrom(evaluations, measurements, {}, {}, "jet*6", "ck", 8192, 8, true);
    for (const FrontPoint& p : by_cache) QCOMPARE(p.on_front, p.placement != uniform);
    QVERIFY(frontFrom(evaluations, measurements, {}, {}, "jet*6", "ck", 4096, 8, false).empty());
    QCOMPARE(frontFrom(evaluations, measurements, {}, {}, "jet*6", "another", 8192, 8, false).size(), std::size_t{0});
    QVERIFY(frontFrom({}, {}, {}, {}, "jet*6", "", 1, 1, false).empty());
}

void TestFront::frontComparesTheSameTasks() {
    const std::string one = withFull({2});
    const std::vector<EvaluationRow> evaluations = {scored("jet*6", 0, "kv"), scored("jet*6", 0, "copy"),
                                                    scored(one, -0.2, "kv"), scored(one, -8, "copy"),
                                                    scored("attn*6", -1, "kv")};
    const auto points =
        frontFrom(evaluations, {measured("jet*6", 100, 10), measured(one, 80, 20), measured("attn*6", 20, 100)}, {}, {},
                  "jet*6", "ck", 8192, 8, false);
    QCOMPARE(points.size(), std::size_t{3});
    for (const FrontPoint& p : points)
        if (p.placement == one)
            QVERIFY(std::abs(p.score - 0.2) < 0.01);  // copy is left out: the teacher was not scored on it
}

void TestFront::frontNeverMixesMachines() {
    const std::vector<EvaluationRow> evaluations = {scored("jet*6", 0), scored("attn*6", -1)};
    const auto points = frontFrom(
        evaluations, {measured("attn*6", 900, 100, "fast machine"), measured("jet*6", 100, 10, "this machine")}, {}, {},
        "jet*6", "ck", 8192, 8, false);
    QCOMPARE(points.size(), std::size_t{1});
    QCOMPARE(points[0].placement, std::string("jet*6"));
}

void TestFront::report() {
    FrontPoint a{"jet*6", "", 0, 0, 0, {100, 99, 101, 5}, 1 << 20, 8192, 8, 40, true, false};
    FrontPoint b{
        "jet*2,attn,jet*3", "uniform", 0.25, 0.2, 0.3, {120.5, 119, 121, 5}, 3 << 19, 8192, 8, 40, true, false};
    FrontPoint c{"attn*6", "", -0.1, -0.2, 0, {50, 49, 51, 5}, 4 << 20, 8192, 8, 40, false, true};
    const QStringList lines = QString::fromStdString(frontTable({a, b, c})).split('\n');
    QCOMPARE(lines[0], QString("context 8192, batch 8"));
    QVERIFY(lines[2].startsWith("*  jet*2,attn,jet*3 (uniform)"));
    QVERIFY(lines[2].contains("+0.2500 [+0.2000, +0.3000]") && lines[2].contains("120.5 [119.0-121.0]") &&
            lines[2].contains(" 1.5 "));
    QVERIFY(lines[4].startsWith("   attn*6"));
    QCOMPARE(lines[3].size(), lines[2].size());
    QVERIFY(lines[5].contains("2 of 3") && lines[5].contains("2 not dominated"));
    QVERIFY(QString::fromStdString(frontTable({})).contains("No placement"));
}

void TestFront::importance() {
    std::vector<EvaluationRow> evaluations = {scored("jet*6", 0), scored("attn*6", -1)};
    const double gains[] = {0.0, 0.5, 0.0, 0.2, -0.3, 0.0};
    for (int layer = 0; layer < layers; ++layer) {
        evaluations.push_back(scored(withFull({layer}), -gains[layer]));
        std::vector<int> rest;
        for (int other = 0; other < layers; ++other)
            if (other != layer) rest.push_back(other);
        evaluations.push_back(scored(withFull(rest), -1 + gains[layer]));
    }
    evaluations.push_back(scored("jet*6", 0, "kv", "fewer layers, more items", 0.01, 80));
    const auto cells = importanceFrom(evaluations, layers, "jet", "ck");
    QCOMPARE(cells.size(), std::size_t{2 * layers});
    for (const ImportanceCell& cell : cells) {  // the same order in both views: gains with it, losses without it
        QVERIFY(std::abs(cell.score - gains[cell.layer]) < 0.01 && cell.low <= cell.score && cell.score <= cell.high);
        QCOMPARE(cell.task, std::string("kv"));
        QCOMPARE(cell.items, 40);
        if (cell.layer == 1) QVERIFY(cell.rank == 1 && cell.rank_high == 1);
        if (cell.layer == 3) QVERIFY(cell.rank == 2 && cell.rank_low == 2 && cell.rank_high == 2);
        if (cell.layer == 4) QVERIFY(cell.rank == 6 && cell.rank_low == 6);
        if (gains[cell.layer] == 0.0) QVERIFY(cell.rank_low >= 3 && cell.rank_high <= 5);
    }
    QCOMPARE(cells[0].view, std::string("one_full"));
    QCOMPARE(cells[layers].view, std::string("one_linear"));
}

void TestFront::importanceNeedsItsBase() {
    QVERIFY(importanceFrom({}, layers, "jet", "ck").empty());
    QVERIFY(importanceFrom({scored(withFull({1}), 0)}, layers, "jet", "ck").empty());
    QVERIFY(importanceFrom({scored("jet*6", 0), scored(withFull({1}), 0)}, layers, "jet", "other").empty());
    QVERIFY(importanceFrom({scored("jet*6", 0, "kv", "a"), scored(withFull({1}), 0, "kv", "b")}, layers, "jet", "ck")
                .empty());
    QCOMPARE(importanceFrom({scored("jet*6", 0), scored(withFull({1}), 0)}, layers, "jet", "ck").size(),
             std::size_t{1});
}

QTEST_APPLESS_MAIN(TestFront)
#include "tst_front.moc"
