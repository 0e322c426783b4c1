// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <QtTest>

#include <random>
#include <set>

#include "core/base/error.h"
#include "core/eval/evaluator.h"
#include "eval/tiny_supernet.h"
#endif

using namespace airframe;

namespace {

constexpr int layers = 4;

/// Items of uneven lengths with free, several-answer and same-sequence choices.
TaskData mixedTask(int items = 9) {
    std::mt19937 random(3);
    const auto ids = [&](int n) {
        std::vector<std::int32_t> out;
        for (int i = 0; i < n; ++i) out.push_back(static_cast<std::int32_t>(random() % 256));
        return out;
    };
    TaskData data;
    data.task = "mixed";
    for (int i = 0; i < items; ++i) {
        Item item;
        const auto context = ids(5 + 11 * (i % 4));
        if (i % 3 == 0) {  // two continuations of different length
            for (int c = 0; c < 2; ++c) {
                Choice choice{context, {}, {}};
                const auto more = ids(2 + c);
                choice.ids.insert(choice.ids.end(), more.begin(), more.end());
                choice.scored = {{static_cast<int>(context.size()), static_cast<int>(choice.ids.size())}};
                item.choices.push_back(choice);
            }
        } else if (i % 3 == 1) {  // two ranges and a wrong variant on the same sequence
            const Choice right{context, {{1, 2}, {3, 5}}, {}};
            item.choices = {right, right};
            item.choices[1].targets = ids(3);
        } else {
            item.choices = {{context, {{1, static_cast<int>(context.size())}}, {}}};
        }
        data.items.push_back(item);
    }
    data.hash = hashOf(data.items);
    return data;
}

/// The obvious way: one choice, one sequence, one forward pass.
double plainNll(const Supernet& supernet, const Placement& placement, const Choice& choice) {
    const c10::InferenceMode inference;
    const std::vector<std::int64_t> ids(choice.ids.begin(), choice.ids.end());
    const at::Tensor h = supernet.forward(at::tensor(ids, at::kLong).unsqueeze(0), placement, nullptr);
    const at::Tensor log_p = at::log_softmax(supernet.model().logits(h[0]), -1);
    double sum = 0;
    std::size_t next = 0;
    for (const ScoredRange& range : choice.scored)
        for (int i = range.begin; i < range.end; ++i, ++next) {
            const auto target = choice.targets.empty() ? choice.ids[static_cast<std::size_t>(i)] : choice.targets[next];
            sum -= log_p[i - 1][target].item<double>();
        }
    return sum / choice.scoredTokens();
}

std::vector<Placement> allPlacements() {
    std::vector<Placement> all;
    for (int bits = 0; bits < 1 << layers; ++bits) {
        std::vector<int> full;
        for (int l = 0; l < layers; ++l)
            if (bits >> l & 1) full.push_back(l);
        all.push_back(Placement::withFull(layers, full));
    }
    return all;
}

std::int64_t inputTokens(const TaskData& task) {
    std::set<std::vector<std::int32_t>> inputs;
    for (const Item& item : task.items)
        for (const Choice& choice : item.choices)
            inputs.insert({choice.ids.begin(), choice.ids.begin() + choice.scored.back().end - 1});
    std::int64_t tokens = 0;
    for (const auto& input : inputs) tokens += static_cast<std::int64_t>(input.size());
    return tokens;
}

/// Stops at the n-th checkpoint.
class StopAfter final : public RunControl {
  public:
    explicit StopAfter(int n) : m_left(n) {}
    [[nodiscard]] bool checkpoint() override { return m_left-- > 0; }
    void progress(const Progress&) override {}

  private:
    int m_left;
};

}  // namespace

class TestEvaluator : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void walkEqualsOneByOne() {
        const auto supernet = test::tinySupernet(layers);
        const Evaluator evaluator(supernet);
        const TaskData task = mixedTask();
        NoControl control;
        std::map<Placement, std::vector<ItemScore>> got;
        const auto placements = allPlacements();
        const EvaluationCost cost =
            evaluator.score(placements, task, control, [&](const Placement& p, std::vector<ItemScore> s) {
                QVERIFY(got.emplace(p, std::move(s)).second);  // once each
            });
        QCOMPARE(got.size(), placements.size());
        std::set<double> distinct;
        for (const auto& [placement, scores] : got) {
            QCOMPARE(scores.size(), task.items.size());
            for (std::size_t i = 0; i < scores.size(); ++i) {
                const Item& item = task.items[i];
                const double right = plainNll(*supernet, placement, item.choices[0]);
                const double margin =
                    item.choices.size() > 1 ? plainNll(*supernet, placement, item.choices[1]) - right : 0;
                QVERIFY2(std::abs(scores[i].nll - right) < 1e-5, qPrintable(QString::number(scores[i].nll - right)));
                QVERIFY(std::abs(scores[i].margin - margin) < 2e-5);
                QCOMPARE(scores[i].tokens, item.choices[0].scoredTokens());
                QCOMPARE(scores[i].item, static_cast<int>(i));
            }
            distinct.insert(scores[0].nll);
        }
        QCOMPARE(distinct.size(), placements.size());  // every placement is another model

        // Cost by brute force: every distinct prefix of every length once.
        std::set<std::vector<std::string>> prefixes;
        for (const Placement& p : placements)
            for (int n = 1; n <= layers; ++n) prefixes.insert({p.blocks().begin(), p.blocks().begin() + n});
        QCOMPARE(cost.layer_tokens, static_cast<std::int64_t>(prefixes.size()) * inputTokens(task));
        QCOMPARE(cost.layer_tokens_whole, static_cast<std::int64_t>(placements.size()) * layers * inputTokens(task));
    }

    /// Many items go in several parts and batches; repeated placements and repeated items cost nothing.
    void partsAndRepeats() {
        const auto supernet = test::tinySupernet(layers);
        const Evaluator evaluator(supernet);
        TaskData task = mixedTask(1600);
        QVERIFY(inputTokens(task) > 2 * Evaluator::part_tokens);
        NoControl control;
        const auto jet = Placement::withFull(layers, {}), one = Placement::withFull(layers, {2});
        std::map<Placement, std::vector<ItemScore>> got;
        const auto keep = [&](const Placement& p, std::vector<ItemScore> s) { got[p] = std::move(s); };
        const EvaluationCost cost = evaluator.score({jet, one, jet}, task, control, keep);
        QCOMPARE(got.size(), std::size_t{2});
        QCOMPARE(cost.layer_tokens, (2 + 2 + 2) * inputTokens(task));
        QCOMPARE(cost.layer_tokens_whole, 2 * layers * inputTokens(task));
        for (const std::size_t i : {std::size_t{0}, std::size_t{777}, task.items.size() - 1})
            QVERIFY(std::abs(got[one][i].nll - plainNll(*supernet, one, task.items[i].choices[0])) < 1e-5);
        task.items.insert(task.items.end(), task.items.begin(), task.items.begin() + 50);
        const EvaluationCost doubled = evaluator.score({jet, one}, task, control, keep);
        QCOMPARE(doubled.layer_tokens, cost.layer_tokens);
        QCOMPARE(got[one][task.items.size() - 50].nll, got[one][0].nll);
    }

    void severalTasksInOneWalk() {
        const Evaluator evaluator(test::tinySupernet(layers));
        const TaskData a = mixedTask(5), b = mixedTask(7);
        NoControl control;
        const auto jet = Placement::withFull(layers, {});
        ScoresPerTask both;
        evaluator.scoreAll({jet}, {&a, &b}, control, [&](const Placement&, ScoresPerTask s) { both = std::move(s); });
        QCOMPARE(both.size(), std::size_t{2});
        QCOMPARE(both[1].size(), std::size_t{7});
        evaluator.score({jet}, b, control, [&](const Placement&, const std::vector<ItemScore>& alone) {
            for (std::size_t i = 0; i < alone.size(); ++i) QVERIFY(std::abs(alone[i].nll - both[1][i].nll) < 1e-6);
        });
    }

    void stopsBetweenLayers() {
        const Evaluator evaluator(test::tinySupernet(layers));
        const TaskData task = mixedTask(4);
        const auto placements = allPlacements();
        int before = -1;
        for (const int n : {0, 3, 4, 9, 1000}) {
            StopAfter control(n);
            int done = 0;
            const EvaluationCost cost =
                evaluator.score(placements, task, control, [&](const Placement&, const auto&) { ++done; });
            QCOMPARE(cost.layer_tokens, std::min(n, 30) * inputTokens(task));  // one batch: one checkpoint a layer call
            QCOMPARE(cost.layer_tokens_whole, done * layers * inputTokens(task));
            QVERIFY(done >= before);
            before = done;
        }
        QCOMPARE(before, 16);
    }

    void reducedPrecisionStaysNear() {
        const auto exact = test::tinySupernet(layers), rounded = test::tinySupernet(layers, "bf16");
        const TaskData task = mixedTask(6);
        NoControl control;
        const auto placement = Placement::withFull(layers, {1});
        std::vector<ItemScore> a, b;
        Evaluator(exact).score({placement}, task, control,
                               [&](const Placement&, std::vector<ItemScore> s) { a = std::move(s); });
        Evaluator(rounded).score({placement}, task, control,
                                 [&](const Placement&, std::vector<ItemScore> s) { b = std::move(s); });
        for (std::size_t i = 0; i < a.size(); ++i) QVERIFY(std::abs(a[i].nll - b[i].nll) < 0.3);
        QCOMPARE(Evaluator(rounded).scorer().compute, std::string("bf16"));
    }

    void refusesWhatCannotRun() {
        const Evaluator evaluator(test::tinySupernet(layers));
        NoControl control;
        const auto nothing = [](const Placement&, const std::vector<ItemScore>&) {};
        QVERIFY_EXCEPTION_THROWN(evaluator.score({Placement::withFull(layers + 1, {})}, mixedTask(1), control, nothing),
                                 Failure);
        TaskData unscored = mixedTask(1);
        unscored.items[0].choices[0].scored.clear();
        QVERIFY_EXCEPTION_THROWN(evaluator.score({Placement::withFull(layers, {})}, unscored, control, nothing),
                                 Failure);
    }
};

QTEST_APPLESS_MAIN(TestEvaluator)
#include "tst_evaluator.moc"
