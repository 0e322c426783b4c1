// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

#include <QtTest>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <vector>

#include "core/blocks/jet.h"
#endif

using namespace airframe;

namespace {

constexpr JetDims dims{576, 9, 64, 64, 72, 1e-5};  // as beside SmolLM2-135M's layers
constexpr std::int64_t tokens = 512;

/// A block's matrices as leaves, in `type`; gates and norms in float32.
struct Leaves {
    JetParameters p;
    at::Tensor inputs, x;
    explicit Leaves(at::ScalarType type) {
        at::manual_seed(3);
        const auto shapes = JetParameters::shapes(dims);
        for (std::size_t i = 0; i < shapes.size(); ++i) {
            const double scale = shapes[i].size() == 2 ? 1.0 / std::sqrt(static_cast<double>(shapes[i][1])) : 0.5;
            p.*JetParameters::table()[i].second = at::randn(shapes[i]) * scale;
        }
        inputs = p.fusedInputs().to(type).set_requires_grad(true);
        for (auto* matrix : {&p.w2, &p.w2_bias, &p.o_proj}) *matrix = matrix->to(type).set_requires_grad(true);
        for (auto* vector : {&p.A_log, &p.dt_bias, &p.o_norm}) vector->set_requires_grad(true);
        x = at::randn({1, tokens, dims.hidden}).to(type);
    }
    [[nodiscard]] std::vector<at::Tensor> all() const { return {inputs, p.w2, p.w2_bias, p.o_proj, p.A_log, p.dt_bias, p.o_norm}; }
    /// Forward and backward; `recurrent` as jetForward's, nullopt = the native operators.
    void step(std::optional<bool> recurrent) const {
        for (const at::Tensor& leaf : all()) leaf.mutable_grad().reset();
        const at::Tensor y = jetForwardFused(dims, p, inputs, x, nullptr, recurrent);
        y.backward(at::ones_like(y));
    }
};

double seconds(const Leaves& leaves, std::optional<bool> recurrent) {
    using Clock = std::chrono::steady_clock;
    leaves.step(recurrent);
    std::vector<double> times;
    for (int i = 0; i < 7; ++i) {
        const auto start = Clock::now();
        leaves.step(recurrent);
        times.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

}  // namespace

/// A JetBlock's training step by the native backward kernels against LibTorch's differentiable form, on one thread, as
/// training runs it (a layer per thread).
class TestTrainingSpeed : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }
    void sameGradients() {
        const Leaves native(at::kFloat), plain(at::kFloat);
        native.step({});
        plain.step(false);
        for (std::size_t i = 0; i < native.all().size(); ++i) {
            const at::Tensor want = plain.all()[i].grad(), got = native.all()[i].grad();
            const double error = ((got - want).square().mean().sqrt() / want.square().mean().sqrt()).item<double>();
            QVERIFY2(error < 1e-4, qPrintable(QString("tensor %1: %2").arg(i).arg(error)));
        }
    }
    void faster() {
        const Leaves leaves(at::kBFloat16);
        const double plain = seconds(leaves, false), native = seconds(leaves, {});
        qInfo("training step of one layer, %d tokens: native %.1f ms, LibTorch %.1f ms, %.2fx the tokens per second", static_cast<int>(tokens),
              1e3 * native, 1e3 * plain, plain / native);
        QVERIFY(plain > 1.5 * native);
    }
};

QTEST_APPLESS_MAIN(TestTrainingSpeed)
#include "tst_training_speed.moc"
