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

namespace {

/// What an attention layer may have beside its four matrices.
struct Form {
    const char* name;
    bool biases = false, norms = false;
    int window = 0;
    double scale = 0;
    RopeScaling scaling = {};
};

RopeScaling dynamicFrom(double factor) {
    RopeScaling s;
    s.kind = RopeScaling::Kind::dynamic;
    s.factor = factor;
    return s;
}

const std::vector<Form>& forms() {
    static const std::vector<Form> rows = {
        {.name = "plain"},
        {.name = "biases", .biases = true},
        {.name = "norms", .norms = true},
        {.name = "window of 1", .window = 1},
        {.name = "window of 5", .window = 5},
        {.name = "window beyond the sequence", .window = 50},
        {.name = "scale", .scale = 0.2},
        {.name = "all", .biases = true, .norms = true, .window = 8, .scale = 0.5},
        {.name = "positions that follow the length", .scaling = dynamicFrom(3)},
        {.name = "those with a window", .window = 6, .scaling = dynamicFrom(3)},
    };
    return rows;
}

}  // namespace

/// The attention block against the formula written out in double precision, with and without a cache.
class AttentionTest : public QObject {
    Q_OBJECT
    static constexpr int B = 2, D = 24, H = 6, G = 2, d = 8, context = 20;
    AttentionParameters m_p;
    at::Tensor m_x;

    AttentionParameters parametersOf(const Form& form) const {
        AttentionParameters p = m_p;
        if (!form.biases) p.q_bias = p.k_bias = p.v_bias = p.o_bias = at::Tensor();
        if (!form.norms) p.q_norm = p.k_norm = at::Tensor();
        return p;
    }
    static RopeSetting settingOf(const Form& form) { return {d, 10000.0, form.scaling, context}; }

    std::unique_ptr<AttentionBlock> block(const char* dtype, const Form& form = forms().front()) const {
        const Compute compute = Compute::parse(dtype, "cpu");
        return std::make_unique<AttentionBlock>(AttentionDims{D, H, G, d, form.window, form.scale, 1e-6}, parametersOf(form),
                                                std::make_shared<Rotary>(settingOf(form), compute), compute);
    }

    static at::Tensor turn(const at::Tensor& x, const RopeFrequencies& rope) {  // [T, d] double
        at::Tensor out = at::empty_like(x);
        for (std::int64_t t = 0; t < x.size(0); ++t)
            for (int i = 0; i < d / 2; ++i) {
                const double angle = static_cast<double>(t) * rope.frequency[static_cast<std::size_t>(i)];
                const double a = x[t][i].item<double>(), b = x[t][i + d / 2].item<double>();
                out[t][i] = a * std::cos(angle) - b * std::sin(angle);
                out[t][i + d / 2] = b * std::cos(angle) + a * std::sin(angle);
            }
        return out;
    }

    /// The first `length` tokens in one pass.
    at::Tensor formula(const Form& form, std::int64_t T) const {
        const AttentionParameters p = parametersOf(form);
        at::Tensor y = at::zeros({B, T, D}, at::kDouble);
        const RopeFrequencies rope = settingOf(form).frequencies(T);
        at::Tensor hidden = at::triu(at::ones({T, T}, at::kBool), 1);
        if (form.window > 0) hidden = hidden.logical_or(at::tril(at::ones({T, T}, at::kBool), -form.window));
        const auto head = [&](const at::Tensor& x, const at::Tensor& matrix, const at::Tensor& bias, int index) {
            at::Tensor out = x.matmul(matrix.narrow(0, index * d, d).to(at::kDouble).t());
            return bias.defined() ? out + bias.narrow(0, index * d, d).to(at::kDouble) : out;
        };
        const auto normed = [](const at::Tensor& x, const at::Tensor& weight) {
            return weight.defined() ? x / at::sqrt(x.square().mean(-1, true) + 1e-6) * weight.to(at::kDouble) : x;
        };
        for (int b = 0; b < B; ++b) {
            const at::Tensor x = m_x[b].narrow(0, 0, T).to(at::kDouble);
            std::vector<at::Tensor> heads;
            for (int h = 0; h < H; ++h) {
                const int g = h / (H / G);
                const at::Tensor q = turn(normed(head(x, p.q_proj, p.q_bias, h), p.q_norm), rope);
                const at::Tensor k = turn(normed(head(x, p.k_proj, p.k_bias, g), p.k_norm), rope);
                const at::Tensor v = head(x, p.v_proj, p.v_bias, g);
                const double scale = form.scale > 0 ? form.scale : 1 / std::sqrt(static_cast<double>(d));
                heads.push_back((q.matmul(k.t()) * scale).masked_fill(hidden, -INFINITY).softmax(-1).matmul(v));
            }
            y[b] = at::cat(heads, 1).matmul(p.o_proj.to(at::kDouble).t());
            if (p.o_bias.defined()) y[b] += p.o_bias.to(at::kDouble);
        }
        return y;
    }

    static void addForms() {
        QTest::addColumn<int>("form");
        for (std::size_t i = 0; i < forms().size(); ++i) QTest::newRow(forms()[i].name) << static_cast<int>(i);
    }
    static const Form& formOfRow() {
        QFETCH(int, form);
        return forms()[static_cast<std::size_t>(form)];
    }

  private Q_SLOTS:
    void initTestCase() {
        at::manual_seed(3);
        m_p = {at::randn({H * d, D}) * 0.4, at::randn({G * d, D}) * 0.4, at::randn({G * d, D}) * 0.4,
               at::randn({D, H * d}) * 0.2};
        m_x = at::randn({B, 37, D});
        m_p.q_bias = at::randn({H * d}), m_p.k_bias = at::randn({G * d}), m_p.v_bias = at::randn({G * d}), m_p.o_bias = at::randn({D});
        m_p.q_norm = at::rand({d}) + 0.5, m_p.k_norm = at::rand({d}) + 0.5;
    }
    void formulaHolds_data() { addForms(); }
    void formulaHolds() {
        const Form& form = formOfRow();
        const at::Tensor exact = formula(form, 37);
        QVERIFY(distance(block("float32", form)->forward(m_x, nullptr), exact) < 1e-5);
        const double size = exact.abs().max().item<double>();
        QVERIFY(distance(block("bf16", form)->forward(m_x.to(at::kBFloat16), nullptr), exact) < 0.03 * size);
        // Where a gradient is wanted LibTorch computes.
        const at::Tensor learning = m_x.clone().requires_grad_();
        QVERIFY(distance(block("float32", form)->forward(learning, nullptr).detach(), exact) < 1e-5);
    }
    void oddPiecesEqualOnePass_data() {
        QTest::addColumn<int>("form");
        QTest::addColumn<QList<int>>("pieces");
        const std::pair<const char*, QList<int>> pieces[] = {{"tokens", QList<int>(37, 1)},
                                                             {"prefill and decode", {33, 1, 1, 1, 1}},
                                                             {"odd", {1, 2, 3, 5, 7, 11, 1, 7}},
                                                             {"two halves", {18, 19}}};
        for (std::size_t i = 0; i < forms().size(); ++i)
            for (const auto& [name, sizes] : pieces)
                QTest::newRow((std::string(forms()[i].name) + ", " + name).c_str()) << static_cast<int>(i) << sizes;
    }
    /// One pass over what has come so far, where positions follow the length; else one pass over all.
    void oddPiecesEqualOnePass() {
        const Form& form = formOfRow();
        QFETCH(QList<int>, pieces);
        for (const char* dtype : {"float32", "bf16"}) {
            const auto attn = block(dtype, form);
            const at::Tensor x = m_x.to(Compute::parse(dtype, "cpu").dtype);
            const auto state = attn->emptyState(B, 1);  // grows by doubling on the way
            int begin = 0;
            for (const int n : pieces) {
                const at::Tensor part = attn->forward(x.narrow(1, begin, n), state.get());
                begin += n;
                const at::Tensor whole = attn->forward(x.narrow(1, 0, begin), nullptr);
                const double largest = whole.abs().max().item<double>();
                QVERIFY(distance(part, whole.narrow(1, begin - n, n)) < (x.scalar_type() == at::kFloat ? 2e-6 : 0.02) * largest);
            }
            QCOMPARE(begin, 37);
        }
    }
    /// Nothing older than the window is held.
    void windowsAreRings() {
        const auto attn = block("bf16", {.name = "", .window = 5});
        const auto state = attn->emptyState(B, 1000);
        const std::int64_t most = 2 * B * G * d * 5 * 2;
        QCOMPARE(state->bytes(), most);
        QCOMPARE(attn->stateBytes(B, 3), most / 5 * 3);
        QCOMPARE(attn->stateBytes(B, 1000), most);
        (void)attn->forward(m_x.to(at::kBFloat16), state.get());
        QCOMPARE(state->bytes(), most);
        const auto copy = state->clone();
        const at::Tensor next = m_x.narrow(1, 0, 1).to(at::kBFloat16);
        const at::Tensor expected = attn->forward(next, state.get());
        (void)attn->forward(m_x.narrow(1, 1, 3).to(at::kBFloat16), state.get());
        QVERIFY(at::equal(attn->forward(next, copy.get()), expected));
        const auto first = attn->emptyState(B, 5), second = attn->emptyState(B, 5);
        first->fillRandom(64, 5);
        second->fillRandom(64, 5);
        QCOMPARE(dynamic_cast<const KvCache&>(*first).length(), std::int64_t{64});
        const at::Tensor y = attn->forward(next, first.get());
        QVERIFY(at::equal(attn->forward(next, second.get()), y));
        first->fillRandom(64, 5);  // rewinds
        QVERIFY(at::equal(attn->forward(next, first.get()), y));
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
        for (const auto& [name, value] : block("float32", {.name = "", .biases = true, .norms = true})->parameters())
            for (const auto& [known, member] : AttentionParameters::table())
                if (name == known) QVERIFY2(at::equal(value, m_p.*member), name.c_str());
        QCOMPARE(block("float32", {.name = "", .biases = true, .norms = true})->parameters().size(), AttentionParameters::table().size());
    }
    void misshapenWeightIsNamed() {
        for (const auto& [name, member] : AttentionParameters::table()) {
            for (const at::Tensor& wrong : {at::zeros({G * d, D + 1}), at::Tensor()}) {
                AttentionParameters bad = m_p;
                bad.*member = wrong;
                if (!wrong.defined() && name == "o_proj.bias") continue;  // the one that may be missing alone
                try {
                    const AttentionBlock refused(AttentionDims{D, H, G, d}, bad,
                                                 std::make_shared<Rotary>(RopeSetting{d, 10000.0}, Compute{}), Compute{}, "layer 3");
                    QFAIL(("accepted " + name).c_str());
                } catch (const Failure& failure) {
                    QVERIFY2(failure.error().where.starts_with("layer 3."), failure.error().where.c_str());
                    if (wrong.defined()) QCOMPARE(failure.error().where, "layer 3." + name);
                }
            }
        }
    }
};

QTEST_APPLESS_MAIN(AttentionTest)
#include "tst_attention.moc"
