// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <QtTest>

#include <ctime>

#include "core/blocks/jet_block.h"
#include "core/eval/evaluator.h"
#include "core/formats/model_file.h"
#include "core/supernet/initialise.h"
#include "support/shared_data.h"
#endif

using namespace airframe;

namespace {

/// The demo model with a JetBlock as it starts from the teacher beside every layer: the speed does not depend on
/// training.
std::shared_ptr<const Supernet> demoSupernet(const std::filesystem::path& file) {
    NoControl control;
    const Compute compute = Compute::parse("bf16", "cpu");
    const auto model = Model::load(ModelFile::open(file), compute, control);
    const JetDims dims = jetDimsFor(model->config());
    std::vector<std::shared_ptr<const Block>> blocks;
    for (int layer = 0; layer < model->config().layers; ++layer) {
        const auto& teacher = dynamic_cast<const AttentionBlock&>(model->mixer(layer));
        blocks.push_back(
            std::make_shared<const JetBlock>(dims, initialiseFromTeacher(teacher, dims, 0, layer), compute));
    }
    return std::make_shared<const Supernet>(model, Supernet::Alternatives{{"jet", std::move(blocks)}}, "start");
}

double cpuSeconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

}  // namespace

/// What a placement costs on the demo model, and that sharing prefixes pays what the count says.
class TestEvaluatorSpeed : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void siblingsShareTheirPrefix() {
        const auto path = test::demoModel();
        AIRFRAME_NEED(path);
        const c10::InferenceMode inference;
        const auto supernet = demoSupernet(path);
        const Evaluator evaluator(supernet);
        TaskSource source{supernet->model().tokenizer(), 0, 0, {}};
        std::vector<TaskData> tasks;
        for (const char* id : {"kv", "copy", "induction"}) tasks.push_back(findTask(id).make(source));
        TaskList list;
        std::int64_t tokens = 0;
        for (const TaskData& task : tasks) list.push_back(&task), tokens += task.totalTokens();

        std::vector<Placement> siblings;
        for (const int layer : {28, 22, 16}) siblings.push_back(Placement::withFull(30, {3, layer}));
        NoControl control;
        std::map<Placement, double> shared, alone;
        const auto into = [](std::map<Placement, double>& all) {
            return [&all](const Placement& p, const ScoresPerTask& s) { all[p] = s[0][0].nll; };
        };
        evaluator.scoreAll({siblings[0]}, {&tasks[1]}, control, into(alone));  // warm
        double start = 0;
        for (const std::int64_t batch : {512, 1024, 2048}) {
            start = cpuSeconds();
            Evaluator(supernet, batch).scoreAll({siblings[0]}, {&tasks[1]}, control, into(alone));
            qInfo("batches of %lld tokens: %.2f s of CPU time", static_cast<long long>(batch), cpuSeconds() - start);
        }
        start = cpuSeconds();
        for (const Placement& placement : siblings) evaluator.scoreAll({placement}, list, control, into(alone));
        const double one_by_one = cpuSeconds() - start;
        start = cpuSeconds();
        const EvaluationCost cost = evaluator.scoreAll(siblings, list, control, into(shared));
        const double together = cpuSeconds() - start;
        for (const Placement& placement : siblings) QCOMPARE(shared[placement], alone[placement]);

        const double threads = at::get_num_threads();
        qInfo("%lld tokens a placement, %.2f s of CPU time each alone: %.0f tokens/s on %.0f threads",
              static_cast<long long>(tokens), one_by_one / 3, 3 * static_cast<double>(tokens) / one_by_one * threads,
              threads);
        const double counted = static_cast<double>(cost.layer_tokens) / static_cast<double>(cost.layer_tokens_whole);
        qInfo("shared: %.2f of the layer calls, %.2f of the time", counted, together / one_by_one);
        QVERIFY(together / one_by_one < counted + 0.25);  // the head is not shared
    }
};

QTEST_APPLESS_MAIN(TestEvaluatorSpeed)
#include "tst_evaluator_speed.moc"
