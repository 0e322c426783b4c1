// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <QtTest>
#include <cmath>
#include <limits>

#include "core/base/error.h"
#include "core/model/sampling.h"
#endif

using namespace airframe;

class SamplingTest : public QObject {
    Q_OBJECT
    // softmax: 0.4 0.3 0.2 0.1 at ids 2 0 3 1
    const std::vector<float> m_logits{std::log(0.3f), std::log(0.1f), std::log(0.4f), std::log(0.2f)};
    [[nodiscard]] std::vector<std::pair<std::int32_t, double>> cut(double temperature, int k, double p) const {
        return samplingDistribution(m_logits.data(), 4, {temperature, k, p, 0});
    }
    static void compare(const std::vector<std::pair<std::int32_t, double>>& found,
                        const std::vector<std::pair<std::int32_t, double>>& wanted) {
        QCOMPARE(found.size(), wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            QCOMPARE(found[i].first, wanted[i].first);
            QVERIFY(std::abs(found[i].second - wanted[i].second) < 1e-6);
        }
    }
  private Q_SLOTS:
    void exactDistributions() {
        compare(cut(1, 0, 1), {{2, 0.4}, {0, 0.3}, {3, 0.2}, {1, 0.1}});
        compare(cut(1, 2, 1), {{2, 4.0 / 7}, {0, 3.0 / 7}});
        compare(cut(1, 0, 0.69), {{2, 4.0 / 7}, {0, 3.0 / 7}});
        compare(cut(1, 0, 0.71), {{2, 4.0 / 9}, {0, 3.0 / 9}, {3, 2.0 / 9}});
        compare(cut(1, 0, 1e-9), {{2, 1.0}});
        compare(cut(1, 2, 0.6), {{2, 4.0 / 7}, {0, 3.0 / 7}});  // top-p acts on what top-k left: 4/7 < 0.6
        compare(cut(0.5, 0, 1), {{2, 16.0 / 30}, {0, 9.0 / 30}, {3, 4.0 / 30}, {1, 1.0 / 30}});
        compare(cut(0, 0, 1), {{2, 1.0}});
    }
    void tiesGoToTheLowestId() {
        const std::vector<float> flat{1, 3, 3, 0, 3};
        QCOMPARE(sampleToken(flat.data(), 5, {0, 0, 1, 0}, 0), 1);
        const auto two = samplingDistribution(flat.data(), 5, {1, 2, 1, 0});
        QCOMPARE(two[0].first, 1);
        QCOMPARE(two[1].first, 2);
    }
    void drawsFollowTheDistribution() {
        const SamplingOptions options{1, 3, 1, 42};
        std::vector<int> counts(4);
        constexpr int draws = 200000;
        for (int i = 0; i < draws; ++i)
            ++counts[static_cast<std::size_t>(sampleToken(m_logits.data(), 4, options, static_cast<std::uint64_t>(i)))];
        QCOMPARE(counts[1], 0);
        for (const auto& [id, probability] : samplingDistribution(m_logits.data(), 4, options)) {
            const double share = counts[static_cast<std::size_t>(id)] / static_cast<double>(draws);
            const double five_sigma = 5 * std::sqrt(probability * (1 - probability) / draws);
            QVERIFY2(std::abs(share - probability) < five_sigma, qPrintable(QString::number(share)));
        }
    }
    void sameSeedSameDraws() {
        int differ = 0;
        for (std::uint64_t position = 0; position < 200; ++position) {
            const auto token = sampleToken(m_logits.data(), 4, {1, 0, 1, 7}, position);
            QCOMPARE(sampleToken(m_logits.data(), 4, {1, 0, 1, 7}, position), token);
            differ += sampleToken(m_logits.data(), 4, {1, 0, 1, 8}, position) != token;
        }
        QVERIFY(differ > 100);
    }
    void badOptions_data() {
        QTest::addColumn<double>("temperature");
        QTest::addColumn<int>("k");
        QTest::addColumn<double>("p");
        QTest::newRow("negative temperature") << -0.1 << 0 << 1.0;
        QTest::newRow("temperature not a number") << std::nan("") << 0 << 1.0;
        QTest::newRow("infinite temperature") << std::numeric_limits<double>::infinity() << 0 << 1.0;
        QTest::newRow("negative k") << 1.0 << -1 << 1.0;
        QTest::newRow("p zero") << 1.0 << 0 << 0.0;
        QTest::newRow("p above one") << 1.0 << 0 << 1.01;
    }
    void badOptions() {
        QFETCH(double, temperature);
        QFETCH(int, k);
        QFETCH(double, p);
        QVERIFY_EXCEPTION_THROWN(checkSampling({temperature, k, p, 0}), Failure);
    }
};

QTEST_APPLESS_MAIN(SamplingTest)
#include "tst_sampling.moc"
