// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#undef slots
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>

#include "core/blocks/jet.h"
#include "core/blocks/jet_block.h"
#include "core/blocks/linear_weight.h"
#include "core/blocks/rms_norm.h"
#include "core/blocks/rotary.h"
#include "core/blocks/swiglu.h"
#endif

using namespace airframe;

namespace {

/// max |a - b| / max |b|, as the reference vectors measure errors.
double error(const at::Tensor& a, const at::Tensor& b) {
    return ((a.to(at::kDouble) - b.to(at::kDouble)).abs().max() / (b.to(at::kDouble).abs().max() + 1e-30)).item<double>();
}

/// One rounding to bf16 moves a value by at most 2^-8 of itself.
double rounding(at::ScalarType type) { return type == at::kBFloat16 ? 1.0 / 256 : 2e-6; }

constexpr at::ScalarType types[] = {at::kFloat, at::kBFloat16};

}  // namespace

/// What runs natively when no gradient is wanted, against the differentiable forms, which gradients select.
class TestNativeRows : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void packedProductsAreEqual() {
        for (const auto type : types)
            for (const int rows : {1, 3, 8, 100})
                for (const bool biased : {false, true}) {
                    const auto weight = at::randn({70, 24}).to(type), x = at::randn({2, rows, 24}).to(type);
                    const auto bias = biased ? at::randn({70}).to(type) : at::Tensor();
                    const auto packed = LinearWeight::packed(weight, bias);
                    QVERIFY(at::equal(packed(x), at::linear(x, weight, bias)));
                    QVERIFY(at::equal(packed.dense(), weight));
                }
    }

    void packedProductsDifferentiate() {
        const auto weight = at::randn({6, 4}).to(at::kBFloat16);
        auto x = at::randn({3, 4}).to(at::kBFloat16).set_requires_grad(true);
        LinearWeight::packed(weight)(x).sum().backward();
        QVERIFY(at::equal(x.grad()[0], weight.to(at::kFloat).sum(0).to(at::kBFloat16)));
    }

    void rows() {
        const Rotary rotary({16, 1e4}, Compute{});
        for (const auto type : types) {
            const auto x = at::randn({2, 5, 3, 48}).to(type);  // heads 1 and 2 of 3: strided rows
            const auto weight = at::rand({48}) + 0.5;
            const auto differentiable = x.clone().set_requires_grad(true);
            QVERIFY(error(rmsNorm(x, weight, 1e-5), rmsNorm(differentiable, weight, 1e-5).detach()) < rounding(type));
            QVERIFY(error(swiglu(x), swiglu(differentiable).detach()) < 3 * rounding(type));  // LibTorch rounds thrice
            const auto heads = [](const at::Tensor& t) { return t.view({2, 5, 9, 16}).narrow(2, 3, 4); };
            QVERIFY(error(rotary.apply(heads(x), 7, 12), rotary.apply(heads(differentiable), 7, 12).detach()) < rounding(type));
        }
    }

    void jetBlock_data() {
        QTest::addColumn<int>("tokens");
        QTest::addColumn<bool>("carried");
        for (const int tokens : {1, 2, 5, 70})
            for (const bool carried : {false, true})
                QTest::addRow("T=%d %s", tokens, carried ? "carried" : "fresh") << tokens << carried;
    }
    void jetBlock() {
        QFETCH(int, tokens);
        QFETCH(bool, carried);
        const JetDims dims{40, 3, 8, 12, 5, 1e-5};
        JetParameters p;
        const auto shapes = JetParameters::shapes(dims);
        for (std::size_t i = 0; i < shapes.size(); ++i) p.*JetParameters::table()[i].second = at::randn(shapes[i]) * 0.3;
        const auto x = at::randn({2, tokens, dims.hidden});
        const auto double_p = [&] {
            JetParameters wide;
            for (const auto& [name, member] : JetParameters::table()) wide.*member = (p.*member).to(at::kDouble);
            return wide;
        }();
        JetCarry native, plain;
        if (carried) {
            native = {at::randn({2, 3, 8, 12}), at::randn({2, 36, 4})};
            plain = {native.recurrent.to(at::kDouble), native.conv.to(at::kDouble)};
        }
        const auto got = jetForward(dims, p, x, &native);
        const auto want = jetForward(dims, double_p, x.to(at::kDouble), &plain, true);
        QVERIFY2(error(got, want) < 2e-5, qPrintable(QString::number(error(got, want))));
        QVERIFY(error(native.recurrent, plain.recurrent) < 2e-5);
        QVERIFY(error(native.conv, plain.conv) < 2e-5);
        QVERIFY2(error(jetForward(dims, p, x), jetForward(dims, double_p, x.to(at::kDouble), nullptr, true)) < 2e-5,
                 "without a carry");
    }

    /// The block of packed bf16 weights is the function of plain ones, and gives its parameters back.
    void packedJetBlock() {
        const JetDims dims{40, 3, 8, 12, 5, 1e-5};
        JetParameters p;
        const auto shapes = JetParameters::shapes(dims);
        for (std::size_t i = 0; i < shapes.size(); ++i)
            p.*JetParameters::table()[i].second = (at::randn(shapes[i]) * 0.3).to(at::kBFloat16).to(at::kFloat);
        Compute compute;
        compute.dtype = at::kBFloat16;
        const JetBlock block(dims, p, compute);
        for (const auto& [name, value] : block.parameters())
            for (const auto& [known, member] : JetParameters::table())
                if (known == name) QVERIFY2(at::equal(value.to(at::kFloat), p.*member), name.c_str());
        JetParameters half = p;
        for (const auto& [name, member] : JetParameters::table())
            if (name != "A_log" && name != "dt_bias" && name != "o_norm.weight") half.*member = (p.*member).to(at::kBFloat16);
        const auto x = at::randn({2, 9, dims.hidden}).to(at::kBFloat16);
        const auto state = block.emptyState(2, 0);
        JetCarry carry;
        for (const auto& [first, count] : {std::pair{0, 6}, {6, 1}, {7, 2}})
            QVERIFY(at::equal(block.forward(x.narrow(1, first, count), state.get()),
                              jetForward(dims, half, x.narrow(1, first, count), &carry)));
    }
};

QTEST_APPLESS_MAIN(TestNativeRows)
#include "tst_native_rows.moc"
