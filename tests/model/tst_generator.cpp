// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>

#include <QtTest>

#include "core/base/error.h"
#include "core/model/generator.h"
#include "support/tiny_model.h"
#endif

using namespace airframe;
using namespace airframe::test;

namespace {

/// Says stop at the n-th checkpoint.
class StopAfter final : public RunControl {
  public:
    explicit StopAfter(int n) : m_left(n) {}
    [[nodiscard]] bool checkpoint() override { return m_left-- > 0; }
    void progress(const Progress&) override {}

  private:
    int m_left;
};

}  // namespace

class GeneratorTest : public QObject {
    Q_OBJECT
    std::shared_ptr<const Supernet> m_net;
    const Placement m_teacher{std::vector<std::string>(4, "attn")};
    const std::vector<std::int32_t> m_prompt{72, 101, 108, 108, 111, 32, 119, 111, 114, 108, 100};
    NoControl m_control;

    Generation run(const GenerateOptions& options) {
        return generate(*m_net, m_teacher, m_prompt, options, m_control, {});
    }

  private Q_SLOTS:
    void initTestCase() {
        m_net = std::make_shared<Supernet>(Model::load(tinyModel(), Compute{}, m_control), Supernet::Alternatives{});
    }
    void greedyIsTheArgmaxOfWholePasses() {
        GenerateOptions options;
        options.tokens = 12;
        const Generation made = run(options);
        std::vector<std::int64_t> ids(m_prompt.begin(), m_prompt.end());
        for (const std::int32_t id : made.ids) {
            const at::Tensor all = at::tensor(ids, at::kLong).unsqueeze(0);
            const at::Tensor logits = m_net->model().logits(m_net->forward(all, m_teacher, nullptr))[0][-1];
            QCOMPARE(static_cast<std::int64_t>(id), logits.argmax().item<std::int64_t>());
            ids.push_back(id);
        }
        QCOMPARE(made.ids.size(), std::size_t{12});
        QCOMPARE(made.cache_bytes, m_net->cacheBytes(m_teacher, 1, 23));
    }
    void chunksDoNotMatter() {
        GenerateOptions options;
        options.tokens = 20;
        const auto whole = run(options).ids;
        for (const int chunk : {1, 2, 3, 7, 10}) {
            options.prefill_chunk = chunk;
            QCOMPARE(run(options).ids, whole);
        }
    }
    void seedsDecide() {
        GenerateOptions options;
        options.tokens = 40;
        options.sampling = {1.0, 0, 1.0, 11};
        const auto first = run(options).ids;
        QCOMPARE(run(options).ids, first);
        options.sampling.seed = 12;
        QVERIFY(run(options).ids != first);
        options.sampling.top_k = 1;
        options.sampling.seed = 99;
        const auto narrowest = run(options).ids;
        options.sampling = {};
        QCOMPARE(run(options).ids, narrowest);
    }
    void tokensAreReported() {
        GenerateOptions options;
        options.tokens = 5;
        options.top_logprobs = 4;
        std::vector<GeneratedToken> seen;
        const Generation made = generate(*m_net, m_teacher, m_prompt, options, m_control,
                                         [&](const GeneratedToken& t) { seen.push_back(t); });
        QCOMPARE(seen.size(), std::size_t{5});
        for (std::size_t i = 0; i < 5; ++i) {
            QCOMPARE(seen[i].pos, static_cast<int>(i));
            QCOMPARE(seen[i].id, made.ids[i]);
            QCOMPARE(seen[i].top.size(), std::size_t{4});
            QCOMPARE(seen[i].top[0].first, seen[i].id);  // greedy
            QVERIFY(std::abs(seen[i].top[0].second - seen[i].logprob) < 1e-6);
            QVERIFY(seen[i].logprob < 0 && seen[i].top[3].second <= seen[i].top[0].second);
            QVERIFY(i == 0 || seen[i].t_ms > seen[i - 1].t_ms);
            QVERIFY(seen[i].cache_bytes > 0);
        }
        QCOMPARE(seen[0].t_ms, made.ttft_ms);
        QVERIFY(made.prefill_tps > 0 && made.decode_tps > 0);
    }
    void stopsAtTheEnd() {
        const auto file = tinyModel();
        NoControl control;
        GenerateOptions options;
        options.tokens = 30;
        const auto ids = run(options).ids;
        file->configuration().eos_id = ids[7];
        const Supernet net(Model::load(file, Compute{}, control), {});
        options.stop_at_eos = true;
        const auto first = static_cast<std::size_t>(std::find(ids.begin(), ids.end(), ids[7]) - ids.begin());
        const Generation made = generate(net, m_teacher, m_prompt, options, control, {});
        QCOMPARE(made.ids.size(), first + 1);
        QVERIFY(!made.stopped);
    }
    void controlStops() {
        GenerateOptions options;
        options.tokens = 30;
        options.prefill_chunk = 4;  // three chunks
        StopAfter early(2), later(3 + 6);
        QVERIFY(generate(*m_net, m_teacher, m_prompt, options, early, {}).stopped);
        const Generation made = generate(*m_net, m_teacher, m_prompt, options, later, {});
        QVERIFY(made.stopped);
        QCOMPARE(made.ids.size(), std::size_t{7});
    }
    void badRequests_data() {
        QTest::addColumn<QList<int>>("prompt");
        QTest::newRow("empty") << QList<int>{};
        QTest::newRow("negative") << QList<int>{1, -1};
        QTest::newRow("too large") << QList<int>{259};
    }
    void badRequests() {
        QFETCH(QList<int>, prompt);
        try {
            (void)generate(*m_net, m_teacher, {prompt.begin(), prompt.end()}, {}, m_control, {});
            QFAIL("accepted");
        } catch (const Failure& failure) {
            QCOMPARE(failure.error().code, ErrorCode::bad_input);
            QVERIFY(failure.error().where.starts_with("prompt"));
        }
    }
};

QTEST_APPLESS_MAIN(GeneratorTest)
#include "tst_generator.moc"
