// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>

#include <QtTest>

#include "core/base/error.h"
#include "core/blocks/attention.h"
#include "model/reference_file.h"
#endif

using namespace airframe;
using namespace airframe::test;

/// The attention block against the formula written out in double precision, with and without a cache.
class AttentionTest : public QObject {
    Q_OBJECT
    static constexpr int B = 2, D = 24, H = 6, G = 2, d = 8;
    AttentionParameters m_p;
    at::Tensor m_x;

    std::unique_ptr<AttentionBlock> block(const char* dtype) const {
        const Compute compute = Compute::parse(dtype, "cpu");
        return std::make_unique<AttentionBlock>(AttentionDims{D, H, G, d}, m_p,
                                                std::make_shared<Rotary>(d, 10000.0, compute), compute);
    }

    static at::Tensor turn(const at::Tensor& x) {  // [T, d] double
        at::Tensor out = at::empty_like(x);
        for (std::int64_t t = 0; t < x.size(0); ++t)
            for (int i = 0; i < d / 2; ++i) {
                const double angle = static_cast<double>(t) * std::pow(10000.0, -2.0 * i / d);
                const double a = x[t][i].item<double>(), b = x[t][i + d / 2].item<double>();
                out[t][i] = a * std::cos(angle) - b * std::sin(angle);
                out[t][i + d / 2] = b * std::cos(angle) + a * std::sin(angle);
            }
        return out;
    }

    at::Tensor formula() const {
        const std::int64_t T = m_x.size(1);
        at::Tensor y = at::zeros({B, T, D}, at::kDouble);
        const at::Tensor later = at::triu(at::ones({T, T}, at::kBool), 1);
        for (int b = 0; b < B; ++b) {
            const at::Tensor x = m_x[b].to(at::kDouble);
            std::vector<at::Tensor> heads;
            for (int h = 0; h < H; ++h) {
                const int g = h / (H / G);
                const at::Tensor q = turn(x.matmul(m_p.q_proj.narrow(0, h * d, d).to(at::kDouble).t()));
                const at::Tensor k = turn(x.matmul(m_p.k_proj.narrow(0, g * d, d).to(at::kDouble).t()));
                const at::Tensor v = x.matmul(m_p.v_proj.narrow(0, g * d, d).to(at::kDouble).t());
                const at::Tensor scores =
                    (q.matmul(k.t()) / std::sqrt(static_cast<double>(d))).masked_fill(later, -INFINITY);
                heads.push_back(scores.softmax(-1).matmul(v));
            }
            y[b] = at::cat(heads, 1).matmul(m_p.o_proj.to(at::kDouble).t());
        }
        return y;
    }

  private Q_SLOTS:
    void initTestCase() {
        at::manual_seed(3);
        m_p = {at::randn({H * d, D}) * 0.4, at::randn({G * d, D}) * 0.4, at::randn({G * d, D}) * 0.4,
               at::randn({D, H * d}) * 0.2};
        m_x = at::randn({B, 37, D});
    }
    void formulaHolds() {
        const at::Tensor exact = formula();
        QVERIFY(distance(block("float32")->forward(m_x, nullptr), exact) < 1e-5);
        const double size = exact.abs().max().item<double>();
        QVERIFY(distance(block("bf16")->forward(m_x.to(at::kBFloat16), nullptr), exact) < 0.03 * size);
    }
    void oddPiecesEqualOnePass_data() {
        QTest::addColumn<QList<int>>("pieces");
        QTest::newRow("tokens") << QList<int>(37, 1);
        QTest::newRow("prefill and decode") << QList<int>{33, 1, 1, 1, 1};
        QTest::newRow("odd") << QList<int>{1, 2, 3, 5, 7, 11, 1, 7};
        QTest::newRow("two halves") << QList<int>{18, 19};
    }
    void oddPiecesEqualOnePass() {
        QFETCH(QList<int>, pieces);
        for (const char* dtype : {"float32", "bf16"}) {
            const auto attn = block(dtype);
            const at::Tensor x = m_x.to(Compute::parse(dtype, "cpu").dtype);
            const at::Tensor whole = attn->forward(x, nullptr);
            const auto state = attn->emptyState(B, 1);  // grows by doubling on the way
            std::vector<at::Tensor> parts;
            int begin = 0;
            for (const int n : pieces) {
                parts.push_back(attn->forward(x.narrow(1, begin, n), state.get()));
                begin += n;
            }
            QCOMPARE(begin, 37);
            const double largest = whole.abs().max().item<double>();
            QVERIFY(distance(at::cat(parts, 1), whole) < (x.scalar_type() == at::kFloat ? 2e-6 : 0.02) * largest);
        }
    }
    void cacheAccounting() {
        const auto attn = block("bf16");
        const auto state = attn->emptyState(B, 37);
        QCOMPARE(state->bytes(), attn->stateBytes(B, 37));
        QCOMPARE(attn->stateBytes(B, 37), std::int64_t{2 * B * G * d * 37 * 2});
        (void)attn->forward(m_x.to(at::kBFloat16), state.get());
        QCOMPARE(state->bytes(), attn->stateBytes(B, 37));
        (void)attn->forward(m_x.narrow(1, 0, 1).to(at::kBFloat16), state.get());
        QCOMPARE(state->bytes(), attn->stateBytes(B, 74));
    }
    void cloneIsDeep() {
        const auto attn = block("float32");
        const auto state = attn->emptyState(B, 8);
        (void)attn->forward(m_x.narrow(1, 0, 20), state.get());
        const auto copy = state->clone();
        const at::Tensor next = m_x.narrow(1, 20, 1);
        const at::Tensor expected = attn->forward(next, state.get());
        (void)attn->forward(m_x.narrow(1, 21, 5), state.get());
        QVERIFY(at::equal(attn->forward(next, copy.get()), expected));
    }
    void randomStates() {
        const auto attn = block("float32");
        const auto first = attn->emptyState(B, 70), second = attn->emptyState(B, 70), other = attn->emptyState(B, 70);
        first->fillRandom(64, 5);
        second->fillRandom(64, 5);
        other->fillRandom(64, 6);
        const auto& cache = dynamic_cast<const KvCache&>(*first);
        QCOMPARE(cache.length(), std::int64_t{64});
        QVERIFY(std::abs(cache.keys().mean().item<float>()) < 0.1f);
        QVERIFY(std::abs(cache.keys().std().item<float>() - 1) < 0.1f);
        QVERIFY(distance(cache.keys(), cache.values()) > 1);
        const at::Tensor x = m_x.narrow(1, 0, 1);
        const at::Tensor y = attn->forward(x, first.get());
        QVERIFY(at::equal(attn->forward(x, second.get()), y));
        QVERIFY(!at::equal(attn->forward(x, other.get()), y));
        first->fillRandom(64, 5);  // rewinds
        QVERIFY(at::equal(attn->forward(x, first.get()), y));
    }
    void wrongStateIsRefused() {
        const auto attn = block("float32");
        const auto state = attn->emptyState(B + 1, 8);
        QVERIFY_EXCEPTION_THROWN((void)attn->forward(m_x, state.get()), Failure);
    }
    void weightsComeBack() {
        const auto attn = block("float32");
        QVERIFY(at::equal(attn->qProj(), m_p.q_proj));
        QVERIFY(at::equal(attn->kProj(), m_p.k_proj));
        QVERIFY(at::equal(attn->vProj(), m_p.v_proj));
        QVERIFY(at::equal(attn->oProj(), m_p.o_proj));
        QCOMPARE(attn->parameters().size(), std::size_t{4});
    }
    void misshapenWeightIsNamed() {
        AttentionParameters bad = m_p;
        bad.k_proj = at::zeros({G * d, D + 1});
        try {
            const AttentionBlock refused(AttentionDims{D, H, G, d}, bad,
                                         std::make_shared<Rotary>(d, 10000.0, Compute{}), Compute{}, "layer 3");
            QFAIL("accepted");
        } catch (const Failure& failure) {
            QCOMPARE(failure.error().where, std::string("layer 3.k_proj.weight"));
        }
    }
};

QTEST_APPLESS_MAIN(AttentionTest)
#include "tst_attention.moc"
