// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <QtTest>

#include "core/base/error.h"
#include "core/eval/importance_run.h"
#include "eval/run_fixture.h"
#endif

using namespace airframe;
using namespace airframe::test;

class TestEvaluationRun : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void nothingIsComputedTwice() {
        RunFixture f("importance");
        FormulaScorer formula(formula_layers);
        const Scorer scorer = formula.scorer();
        NoControl control;
        const auto a = Placement::withFull(formula_layers, {1}), b = Placement::withFull(formula_layers, {2});
        {
            EvaluationRun evaluation(*f.study, f.run, scorer, formulaTasks({"task"}));
            QVERIFY(evaluation.evaluate({a}, control));
            QCOMPARE(formula.computed, 1);
            QVERIFY(evaluation.evaluate({a, a}, control));
            QCOMPARE(formula.computed, 1);
        }
        // Another run, with a task more: only what is missing.
        EvaluationRun evaluation(*f.study, f.run, scorer, formulaTasks({"task", "other"}));
        QCOMPARE(evaluation.missing({a, b}), std::int64_t{2});
        std::vector<std::pair<Placement, bool>> finished;
        QVERIFY(evaluation.evaluate({b, a}, control,
                                    [&](const Placement& p, bool fresh) { finished.emplace_back(p, fresh); }));
        QCOMPARE(formula.computed, 1 + 1 + 2);
        QCOMPARE(finished.size(), std::size_t{2});
        QCOMPARE(evaluation.missing({a, b}), std::int64_t{0});
        const auto& rows = evaluation.rows(b);
        QCOMPARE(rows.size(), std::size_t{2});
        QCOMPARE(rows[0].key.task, std::string("task"));
        QCOMPARE(rows[1].key.task, std::string("other"));
        QCOMPARE(rows[0].scores.size(), std::size_t{20});
        QCOMPARE(rows[0].tokens, std::int64_t{60});
        QVERIFY(std::abs(rows[0].nll - (4 - formula.gain(b, "task"))) < 0.1);
        QCOMPARE(f.study->evaluations().size(), std::size_t{4});
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(evaluation.rows(Placement::withFull(formula_layers, {5}))), Failure);
    }

    /// A key says all that scores depend on: other items, weights or compute are other evaluations.
    void keys() {
        RunFixture f("importance");
        FormulaScorer formula(formula_layers);
        Scorer scorer = formula.scorer();
        NoControl control;
        const auto jet = Placement::withFull(formula_layers, {});
        const Placement teacher(std::vector<std::string>(formula_layers, "attn"));
        const auto evaluate = [&](std::vector<TaskData> tasks) {
            EvaluationRun evaluation(*f.study, f.run, scorer, std::move(tasks));
            const int before = formula.computed;
            static_cast<void>(evaluation.evaluate({jet, teacher}, control));
            return formula.computed - before;
        };
        QCOMPARE(evaluate(formulaTasks({"task"})), 2);
        QCOMPARE(evaluate(formulaTasks({"task"})), 0);
        QCOMPARE(evaluate(formulaTasks({"task"}, 21)), 2);
        scorer.checkpoint_hash = "other weights";
        QCOMPARE(evaluate(formulaTasks({"task"})), 1);  // the teacher does not depend on them
        scorer.compute = "bf16";
        QCOMPARE(evaluate(formulaTasks({"task"})), 2);
        auto seeded = formulaTasks({"task"});
        seeded[0].seed = 1;
        QCOMPARE(evaluate(std::move(seeded)), 2);
        QVERIFY_EXCEPTION_THROWN(evaluate(formulaTasks({"task", "task"})), Failure);
        QVERIFY_EXCEPTION_THROWN(evaluate({}), Failure);
    }

    /// Stopped after any number of placements: what was finished is there, and the second run computes the rest.
    void importanceResumes() {
        const int all = 2 * formula_layers + 2;
        for (const int stop : {0, 1, 7, all - 1}) {
            RunFixture f("importance");
            FormulaScorer formula(formula_layers);
            formula.stop_after = stop;
            TestControl control;
            auto result = runImportance(*f.study, f.run, formula.scorer(), "jet", formulaTasks(), control);
            QVERIFY(!result.complete);
            QCOMPARE(f.study->evaluations().size(), static_cast<std::size_t>(2 * stop));
            formula.stop_after = -1;
            result = runImportance(*f.study, f.run, formula.scorer(), "jet", formulaTasks(), control);
            QVERIFY(result.complete);
            QCOMPARE(formula.computed, 2 * all);
            QCOMPARE(formula.seen.size(), std::set(formula.seen.begin(), formula.seen.end()).size());
            QCOMPARE(result.cells.size(), static_cast<std::size_t>(2 * 2 * formula_layers));
            QCOMPARE(result.cost.layer_tokens_whole, std::int64_t{2 * all * 80 * formula_layers});  // both parts
            QCOMPARE(control.seen.back().done, static_cast<double>(all));
            QCOMPARE(control.seen.back().total, static_cast<double>(all));
            QCOMPARE(f.study->run(f.run).done, static_cast<double>(all));
            for (const ImportanceCell& cell : result.cells) {
                QCOMPARE(cell.items, 20);
                if (cell.view != "one_full") continue;
                const double truth = formula.gain(Placement::withFull(formula_layers, {cell.layer}), cell.task);
                QVERIFY(std::abs(cell.score - truth) < 0.01);
                if (cell.layer == (cell.task == "task" ? 2 : 5)) QCOMPARE(cell.rank, 1);
            }
        }
    }

    void timeLeftIsARange() {
        RunFixture f("importance");
        FormulaScorer formula(formula_layers);
        formula.before = [](const Placement&) { QTest::qSleep(2); };
        TestControl control;
        static_cast<void>(runImportance(*f.study, f.run, formula.scorer(), "jet", formulaTasks(), control));
        const Progress& middle = control.seen[8];
        QCOMPARE(middle.done, 9.0);
        QVERIFY(middle.left_low_s > 0 && middle.left_low_s <= middle.left_high_s);
        QVERIFY(middle.left_high_s < 5);
        QVERIFY(control.seen.front().left_low_s < 0);  // nothing known yet
        QCOMPARE(control.seen.back().left_high_s, 0.0);
    }
};

QTEST_APPLESS_MAIN(TestEvaluationRun)
#include "tst_evaluation_run.moc"
