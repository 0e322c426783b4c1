// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

#include <QtTest>

#include "core/base/error.h"
#include "core/blocks/dynamic_conv.h"
#include "core/blocks/gated_delta.h"
#include "core/blocks/jet.h"
#include "core/blocks/jet_block.h"
#include "supernet/vectors.h"
#endif

using namespace airframe;
using namespace airframe::test;
using at::Tensor;

namespace {

const at::TensorOptions f64(at::kDouble);

JetParameters randomParameters(const JetDims& dims, at::ScalarType type) {
    JetParameters p;
    const auto shapes = JetParameters::shapes(dims);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        const double scale = shapes[i].size() == 2 ? 1.0 / std::sqrt(static_cast<double>(shapes[i][1])) : 0.5;
        p.*JetParameters::table()[i].second = (at::randn(shapes[i], f64) * scale).to(type);
    }
    return p;
}

}  // namespace

/// The whole block: the golden vector, the reference vectors, carried state, gradients, the ready-to-run class.
class TestJet : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }  // products this small only wait for each other
    void goldenVector();
    void references_data();
    void references();
    void piecesEqualOnePass();
    void everyTensorLearns();
    void blockRunsLikeTheFunction();
    void wrongShapeIsNamed();
};

// One head, K = 4, V = 3, five tokens; the expected values were computed in float64 by an independent program.
void TestJet::goldenVector() {
    const int T = 5;
    auto q = at::empty({1, T, 1, 4}, f64), k = at::empty({1, T, 1, 4}, f64), u = at::empty({1, T, 3}, f64);
    auto taps = at::empty({1, T, 3, 4}, f64), a = at::empty({1, T, 1}, f64), b = at::empty({1, T, 1}, f64),
         z = at::empty({1, T, 3}, f64);
    for (int t = 0; t < T; ++t) {
        for (int i = 0; i < 4; ++i)
            q[0][t][0][i] = std::sin(0.1 + 0.7 * t + 1.3 * i), k[0][t][0][i] = std::sin(0.5 + 0.7 * t + 1.3 * i);
        for (int d = 0; d < 3; ++d) {
            u[0][t][d] = std::sin(0.9 + 0.7 * t + 1.3 * d);
            z[0][t][d] = std::sin(1.7 + 0.7 * t + 1.3 * d);
            for (int w = 0; w < 4; ++w) taps[0][t][d][w] = 0.3 * std::cos(0.2 + 0.5 * t + 0.9 * d + 0.4 * w);
        }
        a[0][t][0] = 0.5 * std::sin(0.3 * t) - 2;
        b[0][t][0] = std::cos(0.4 * t);
    }
    // Weights that pass exactly these values on: x is all of them side by side, each matrix picks its own part.
    const JetDims dims{4 + 4 + 3 + 3 + 1 + 1 + 12, 1, 4, 3, 24, 1e-5};
    const auto x = at::cat({q.view({1, T, 4}), k.view({1, T, 4}), u, z, a, b, taps.view({1, T, 12})}, -1);
    const auto pick = [&](int begin, int count) { return at::eye(dims.hidden, f64).narrow(0, begin, count); };
    JetParameters p;
    p.q_proj = pick(0, 4), p.k_proj = pick(4, 4), p.v_proj = pick(8, 3), p.g_proj = pick(11, 3), p.a_proj = pick(14, 1),
    p.b_proj = pick(15, 1);
    // silu(h) - silu(-h) = h: two generator units per tap.
    p.w1 = at::cat({pick(16, 12), -pick(16, 12)}, 0);
    p.w2 = at::cat({at::eye(12, f64), -at::eye(12, f64)}, 1);
    p.w2_bias = at::zeros({12}, f64);
    p.A_log = at::full({1}, 0.7, f64), p.dt_bias = at::full({1}, 0.2, f64), p.o_norm = at::ones({3}, f64);
    p.o_proj = at::zeros({dims.hidden, 3}, f64);
    p.o_proj.narrow(0, 0, 3).copy_(at::eye(3, f64));

    const auto want =
        at::tensor({0.26519478, -0.10098945, -0.26048684, -0.09899487, 0.18142231, -0.38359862, -0.01320741, 0.12243879,
                    -0.31155541, 0.18217684, 0.01001514, 0.09301907, 0.22689568, -0.17482598, 0.56441339},
                   f64)
            .view({1, T, 3});
    const auto state = at::tensor({-0.05614890, -0.02049612, 0.10923842, 0.04113856, -0.06409665, -0.03932370,
                                   0.04799381, -0.02637680, -0.07639262, -0.04450756, 0.09592110, 0.05052206},
                                  f64)
                           .view({1, 1, 4, 3});
    const auto v_want =
        at::tensor({0.02036976, -0.07428743, 0.05528439, -0.03854915, -0.10812904, 0.18911995, -0.12647265, -0.06204646,
                    0.27698203, -0.16113414, 0.03454274, 0.24563190, -0.11185791, 0.21709208, 0.13885235},
                   f64)
            .view({1, T, 3});
    AIRFRAME_CLOSE(dynamicConv(u, taps.flatten(2), {}), v_want, 2e-8, "v");
    for (const bool recurrent : {true, false}) {
        JetCarry carry;
        const auto y = jetForward(dims, p, x, &carry, recurrent);
        AIRFRAME_CLOSE(y.narrow(-1, 0, 3), want, 2e-8, "y");  // eight printed digits
        AIRFRAME_CLOSE(carry.recurrent, state, 5e-8, "state");
    }
}

void TestJet::references_data() {
    QTest::addColumn<QString>("params");
    QTest::addColumn<QString>("file");
    if (!std::filesystem::exists(blockVectors())) {
        QTest::newRow("absent") << ""
                                << "";
        return;
    }
    const auto index = blockIndex();
    for (const auto& block : index["blocks"])
        if (block["name"] == "jetblock")
            for (const auto& c : block["cases"]) {
                const auto file = QString::fromStdString(c["file"]);
                QTest::newRow(qPrintable(file))
                    << QString::fromStdString(block["params"][c["params"].get<std::string>()]) << file;
            }
}

void TestJet::references() {
    const auto path = blockVectors();
    AIRFRAME_NEED(path);
    QFETCH(QString, params);
    QFETCH(QString, file);
    const auto folder = blockVectors() / "jetblock";
    const JetDims dims{48, 2, 24, 40, 10, 1e-5};
    for (const auto type : {at::kDouble, at::kFloat})
        for (const bool recurrent : {true, false}) {
            const Vectors weights(folder / params.toStdString(), type), in(folder / file.toStdString(), type),
                want(folder / file.toStdString(), at::kDouble);
            JetParameters p;
            for (const auto& [name, member] : JetParameters::table()) {
                p.*member = weights(name);
                QVERIFY2((p.*member).defined(), name.c_str());
            }
            JetCarry carry{in("init.recurrent_state"), in("init.conv_state")};
            const auto y = jetForward(dims, p, in("x"), &carry, recurrent);
            const double limit = type == at::kDouble ? (recurrent ? 1e-12 : 1e-11) : 2e-5;
            const std::string form = recurrent ? "recurrent " : "chunked ";
            AIRFRAME_CLOSE(y, want("out"), limit, form + "out");
            AIRFRAME_CLOSE(carry.recurrent, want("final.recurrent_state"), limit, form + "recurrent_state");
            AIRFRAME_CLOSE(carry.conv, want("final.conv_state"), limit, form + "conv_state");
        }
}

void TestJet::piecesEqualOnePass() {
    at::manual_seed(1);
    const JetDims dims{20, 3, 8, 6, 5, 1e-5};
    const auto p = randomParameters(dims, at::kDouble);
    const auto x = at::randn({2, 150, 20}, f64);
    JetCarry whole;
    const auto want = jetForward(dims, p, x, &whole);
    for (const auto& pieces :
         std::vector<std::vector<int>>{{1, 2, 3, 144}, {100, 1, 1, 1, 1, 46}, {64, 64, 22}, {3, 3, 140, 2, 2}}) {
        JetCarry carry;
        std::vector<Tensor> out;
        int at = 0;
        for (const int n : pieces) out.push_back(jetForward(dims, p, x.narrow(1, at, n), &carry)), at += n;
        AIRFRAME_CLOSE(at::cat(out, 1), want, 1e-11, "pieces");
        AIRFRAME_CLOSE(carry.recurrent, whole.recurrent, 1e-11, "recurrent");
        AIRFRAME_CLOSE(carry.conv, whole.conv, 1e-12, "conv");
    }
}

void TestJet::everyTensorLearns() {
    at::manual_seed(2);
    const JetDims dims{20, 3, 8, 6, 5, 1e-5};
    auto p = randomParameters(dims, at::kFloat);
    for (const auto& [name, member] : JetParameters::table()) p.*member = (p.*member).set_requires_grad(true);
    jetForward(dims, p, at::randn({2, 100, 20})).square().sum().backward();
    for (const auto& [name, member] : JetParameters::table()) {
        QVERIFY2((p.*member).grad().defined(), name.c_str());
        QVERIFY2((p.*member).grad().abs().max().item<float>() > 0, name.c_str());
        QVERIFY2(at::isfinite((p.*member).grad()).all().item<bool>(), name.c_str());
    }
}

void TestJet::blockRunsLikeTheFunction() {
    at::manual_seed(4);
    const c10::NoGradGuard no_grad;
    const JetDims dims{48, 3, 16, 16, 12, 1e-5};
    const auto p = randomParameters(dims, at::kFloat);
    const auto x = at::randn({8, 90, 48});
    const auto want = jetForward(dims, p, x);
    for (const auto type : {at::kFloat, at::kBFloat16}) {
        const JetBlock block(dims, p, Compute{type, at::kCPU});
        const double limit = type == at::kFloat ? 1e-5 : 3e-2;
        const auto in = x.to(type);
        AIRFRAME_CLOSE(block.forward(in, nullptr), want, limit, "whole");
        auto state = block.emptyState(8, 0);
        QCOMPARE(state->bytes(), block.stateBytes(8, 90));
        std::vector<Tensor> out{block.forward(in.narrow(1, 0, 70), state.get())};
        const auto snapshot = state->clone();
        for (int t = 70; t < 90; ++t) out.push_back(block.forward(in.narrow(1, t, 1), state.get()));
        AIRFRAME_CLOSE(at::cat(out, 1), want, limit, "prefill then decode");
        AIRFRAME_CLOSE(block.forward(in.narrow(1, 70, 1), snapshot.get()), want.narrow(1, 70, 1), limit, "snapshot");
        auto other = block.emptyState(2, 0);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(block.forward(in.narrow(1, 0, 1), other.get())), Failure);
        other->fillRandom(100, 7);
        QVERIFY(at::isfinite(block.forward(in.narrow(1, 0, 1).narrow(0, 0, 2), other.get())).all().item<bool>());
    }
}

void TestJet::wrongShapeIsNamed() {
    const JetDims dims{20, 3, 8, 6, 5, 1e-5};
    auto p = randomParameters(dims, at::kFloat);
    p.w2 = at::zeros({3, 3});
    try {
        const JetBlock block(dims, p, Compute{}, "layer 7");
        QFAIL("a wrong shape was accepted");
    } catch (const Failure& failure) {
        QVERIFY(failure.error().where.find("layer 7.dynamic_conv1d.kernel_generator.w2.weight") != std::string::npos);
        QVERIFY(failure.error().what.find("[72, 5]") != std::string::npos);
    }
}

QTEST_APPLESS_MAIN(TestJet)
#include "tst_jet.moc"
