// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

#include <QtTest>

#include "core/blocks/dynamic_conv.h"
#include "core/blocks/gated_delta.h"
#include "core/blocks/unit_lower_inverse.h"
#include "supernet/vectors.h"
#endif

using namespace airframe;
using namespace airframe::test;
using at::Tensor;

namespace {
Tensor l2(const Tensor& y) {
    return y * at::rsqrt(y.square().sum(-1, true) + 1e-6);
}
Tensor leaf(Tensor t) {
    return t.defined() ? t.detach().clone().set_requires_grad(true) : t;
}
}  // namespace

/// The rule and the convolution against the reference vectors, in both forms and both precisions, with gradients.
class TestGatedDelta : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }  // products this small only wait for each other
    void rule_data();
    void rule();
    void gradients_data();
    void gradients();
    void convolution_data();
    void convolution();
    void inverse();
    void chunkedEqualsRecurrent();
};

static void addCases(const char* op) {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<bool>("normalise");
    if (!std::filesystem::exists(blockVectors())) {
        QTest::newRow("absent") << ""
                                << "" << false;
        return;
    }
    const auto index = blockIndex();
    for (const auto& c : index["operators"])
        if (c["op"] == op && c["kind"] != "gva") {
            const auto file = QString::fromStdString(c["file"]);
            QTest::newRow(qPrintable(file)) << file << QString::fromStdString(c["kind"]) << c.value("qk_l2norm", false);
        }
}

void TestGatedDelta::rule_data() {
    addCases("gated_delta_rule");
}
void TestGatedDelta::rule() {
    const auto path = blockVectors();
    AIRFRAME_NEED(path);
    QFETCH(QString, file);
    QFETCH(QString, kind);
    QFETCH(bool, normalise);
    for (const auto type : {at::kDouble, at::kFloat})
        for (const bool chunked : {false, true}) {
            const Vectors in(blockVectors() / file.toStdString(), type);
            auto q = in("q"), k = in("k");
            if (normalise) q = l2(q), k = l2(k);
            const auto [o, state] = chunked
                                        ? gatedDeltaChunked(q, k, in("v"), in("g"), in("beta"), in("initial_state"))
                                        : gatedDeltaRecurrent(q, k, in("v"), in("g"), in("beta"), in("initial_state"));
            const double limit = type == at::kDouble ? (chunked ? 1e-11 : 1e-12) : (chunked ? 1e-5 : 2e-6);
            const std::string form = chunked ? "chunked " : "recurrent ";
            const Vectors want(blockVectors() / file.toStdString(), at::kDouble);
            AIRFRAME_CLOSE(o, want("o"), limit, form + "o");
            AIRFRAME_CLOSE(state, want("final_state"), limit, form + "final_state");
        }
}

void TestGatedDelta::gradients_data() {
    addCases("gated_delta_rule_grad");
}
void TestGatedDelta::gradients() {
    const auto path = blockVectors();
    AIRFRAME_NEED(path);
    QFETCH(QString, file);
    QFETCH(bool, normalise);
    const Vectors want(blockVectors() / file.toStdString(), at::kDouble);
    for (const auto type : {at::kDouble, at::kFloat})
        for (const bool chunked : {false, true}) {
            const Vectors in(blockVectors() / file.toStdString(), type);
            const auto q = leaf(in("q")), k = leaf(in("k")), v = leaf(in("v")), g = leaf(in("g")),
                       beta = leaf(in("beta")), initial = leaf(in("initial_state"));
            const auto qn = normalise ? l2(q) : q, kn = normalise ? l2(k) : k;
            const auto [o, state] = chunked ? gatedDeltaChunked(qn, kn, v, g, beta, initial)
                                            : gatedDeltaRecurrent(qn, kn, v, g, beta, initial);
            const auto loss = (o * in("do")).sum() + (state * in("dfinal_state")).sum();
            loss.backward();
            const double limit = type == at::kDouble ? 1e-11 : (chunked ? 2e-5 : 5e-6);
            const std::string form = chunked ? "chunked " : "recurrent ";
            AIRFRAME_CLOSE(q.grad(), want("dq"), limit, form + "dq");
            AIRFRAME_CLOSE(k.grad(), want("dk"), limit, form + "dk");
            AIRFRAME_CLOSE(v.grad(), want("dv"), limit, form + "dv");
            AIRFRAME_CLOSE(g.grad(), want("dg"), limit, form + "dg");
            AIRFRAME_CLOSE(beta.grad(), want("dbeta"), limit, form + "dbeta");
            AIRFRAME_CLOSE(initial.grad(), want("dinitial_state"), limit, form + "dinitial_state");
        }
}

void TestGatedDelta::convolution_data() {
    addCases("jet_dynamic_conv");
}
void TestGatedDelta::convolution() {
    const auto path = blockVectors();
    AIRFRAME_NEED(path);
    QFETCH(QString, file);
    const Vectors want(blockVectors() / file.toStdString(), at::kDouble);
    for (const auto type : {at::kDouble, at::kFloat}) {
        const Vectors in(blockVectors() / file.toStdString(), type);
        const auto u = leaf(in("u")), taps = leaf(in("taps")), history = leaf(in("initial_cache"));
        const auto y = dynamicConv(u, taps.flatten(2), history);
        const double limit = type == at::kDouble ? 1e-12 : 2e-6;
        AIRFRAME_CLOSE(y, want("y"), limit, "y");
        AIRFRAME_CLOSE(convHistory(u, history), want("final_cache"), limit, "final_cache");
        (y * in("dy")).sum().backward();
        AIRFRAME_CLOSE(u.grad(), want("du"), limit, "du");
        AIRFRAME_CLOSE(taps.grad(), want("dtaps"), limit, "dtaps");
        if (history.defined()) AIRFRAME_CLOSE(history.grad(), want("dinitial_cache"), limit, "dinitial_cache");
    }
}

void TestGatedDelta::inverse() {
    at::manual_seed(3);
    for (const int c : {1, 2, 17, 64}) {
        const auto a = leaf(at::randn({5, c, c}, at::kDouble) * 0.3);
        const auto x = unitLowerInverse(a);
        const auto unit = a.tril(-1) + at::eye(c, at::kDouble);
        AIRFRAME_CLOSE(at::bmm(unit, x), at::eye(c, at::kDouble).expand({5, c, c}), 1e-10, "product");
        const auto weight = at::randn({5, c, c}, at::kDouble).tril();
        (x * weight).sum().backward();
        const auto b = leaf(a);
        (at::linalg_inv(b.tril(-1) + at::eye(c, at::kDouble)) * weight).sum().backward();
        AIRFRAME_CLOSE(a.grad(), b.grad(), 1e-9, "gradient");
    }
}

void TestGatedDelta::chunkedEqualsRecurrent() {
    at::manual_seed(5);
    for (const int T : {1, 15, 63, 64, 65, 127, 130})
        for (const int chunk : {16, 64}) {
            const auto o = at::TensorOptions(at::kDouble);
            const auto q = l2(at::randn({2, T, 3, 10}, o)), k = l2(at::randn({2, T, 3, 10}, o)),
                       v = at::randn({2, T, 3, 7}, o);
            auto g = -at::rand({2, T, 3}, o).pow(8) * 300;
            if (T > 20) g.select(1, 17).fill_(-std::numeric_limits<double>::infinity());
            const auto beta = at::rand({2, T, 3}, o), initial = at::randn({2, 3, 10, 7}, o);
            const auto [a, sa] = gatedDeltaRecurrent(q, k, v, g, beta, initial);
            const auto [b, sb] = gatedDeltaChunked(q, k, v, g, beta, initial, chunk);
            AIRFRAME_CLOSE(b, a, 1e-11, "o");
            AIRFRAME_CLOSE(sb, sa, 1e-11, "state");
        }
}

QTEST_APPLESS_MAIN(TestGatedDelta)
#include "tst_gated_delta.moc"
