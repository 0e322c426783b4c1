// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>

#include <QtTest>

#include "core/blocks/native_attention.h"
#include "model/reference_file.h"
#endif

using namespace airframe;
using namespace airframe::test;

/// Attention over a cache, by the kernels and by LibTorch, against softmax in double precision: head sizes, groups, lengths that fit no
/// block, views of a larger cache whose tail is NaN.
class AttentionFormsTest : public QObject {
    Q_OBJECT
    struct Case {
        at::Tensor q, k, v, exact;
    };

    static Case make(std::int64_t batch, std::int64_t heads, std::int64_t groups, std::int64_t tokens,
                     std::int64_t length, std::int64_t d, at::ScalarType type) {
        at::manual_seed(tokens * 1000 + length);
        const auto cache = [&] {
            at::Tensor whole = at::full({batch, groups, length + 9, d}, NAN).to(type);
            whole.narrow(2, 0, length).copy_(at::randn({batch, groups, length, d}));
            return whole.narrow(2, 0, length);
        };
        Case c{at::randn({batch, tokens, heads, d}).to(type).transpose(1, 2), cache(), cache(), {}};
        const at::Tensor q = c.q.to(at::kDouble);
        const at::Tensor k = c.k.to(at::kDouble).repeat_interleave(heads / groups, 1);
        const at::Tensor v = c.v.to(at::kDouble).repeat_interleave(heads / groups, 1);
        const at::Tensor later = at::triu(at::ones({tokens, length}, at::kBool), length - tokens + 1);
        const at::Tensor scores = q.matmul(k.transpose(2, 3)) / std::sqrt(static_cast<double>(d));
        c.exact = scores.masked_fill(later, -INFINITY).softmax(-1).matmul(v);
        return c;
    }

  private Q_SLOTS:
    void forms_data() {
        QTest::addColumn<int>("groups");
        QTest::addColumn<int>("shared");
        QTest::addColumn<int>("tokens");
        QTest::addColumn<int>("length");
        QTest::addColumn<int>("d");
        for (const int groups : {2})
            for (const int shared : {1, 3, 6})
                for (const int d : {16, 80})
                    for (const auto& [tokens, length] : std::vector<std::pair<int, int>>{
                             {1, 1}, {1, 7}, {1, 513}, {1, 1300}, {2, 2}, {50, 50}, {64, 128}, {65, 129}, {130, 400}})
                        QTest::addRow("%dx%d of %d, %d of %d", groups, shared, d, tokens, length)
                            << groups << shared << tokens << length << d;
    }
    void forms() {
        QFETCH(int, groups);
        QFETCH(int, shared);
        QFETCH(int, tokens);
        QFETCH(int, length);
        QFETCH(int, d);
        for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
            const Case c = make(2, groups * shared, groups, tokens, length, d, type);
            // bf16 keeps 8 bits of the weights and of the result; values here are below 5.
            const double tolerance = type == at::kFloat ? 3e-6 : 0.02;
            QVERIFY(distance(causalAttention(c.q, c.k, c.v), c.exact) < tolerance);
            const at::Tensor learning = c.q.detach().clone().set_requires_grad(true);
            QVERIFY(distance(causalAttention(learning, c.k, c.v).detach(), c.exact) < tolerance);
        }
    }
    /// Scores so far apart that the exponential underflows, and rows whose first keys are the only large ones.
    void extremeScores() {
        Case c = make(1, 2, 1, 70, 70, 16, at::kBFloat16);
        c.k.mul_(200);
        const at::Tensor q = c.q.to(at::kDouble), k = c.k.to(at::kDouble).expand({1, 2, 70, 16});
        const at::Tensor later = at::triu(at::ones({70, 70}, at::kBool), 1);
        const at::Tensor exact =
            (q.matmul(k.transpose(2, 3)) / 4).masked_fill(later, -INFINITY).softmax(-1).matmul(c.v.to(at::kDouble));
        QVERIFY(distance(causalAttention(c.q, c.k, c.v), exact) < 0.02);
    }
    void gradientsPass() {
        Case c = make(1, 4, 2, 64, 64, 16, at::kBFloat16);
        const at::Tensor q = c.q.detach().clone().set_requires_grad(true);
        causalAttention(q, c.k.detach(), c.v.detach()).sum().backward();
        QVERIFY(q.grad().defined() && q.grad().isfinite().all().item<bool>());
    }
};

QTEST_APPLESS_MAIN(AttentionFormsTest)
#include "tst_attention_forms.moc"
