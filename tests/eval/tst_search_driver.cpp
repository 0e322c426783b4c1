// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <QtTest>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/eval/exhaustive_check.h"
#include "core/eval/search_driver.h"
#include "core/study/search/beam.h"
#include "eval/run_fixture.h"
#endif

using namespace airframe;
using namespace airframe::test;

namespace {

constexpr int budget = 3;

/// One search over the formula: study, scorer, evaluation and the options of a beam.
struct Bench {
    explicit Bench(std::vector<std::string> names = {"task", "other"}) : tasks(formulaTasks(names)) {
        request.full_layers = budget;
    }
    RunFixture fixture{"search"};
    FormulaScorer formula{formula_layers};
    std::vector<TaskData> tasks;
    SearchRequest request;
    TestControl control;

    SearchResult run() {
        BeamSearch search({formula_layers, budget, 2, "jet", {}, {}});
        const Scorer scorer = formula.scorer();
        EvaluationRun evaluation(*fixture.study, fixture.run, scorer, tasks);
        return runSearch(*fixture.study, fixture.run, search, request, evaluation, control);
    }
    Study& study() { return *fixture.study; }
    std::vector<ProposalRow> proposals() { return study().proposals(fixture.run); }
    std::int64_t command(const std::string& kind, const std::string& payload = "{}") {
        ControlRow row;
        row.run_id = fixture.run;
        row.who = "tester";
        row.kind = kind;
        row.payload_json = payload;
        return study().addControl(row);
    }
    ControlRow row(std::int64_t id) {
        for (const ControlRow& row : study().controls(fixture.run))
            if (row.id == id) return row;
        return {};
    }
    bool evaluatedOnce() const {
        return formula.seen.size() == std::set(formula.seen.begin(), formula.seen.end()).size();
    }
};

bool sameVerdicts(const std::vector<Verdict>& a, const std::vector<Verdict>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Verdict& x, const Verdict& y) {
        return x.placement == y.placement && x.round == y.round && x.score == y.score && x.kept == y.kept;
    });
}

}  // namespace

class TestSearchDriver : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void wholeSearch() {
        Bench bench;
        const SearchResult result = bench.run();
        QVERIFY(result.complete && bench.evaluatedOnce());
        QCOMPARE(result.best.front().placement.fullLayers().size(), std::size_t{budget});
        QCOMPARE(result.controls.size(), std::size_t{10});
        QCOMPARE(result.controls[0].name, std::string("uniform"));
        QCOMPARE(result.controls[0].placement, Placement::uniform(formula_layers, budget).text());
        QVERIFY(result.best.front().score >= result.controls[0].score);
        QVERIFY(result.cost.layer_tokens > 0 && result.cost.layer_tokens < result.cost.layer_tokens_whole);
        // Scores are paired gains over the all-linear placement, tasks weighed equally.
        const Told& best = result.best.front();
        const double truth =
            (bench.formula.gain(best.placement, "task") + bench.formula.gain(best.placement, "other")) / 2;
        QVERIFY(std::abs(best.score - truth) < 0.01);
        QVERIFY(best.low <= best.score && best.score <= best.high);

        std::map<std::string, int> states;
        int kept = 0;
        for (const ProposalRow& row : bench.proposals()) {
            ++states[row.state];
            kept += row.kept;
            if (row.origin == "search" && !row.kept) QVERIFY(!row.cut_reason.empty());
        }
        QCOMPARE(states.size(), std::size_t{1});  // all done
        QCOMPARE(states["done"], static_cast<int>(result.verdicts.size()) + 10);
        QCOMPARE(kept, 1 + 3 * 2);
        QVERIFY(!bench.study().searchState(bench.fixture.run).empty());
        QCOMPARE(bench.control.seen.back().done, bench.control.seen.back().total);
    }

    /// Stopped at any checkpoint, or killed (the driver simply ends), and run again: the same result, nothing twice.
    void resumesFromAnywhere() {
        Bench whole;
        const SearchResult truth = whole.run();
        const int all = whole.control.checkpoints;
        QVERIFY(all > 40);
        for (int stop = 1; stop < all; stop += 17) {
            Bench bench;
            bench.control.stop_at = stop;
            const SearchResult part = bench.run();
            QVERIFY(!part.complete);
            bench.control.stop_at = -1;
            const SearchResult result = bench.run();
            QVERIFY(result.complete && bench.evaluatedOnce());
            QVERIFY(sameVerdicts(result.verdicts, truth.verdicts));
            QCOMPARE(bench.formula.computed, whole.formula.computed);
            QCOMPARE(bench.proposals().size(), whole.proposals().size());
            QCOMPARE(result.cost.layer_tokens_whole, truth.cost.layer_tokens_whole);
        }
    }

    void steeringActsAtOnceAndIsLogged() {
        Bench bench;
        std::int64_t row = 0;
        int computed_then = 0;
        bench.formula.before = [&](const Placement& placement) {
            if (row == 0 && placement.fullLayers().size() == 1 && bench.formula.computed > 24) {
                row = bench.command("steer", R"({"forbid":[2],"reason":"trying without"})");
                computed_then = bench.formula.computed;
                QTest::qSleep(110);  // rows are looked for ten times a second
            }
        };
        const SearchResult result = bench.run();
        QVERIFY(row != 0 && result.complete && bench.evaluatedOnce());
        const ControlRow logged = bench.row(row);
        QVERIFY(logged.consumed != 0);
        QCOMPARE(logged.consumed_step, std::int64_t{1});
        QVERIFY(nlohmann::json::parse(logged.effect_json).contains("dropped"));
        for (const Told& told : result.best)
            for (const int layer : told.placement.fullLayers()) QVERIFY(layer != 2);
        for (const Verdict& verdict : result.verdicts)
            if (verdict.round >= 2) QVERIFY(verdict.placement[2] == "jet");
    }

    /// A command may come as a text through the control, with a row that the program has consumed already, or without
    /// one.
    void steeringByCall() {
        for (const bool with_row : {true, false}) {
            Bench bench;
            const std::string text = R"({"pin":[7]})";
            bench.control.at_checkpoint = [&] {
                if (bench.control.checkpoints != 15) return;
                if (with_row) bench.study().consumeControl(bench.command("steer", text), -1, "{}");
                bench.control.waiting.push_back(text);
            };
            const SearchResult result = bench.run();
            QVERIFY(result.complete && bench.evaluatedOnce());
            const auto rows = bench.study().controls(bench.fixture.run);
            QCOMPARE(rows.size(), std::size_t{1});
            QVERIFY(rows[0].effect_json.size() > 2 && rows[0].consumed != 0);
            for (const Told& told : result.best) QVERIFY(told.placement[7] == "attn");
        }
    }

    void newWeightsRankAgainWithoutEvaluating() {
        Bench bench;
        const int planned = [] {
            Bench other;
            static_cast<void>(other.run());
            return other.formula.computed;
        }();
        bench.control.at_checkpoint = [&] {
            if (bench.control.checkpoints == 40) bench.command("steer", R"({"weights":{"task":1,"other":0}})");
            if (bench.control.checkpoints >= 40) QTest::qSleep(3);
        };
        const SearchResult result = bench.run();
        QVERIFY(result.complete && bench.evaluatedOnce());
        for (const Told& told : result.best)
            QVERIFY(std::abs(told.score - bench.formula.gain(told.placement, "task")) < 0.01);
        for (const ProposalRow& row : result.controls)
            QVERIFY(std::abs(row.score - bench.formula.gain(Placement::parse(row.placement), "task")) < 0.01);
        QVERIFY(std::abs(bench.formula.computed - planned) < 60);
    }

    /// A grown budget goes on with the search and measures the controls of the new budget; both survive a resume.
    void budgetGrows() {
        Bench bench;
        bench.command("steer", R"({"budget":4})");
        bench.control.stop_at = 30;
        QVERIFY(!bench.run().complete);
        bench.control.stop_at = -1;
        const SearchResult result = bench.run();
        QVERIFY(result.complete && bench.evaluatedOnce());
        QCOMPARE(result.best.front().placement.fullLayers().size(), std::size_t{4});
        for (const ProposalRow& row : result.controls)
            QCOMPARE(Placement::parse(row.placement).fullLayers().size(), std::size_t{4});
    }

    void nonsenseIsLoggedAndChangesNothing() {
        Bench plain, bench;
        const auto a = bench.command("steer", "{\"pin\":");
        const auto b = bench.command("steer", R"({"pin":[99]})");
        const SearchResult result = bench.run();
        QVERIFY(sameVerdicts(result.verdicts, plain.run().verdicts));
        for (const auto id : {a, b}) QVERIFY(nlohmann::json::parse(bench.row(id).effect_json).contains("error"));
    }

    /// Pauses and stops are obeyed by the program's control; the driver writes what came of them.
    void pauseAndStopAreLogged() {
        Bench bench;
        std::vector<std::int64_t> rows;
        bench.control.at_checkpoint = [&] {
            if (bench.control.checkpoints == 20)
                for (const char* kind : {"pause", "resume", "stop"}) {
                    rows.push_back(bench.command(kind));
                    bench.study().consumeControl(rows.back(), -1, "{}");
                }
        };
        bench.control.stop_at = 21;
        QVERIFY(!bench.run().complete);
        QCOMPARE(bench.row(rows[0]).effect_json, std::string(R"({"state":"paused"})"));
        QCOMPARE(bench.row(rows[1]).effect_json, std::string(R"({"state":"running"})"));
        QCOMPARE(bench.row(rows[2]).effect_json, std::string(R"({"state":"stopped"})"));
    }

    void whatDoesNotFitIsAFact() {
        Bench bench;
        const auto bad = Placement::withFull(formula_layers, {2});
        bench.formula.failing = {bad};
        const SearchResult result = bench.run();
        QVERIFY(result.complete && bench.evaluatedOnce());
        int failed = 0;
        for (const ProposalRow& row : bench.proposals()) failed += row.state == "failed" && row.placement == bad.text();
        QCOMPARE(failed, 1);
    }

    void beamAgainstExhaustive() {
        Bench bench;
        bench.request.full_layers = 2;
        const auto check = [&](int width) {
            const Scorer scorer = bench.formula.scorer();
            EvaluationRun evaluation(bench.study(), bench.fixture.run, scorer, bench.tasks);
            return runExhaustiveCheck(bench.study(), bench.fixture.run, bench.request, {1, 2, 3, 5, 6}, width,
                                      evaluation, bench.control);
        };
        const ExhaustiveCheck wide = check(5);
        QVERIFY(wide.complete && bench.evaluatedOnce());
        QCOMPARE(wide.all.size(), std::size_t{10});
        QCOMPARE(wide.beam_rank, 1);  // as wide as there are layers: nothing can be missed
        QCOMPARE(wide.regret.mean, 0.0);
        double best = -1e9;
        for (const Told& told : wide.all) best = std::max(best, told.score);
        QCOMPARE(wide.best.score, best);
        const ExhaustiveCheck narrow = check(1);
        QVERIFY(bench.evaluatedOnce());
        QVERIFY(narrow.regret.mean >= 0);
        QCOMPARE(narrow.beam.score, narrow.all[static_cast<std::size_t>(narrow.beam_rank - 1)].score);
        bench.request.full_layers = 6;
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(check(2)), Failure);
    }
};

QTEST_APPLESS_MAIN(TestSearchDriver)
#include "tst_search_driver.moc"
