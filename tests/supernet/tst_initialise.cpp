// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QtTest>

#include "core/base/error.h"
#include "core/blocks/jet.h"
#include "core/blocks/rotary.h"
#include "core/model/model.h"
#include "core/supernet/initialise.h"
#include "core/supernet/teacher_pass.h"
#include "supernet/vectors.h"
#include "support/tiny_model.h"
#endif

using namespace airframe;
using namespace airframe::test;

/// The start of a JetBlock from an attention layer.
class TestInitialise : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }  // products this small only wait for each other
    void wholeHeadsAreRepeated();
    void expandedAttentionEqualsTeacher_data();
    void expandedAttentionEqualsTeacher();
    void startIsAsPublished();
    void calibrationLowersTheError();
};

void TestInitialise::wholeHeadsAreRepeated() {
    const auto w = at::arange(12, at::kFloat).view({4, 3});  // two heads of two rows
    const auto e = expandHeads(w, 4, 2);
    QVERIFY(at::equal(e, at::cat({w.narrow(0, 0, 2), w.narrow(0, 0, 2), w.narrow(0, 2, 2), w.narrow(0, 2, 2)})));
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(expandHeads(w, 3, 2)), Failure);
}

void TestInitialise::expandedAttentionEqualsTeacher_data() {
    QTest::addColumn<int>("heads");
    QTest::addColumn<int>("kv_heads");
    QTest::addRow("9 to 3, as SmolLM2") << 9 << 3;
    QTest::addRow("4 to 2") << 4 << 2;
    QTest::addRow("4 to 1") << 4 << 1;
    QTest::addRow("not grouped") << 4 << 4;
}

// Ungrouped attention with the weights a JetBlock starts from must be the teacher's grouped attention.
void TestInitialise::expandedAttentionEqualsTeacher() {
    QFETCH(int, heads);
    QFETCH(int, kv_heads);
    NoControl control;
    const auto model = Model::load(tinyModel(2, heads * 8, heads, kv_heads), Compute{}, control);
    const auto& teacher = dynamic_cast<const AttentionBlock&>(model->mixer(1));
    const auto p = initialiseFromTeacher(teacher, jetDimsFor(model->config()), 0, 1);
    const auto rotary = std::make_shared<const Rotary>(RopeSetting{8, model->config().rope_theta}, Compute{});
    const AttentionBlock ungrouped({heads * 8, heads, heads, 8}, {p.q_proj, p.k_proj, p.v_proj, p.o_proj}, rotary,
                                   Compute{});
    at::manual_seed(1);
    const auto x = at::randn({2, 40, heads * 8});
    AIRFRAME_CLOSE(ungrouped.forward(x, nullptr), teacher.forward(x, nullptr), 1e-5, "attention");
}

void TestInitialise::startIsAsPublished() {
    NoControl control;
    const auto model = Model::load(tinyModel(2, 64, 4, 2), Compute{}, control);
    const auto dims = jetDimsFor(model->config());
    QCOMPARE(dims.heads, 4);
    QCOMPARE(dims.generator, 8);
    const auto& teacher = dynamic_cast<const AttentionBlock&>(model->mixer(0));
    const auto p = initialiseFromTeacher(teacher, dims, 3, 0);
    p.check(dims, "start");
    QVERIFY(at::equal(p.q_proj, teacher.qProj()));
    QVERIFY(at::equal(p.o_proj, teacher.oProj()));
    QVERIFY(p.w2.abs().max().item<float>() == 0);
    QVERIFY(at::equal(p.w2_bias.view({-1, 4}), at::tensor({0.0f, 0.0f, 0.0f, 1.0f}).expand({64, 4})));
    QVERIFY(std::abs(p.w1.std().item<double>() - 0.02) < 0.004);
    QVERIFY(at::equal(p.w1, initialiseFromTeacher(teacher, dims, 3, 0).w1));
    QVERIFY(!at::equal(p.w1, initialiseFromTeacher(teacher, dims, 3, 1).w1));
    const auto half_life = std::log(2.0) / at::softplus(p.dt_bias.to(at::kDouble));
    QVERIFY(std::abs(half_life[0].item<double>() - 8) < 1e-3);
    QVERIFY(std::abs(half_life[3].item<double>() - 512) < 0.5);
}

void TestInitialise::calibrationLowersTheError() {
    NoControl control;
    const auto model = Model::load(tinyModel(2, 64, 4, 2), Compute{}, control);
    const auto dims = jetDimsFor(model->config());
    at::manual_seed(2);
    // Six different tokens: what attention says of them can be learned from a thousand samples.
    const auto pass = runTeacher(*model, at::randint(0, 6, {16, 64}, at::kLong), [](int) { return true; });
    auto p = initialiseFromTeacher(dynamic_cast<const AttentionBlock&>(model->mixer(1)), dims, 0, 1);
    const auto fresh = runTeacher(*model, at::randint(0, 6, {4, 64}, at::kLong), [](int) { return true; });
    const auto error = [&] {
        return ((jetForward(dims, p, fresh.x[1]) - fresh.y[1]).square().sum() / fresh.y[1].square().sum())
            .item<double>();
    };
    const double before = error();
    calibrate(dims, p, pass.x[1], pass.y[1]);
    const double after = error();
    QVERIFY2(after < before && after < 1, qPrintable(QString("%1 -> %2").arg(before).arg(after)));
}

QTEST_APPLESS_MAIN(TestInitialise)
#include "tst_initialise.moc"
