// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#undef slots
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>

#include "core/blocks/dynamic_conv.h"
#include "core/blocks/gated_delta.h"
#include "core/blocks/native_rule.h"
#endif

using namespace airframe;

namespace {

/// max |a - b| / max |b|, as the reference vectors measure errors.
double error(const at::Tensor& a, const at::Tensor& b) {
    return ((a.to(at::kDouble) - b.to(at::kDouble)).abs().max() / (b.to(at::kDouble).abs().max() + 1e-30)).item<double>();
}

at::Tensor leaf(at::Tensor x, at::ScalarType type) { return x.detach().to(type).clone().set_requires_grad(true); }

}  // namespace

/// The native operators as LibTorch operations against the plain differentiable forms in double precision.
class TestNativeRule : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void rule_data() {
        QTest::addColumn<int>("tokens");
        QTest::addColumn<bool>("initial");
        for (int tokens : {1, 5, 64, 130})
            for (bool initial : {false, true})
                QTest::addRow("T=%d %s", tokens, initial ? "carried" : "fresh") << tokens << initial;
    }
    void rule() {
        QFETCH(int, tokens);
        QFETCH(bool, initial);
        at::manual_seed(7);
        const int B = 2, H = 3, K = 24, V = 40;
        const std::vector<at::Tensor> values = {
            at::randn({B, tokens, H, K}), at::randn({B, tokens, H, K}), at::randn({B, tokens, H, V}),
            -at::rand({B, tokens, H}),    at::rand({B, tokens, H}),     at::randn({B, H, K, V})};
        const auto run = [&](at::ScalarType type, bool native) {
            std::vector<at::Tensor> x;
            for (const auto& value : values) x.push_back(leaf(value, type));
            const auto start = initial ? x[5] : at::Tensor();
            const auto unit = [](const at::Tensor& y) { return y * at::rsqrt(y.square().sum(-1, true) + 1e-6); };
            const auto [o, state] = native ? gatedDeltaNative(x[0], x[1], x[2], x[3], x[4], start)
                                           : gatedDeltaRecurrent(unit(x[0]), unit(x[1]), x[2], x[3], x[4], start);
            (o.cos().sum() + state.sin().sum()).backward();
            std::vector<at::Tensor> out = {o.detach(), state.detach()};
            for (std::size_t i = 0; i < (initial ? 6u : 5u); ++i) out.push_back(x[i].grad());
            return out;
        };
        const auto got = run(at::kFloat, true), want = run(at::kDouble, false);
        QCOMPARE(got.size(), want.size());
        static const double limits[] = {2e-6, 2e-6, 5e-6, 5e-6, 5e-6, 5e-6, 5e-6, 5e-6};
        for (std::size_t i = 0; i < got.size(); ++i) {
            const double e = error(got[i], want[i]);
            QVERIFY2(e <= limits[i], qPrintable(QString("output %1: error %2").arg(i).arg(e)));
        }
    }

    void convolution() {
        at::manual_seed(8);
        for (const int tokens : {1, 3, 4, 70}) {
            const int B = 2, C = 35;
            const std::vector<at::Tensor> values = {at::randn({B, tokens, C}), at::randn({B, tokens, C * 4}), at::randn({B, C, 4})};
            const auto run = [&](at::ScalarType type, bool native) {
                std::vector<at::Tensor> x;
                for (const auto& value : values) x.push_back(leaf(value, type));
                const auto y = native ? dynamicConvNative(x[0], x[1], x[2]) : dynamicConv(x[0], x[1], x[2]);
                y.cos().sum().backward();
                return std::vector<at::Tensor>{y.detach(), x[0].grad(), x[1].grad(), x[2].grad()};
            };
            const auto got = run(at::kFloat, true), want = run(at::kDouble, false);
            for (std::size_t i = 0; i < got.size(); ++i) {
                const double e = error(got[i], want[i]);
                QVERIFY2(e <= 2e-6, qPrintable(QString("T=%1 output %2: error %3").arg(tokens).arg(i).arg(e)));
            }
        }
    }

    void noGradientKeepsNothing() {
        const at::NoGradGuard guard;
        const auto x = at::randn({1, 4, 1, 8});
        const auto [o, state] = gatedDeltaNative(x, x, x, -at::rand({1, 4, 1}), at::rand({1, 4, 1}), {});
        QVERIFY(!o.requires_grad());
        QVERIFY(o.grad_fn() == nullptr);
    }
};

QTEST_APPLESS_MAIN(TestNativeRule)
#include "tst_native_rule.moc"
