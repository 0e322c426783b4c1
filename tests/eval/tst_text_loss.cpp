// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <QtTest>

#include <numeric>

#include "core/base/error.h"
#include "core/eval/text_loss.h"
#include "eval/formula_scorer.h"
#endif

using namespace airframe;

class TestTextLoss : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void windows() {
        std::vector<std::int32_t> ids(1100);
        std::iota(ids.begin(), ids.end(), 0);
        const TaskData data = textWindows(ids);
        QCOMPARE(data.items.size(), std::size_t{3});
        QCOMPARE(data.scoredTokens(), std::int64_t{511 + 511 + 75});
        QCOMPARE(data.items[1].choices[0].ids.front(), 512);  // disjoint, nothing put before
        QCOMPARE(data.items[2].choices[0].ids.size(), std::size_t{76});
        QCOMPARE(data.items[2].choices[0].scored.front().begin, 1);
        // A last window of one token predicts nothing; whole windows leave no rest.
        QCOMPARE(textWindows(std::span(ids).first(1025)).items.size(), std::size_t{2});
        QCOMPARE(textWindows(std::span(ids).first(1024)).scoredTokens(), std::int64_t{1022});
        QCOMPARE(textWindows(std::span(ids).first(1026)).scoredTokens(), std::int64_t{1023});
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(textWindows(std::span(ids).first(1))), Failure);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(textWindows({})), Failure);
    }

    void lossesOfSeveralPlacements() {
        std::vector<std::int32_t> ids(512 * 40 + 100, 7);
        const TaskData data = textWindows(ids);
        test::FormulaScorer formula(6);
        const auto a = Placement::withFull(6, {2, 4}), b = Placement::withFull(6, {});
        NoControl control;
        const auto losses = textLosses(formula.scorer(), {a, b, a}, data, control);
        QCOMPARE(losses.size(), std::size_t{3});
        QCOMPARE(losses[0].tokens, std::int64_t{511 * 40 + 99});
        QCOMPARE(losses[0].window_nll.size(), std::size_t{41});
        double sum = 0;
        for (std::size_t w = 0; w < 41; ++w)
            sum += losses[1].window_nll[w] * static_cast<double>(losses[1].window_tokens[w]);
        QVERIFY(std::abs(losses[1].nll - sum / static_cast<double>(losses[1].tokens)) < 1e-12);
        QCOMPARE(losses[2].nll, losses[0].nll);
        const Interval gain = lossGain(losses[0], losses[1], 1);
        QVERIFY(gain.low > 0 && gain.low <= gain.mean && gain.mean <= gain.high);
        QCOMPARE(lossGain(losses[0], losses[2], 1).mean, 0.0);
        TextLoss other = losses[0];
        other.window_tokens.back() += 1;
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(lossGain(losses[0], other, 1)), Failure);
    }

    void stopIsTold() {
        std::vector<std::int32_t> ids(512 * 40, 7);
        test::FormulaScorer formula(6);
        formula.stop_after = 3;  // in the second group of windows
        NoControl control;
        try {
            static_cast<void>(textLosses(formula.scorer(), {Placement::withFull(6, {}), Placement::withFull(6, {1})},
                                         textWindows(ids), control));
            QFAIL("a stopped loss was given");
        } catch (const Failure& failure) {
            QCOMPARE(failure.error().code, ErrorCode::interrupted);
        }
    }
};

QTEST_APPLESS_MAIN(TestTextLoss)
#include "tst_text_loss.moc"
