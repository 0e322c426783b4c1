// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QtTest>

#include "core/model/model.h"
#include "core/supernet/adamw.h"
#include "core/supernet/initialise.h"
#include "core/supernet/layer_trainer.h"
#include "core/supernet/teacher_pass.h"
#include "core/supernet/training_schedule.h"
#include "supernet/vectors.h"
#include "support/tiny_model.h"
#endif

using namespace airframe;
using namespace airframe::test;

/// The optimiser against its formula, one layer's steps, and what happens when numbers go bad.
class TestLayerTrainer : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }  // products this small only wait for each other
    void optimiserFollowsItsFormula();
    void everyTensorMoves();
    void badNumbersRollBack();
    void scheduleRisesAndFalls();
};

namespace {

struct Layer {
    std::shared_ptr<const Model> model;
    JetDims dims;
    TeacherPass pass;
    LayerTrainer trainer;
};

Layer layer(at::ScalarType type) {
    NoControl control;
    auto model = Model::load(tinyModel(2, 64, 4, 2), Compute{type, at::kCPU}, control);
    at::manual_seed(3);
    auto pass = runTeacher(*model, at::randint(0, 256, {4, 64}, at::kLong), [](int) { return true; });
    const auto dims = jetDimsFor(model->config());
    const auto p = initialiseFromTeacher(dynamic_cast<const AttentionBlock&>(model->mixer(1)), dims, 0, 1);
    return {model, dims, std::move(pass), LayerTrainer(dims, p, type)};
}

}  // namespace

void TestLayerTrainer::optimiserFollowsItsFormula() {
    at::manual_seed(1);
    for (const auto type : {at::kFloat, at::kBFloat16}) {
        const auto w = at::randn({37}), m = at::randn({37}) * 0.1, v = at::rand({37}) * 0.1,
                   grad = at::randn({37}).to(type);
        auto w1 = w.clone(), m1 = m.clone(), v1 = v.clone(), copy = at::empty({37}, type);
        AdamwStep o;
        o.lr = 0.01, o.decay = 0.1, o.grad_scale = 0.5, o.step = 3;
        adamw(w1, m1, v1, grad, copy, o);
        const auto g = grad.to(at::kDouble) * 0.5;
        const auto m2 = 0.9 * m.to(at::kDouble) + 0.1 * g, v2 = 0.95 * v.to(at::kDouble) + 0.05 * g * g;
        const auto step = (m2 / (1 - std::pow(0.9, 3))) / ((v2 / (1 - std::pow(0.95, 3))).sqrt() + 1e-10);
        const auto w2 = w.to(at::kDouble) * (1 - 0.01 * 0.1) - 0.01 * step;
        AIRFRAME_CLOSE(m1, m2, 1e-6, "m");
        AIRFRAME_CLOSE(v1, v2, 1e-6, "v");
        AIRFRAME_CLOSE(w1, w2, 1e-6, "w");
        QVERIFY(at::equal(copy, w1.to(type)));
    }
}

void TestLayerTrainer::everyTensorMoves() {
    for (const auto type : {at::kFloat, at::kBFloat16}) {
        auto l = layer(type);
        const auto before = l.trainer.parameters();
        double first = 0, last = 0;
        for (int i = 0; i < 30; ++i) {
            const auto step = l.trainer.step(l.pass.x[1], l.pass.y[1], 2e-3);
            QVERIFY(!step.rolled_back);
            (i == 0 ? first : last) = step.loss;
        }
        QVERIFY2(last < first, qPrintable(QString("%1 -> %2").arg(first).arg(last)));
        const auto after = l.trainer.parameters();
        for (const auto& [name, member] : JetParameters::table())
            QVERIFY2(!at::equal(before.*member, after.*member), name.c_str());
    }
}

void TestLayerTrainer::badNumbersRollBack() {
    auto l = layer(at::kFloat);
    for (int i = 0; i < 3; ++i) l.trainer.step(l.pass.x[1], l.pass.y[1], 1e-3);
    l.trainer.rememberGood();
    const auto good = l.trainer.parameters();
    l.trainer.step(l.pass.x[1], l.pass.y[1], 1e-3);
    auto bad = l.pass.x[1].clone();
    bad[0][0][0] = std::numeric_limits<float>::quiet_NaN();
    QVERIFY(l.trainer.step(bad, l.pass.y[1], 1e-3).rolled_back);
    QCOMPARE(l.trainer.rateScale(), 0.5);
    const auto now = l.trainer.parameters();
    for (const auto& [name, member] : JetParameters::table())
        QVERIFY2(at::equal(good.*member, now.*member), name.c_str());
    const auto next = l.trainer.step(l.pass.x[1], l.pass.y[1], 1e-3);
    QVERIFY(!next.rolled_back && std::isfinite(next.loss));
}

void TestLayerTrainer::scheduleRisesAndFalls() {
    const TrainingSchedule by_tokens{1000, 0, 1e-3, 1e-4}, by_time{0, 60, 1e-3, 1e-4}, both{1000, 60, 1e-3, 1e-4};
    QCOMPARE(by_tokens.progress(500, 1e9), 0.5);
    QCOMPARE(by_time.progress(1'000'000, 15), 0.25);
    QCOMPARE(both.progress(100, 45), 0.75);
    QVERIFY(by_tokens.rate(0) < by_tokens.rate(0.01));
    QVERIFY(std::abs(by_tokens.rate(0.01) - 1e-3) < 1e-12);
    QVERIFY(by_tokens.rate(0.5) < 1e-3 && by_tokens.rate(0.5) > 1e-4);
    QVERIFY(std::abs(by_tokens.rate(1) - 1e-4) < 1e-12);
}

QTEST_APPLESS_MAIN(TestLayerTrainer)
#include "tst_layer_trainer.moc"
