// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>

#include <QtTest>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/memory_room.h"
#include "core/eval/throughput.h"
#include "support/tiny_model.h"
#endif

using namespace airframe;
using namespace airframe::test;

class ThroughputTest : public QObject {
    Q_OBJECT
    std::shared_ptr<const Supernet> m_net;
    const Placement m_teacher{std::vector<std::string>(4, "attn")};
    NoControl m_control;

    static bool ordered(const MeasurementRow::Spread& s) { return s.q1 > 0 && s.q1 <= s.median && s.median <= s.q3; }

  private Q_SLOTS:
    void initTestCase() {
        m_net = std::make_shared<Supernet>(Model::load(tinyModel(), Compute{}, m_control), Supernet::Alternatives{});
    }
    void rowsAreSane_data() {
        QTest::addColumn<bool>("random");
        QTest::newRow("random states") << true;
        QTest::newRow("real prefill") << false;
    }
    void rowsAreSane() {
        QFETCH(bool, random);
        ThroughputOptions options;
        options.context = 150;
        options.batch = 3;
        options.prefill_limit = 100;
        options.prefill_chunk = 64;
        options.fill_random = random;
        const MeasurementRow row = measureThroughput(*m_net, m_teacher, options, m_control);
        QVERIFY(row.fits);
        QCOMPARE(row.placement, std::string("attn*4"));
        QCOMPARE(row.compute, std::string("float32"));
        QCOMPARE(row.context, 150);
        QCOMPARE(row.batch, 3);
        QVERIFY(row.threads >= 1 && !row.device.empty() && row.created > 0);
        for (const auto& spread : {row.prefill_tps, row.decode_tps, row.ttft_ms}) {
            QCOMPARE(spread.n, 5);
            QVERIFY(ordered(spread));
        }
        QCOMPARE(row.cache_bytes, m_net->cacheBytes(m_teacher, 3, 150));
        QVERIFY(row.peak_bytes > row.cache_bytes);
        const auto raw = nlohmann::json::parse(row.repeats_json);
        QCOMPARE(raw["prefill_tokens"].get<int>(), 100);
        QCOMPARE(raw["decode_seconds"].size(), std::size_t{5});
        double fastest = 0;
        for (const double seconds : raw["decode_seconds"]) fastest = std::max(fastest, 3 * 16 / seconds);
        QVERIFY(fastest >= row.decode_tps.median);
    }
    void tooLargeIsAResult() {
        ThroughputOptions options;
        options.context = 1 << 30;
        options.batch = 1000;
        const MeasurementRow row = measureThroughput(*m_net, m_teacher, options, m_control);
        QVERIFY(!row.fits);
        QCOMPARE(row.decode_tps.n, 0);
        const auto raw = nlohmann::json::parse(row.repeats_json);
        QVERIFY(raw["needed_bytes"].get<std::int64_t>() > raw["available_bytes"].get<std::int64_t>());
    }
    void memoryFiguresMove() {
        QVERIFY(availableMemory() > 1 << 20);
        const PeakMemory peak;
        const std::int64_t before = peak.bytes();
        {
            std::vector<char> block(64 << 20, 1);
            QVERIFY(block[1 << 20] == 1);
        }
        QVERIFY(peak.bytes() - before > 48 << 20);
    }
    void badOptionsAreNamed() {
        ThroughputOptions options;
        options.batch = 0;
        try {
            (void)measureThroughput(*m_net, m_teacher, options, m_control);
            QFAIL("accepted");
        } catch (const Failure& failure) {
            QCOMPARE(failure.error().code, ErrorCode::options);
            QCOMPARE(failure.error().where, std::string("--batch"));
        }
    }
};

QTEST_APPLESS_MAIN(ThroughputTest)
#include "tst_throughput.moc"
