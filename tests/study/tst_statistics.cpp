// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <cmath>
#include <numeric>

#include "core/study/pareto.h"
#include "core/study/random.h"
#include "core/study/statistics.h"
#include "support/failure.h"

using namespace airframe;
using airframe::test::errorOf;

namespace {

double unit(Random& random) {
    return static_cast<double>(random.next() >> 11) * 0x1p-53;
}
double normal(Random& random) {
    return std::sqrt(-2 * std::log(1 - unit(random))) * std::cos(2 * M_PI * unit(random));
}

std::vector<double> normals(Random& random, std::size_t n, double mean = 0) {
    std::vector<double> out(n);
    for (double& value : out) value = mean + normal(random);
    return out;
}

bool near(double a, double b, double tolerance = 1e-12) {
    return std::abs(a - b) <= tolerance;
}

}  // namespace

class TestStatistics : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void generator();
    void bootstrapClosedForm();
    void bootstrapCoverage();
    void bootstrapEdges();
    void paired();
    void weighted();
    void rankSeparates();
    void rankTies();
    void quartilesType7();
    void spearmanKnown();
    void paretoBruteForce();
    void paretoKnee();
};

void TestStatistics::generator() {
    // Reference values of SplitMix64 with seed 1234567 (published with the algorithm's C source).
    Random random(1234567);
    QCOMPARE(random.next(), std::uint64_t{6457827717110365317ULL});
    QCOMPARE(random.next(), std::uint64_t{3203168211198807973ULL});
    std::vector<int> counts(7, 0);
    for (int i = 0; i < 70'000; ++i) ++counts[random.below(7)];
    for (const int count : counts) QVERIFY(std::abs(count - 10'000) < 500);  // 5 standard deviations
}

void TestStatistics::bootstrapClosedForm() {
    // The bootstrap mean is normal with the plug-in standard error s / sqrt(n): its 2.5 % and 97.5 % points are 1.96 of
    // them away.
    Random random(3);
    const std::vector<double> values = normals(random, 400, 5);
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / 400;
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    const double error = std::sqrt(squares / 400 / 400);
    const Interval interval = bootstrapMean(values, 1, 20'000);
    QVERIFY(near(interval.mean, mean, 1e-9));
    QVERIFY(near(interval.low, mean - 1.96 * error, 0.05 * error));
    QVERIFY(near(interval.high, mean + 1.96 * error, 0.05 * error));
    const Interval again = bootstrapMean(values, 1, 20'000);
    QVERIFY(again.low == interval.low && again.high == interval.high);
    QVERIFY(bootstrapMean(values, 2, 20'000).low != interval.low);
}

void TestStatistics::bootstrapCoverage() {
    Random random(7);
    int covered = 0;
    constexpr int trials = 1000;
    for (int trial = 0; trial < trials; ++trial) {
        const Interval interval = bootstrapMean(normals(random, 64), static_cast<std::uint64_t>(trial), 400);
        covered += interval.low <= 0 && interval.high >= 0 ? 1 : 0;
    }
    // 95 % less what the percentile method loses at 64 items (about 1 point), give or take 4 standard errors (0.7
    // points).
    QVERIFY2(covered > 0.91 * trials && covered < 0.98 * trials, std::to_string(covered).c_str());
}

void TestStatistics::bootstrapEdges() {
    const std::vector<double> one = {2.5};
    const Interval single = bootstrapMean(one, 1);
    QVERIFY(single.mean == 2.5 && single.low == 2.5 && single.high == 2.5);
    const std::vector<double> same(9, 0.1);
    const Interval flat = bootstrapMean(same, 1);
    QVERIFY(near(flat.high, flat.low, 1e-12));
    QVERIFY(errorOf([] { (void)bootstrapMean(std::vector<double>{}, 1); }).has_value());
    QVERIFY(std::isnan(bootstrapMean(std::vector<double>{1, std::nan("")}, 1).mean));
}

void TestStatistics::paired() {
    Random random(9);
    const std::vector<double> noise = normals(random, 200);
    std::vector<double> better = noise;
    for (double& value : better) value -= 0.01;  // far below the noise, but the same on every item
    const Interval gain = pairedDifference(noise, better, 1);
    QVERIFY(near(gain.mean, 0.01, 1e-9) && near(gain.low, 0.01, 1e-9));
    QVERIFY(errorOf([&] { (void)pairedDifference(noise, std::vector<double>(3), 1); }).has_value());
}

void TestStatistics::weighted() {
    const std::vector<std::vector<double>> values = {{1, 1, 1}, {4, 4}};
    QVERIFY(near(bootstrapWeighted(values, std::vector<double>{1, 1}, 1).mean, 2.5));
    QVERIFY(near(bootstrapWeighted(values, std::vector<double>{6, 2}, 1).mean, 1.75));
    QVERIFY(near(bootstrapWeighted(values, std::vector<double>{0, 2}, 1).low, 4));
    // Two independent halves: variances add as the squares of the shares.
    Random random(11);
    const std::vector<double> a = normals(random, 500), b = normals(random, 500);
    const auto width = [](const Interval& i) { return i.high - i.low; };
    const double wa = width(bootstrapMean(a, 1, 8000)), wb = width(bootstrapMean(b, 2, 8000));
    const double both = width(bootstrapWeighted({a, b}, std::vector<double>{1, 1}, 3, 8000));
    QVERIFY(near(both, std::sqrt(wa * wa + wb * wb) / 2, 0.06 * both));
    QVERIFY(errorOf([&] { (void)bootstrapWeighted(values, std::vector<double>{0, 0}, 1); }).has_value());
    QVERIFY(errorOf([&] { (void)bootstrapWeighted(values, std::vector<double>{1}, 1); }).has_value());
}

void TestStatistics::rankSeparates() {
    Random random(13);
    std::vector<std::vector<double>> units;
    for (int unit = 0; unit < 5; ++unit) units.push_back(normals(random, 100, -5.0 * unit));
    std::swap(units[0], units[4]);
    const auto ranks = rankIntervals(units, 1);
    const int wanted[] = {5, 2, 3, 4, 1};
    for (std::size_t u = 0; u < 5; ++u) {
        QCOMPARE(ranks[u].rank, wanted[u]);
        QCOMPARE(ranks[u].low, wanted[u]);
        QCOMPARE(ranks[u].high, wanted[u]);
    }
}

void TestStatistics::rankTies() {
    Random random(15);
    const std::vector<double> same = normals(random, 50);
    std::vector<double> worse = same;
    for (double& value : worse) value -= 1;
    const auto ranks = rankIntervals({same, worse, same}, 1);
    QCOMPARE(ranks[0].rank, 1);
    QCOMPARE(ranks[2].rank, 1);
    QCOMPARE(ranks[0].high, 2);  // identical units share both places
    QCOMPARE(ranks[1].rank, 3);
    QCOMPARE(ranks[1].low, 3);
    // Pure noise: nobody can be told from the middle.
    std::vector<std::vector<double>> noise;
    for (int unit = 0; unit < 10; ++unit) noise.push_back(normals(random, 100));
    for (const auto& rank : rankIntervals(noise, 2)) QVERIFY(rank.high - rank.low >= 3);
    QVERIFY(rankIntervals({}, 1).empty());
    QVERIFY(errorOf([] { (void)rankIntervals({{1, 2}, {1}}, 1); }).has_value());
}

void TestStatistics::quartilesType7() {
    // R: quantile(c(1, 2, 4, 8, 16, 32)) gives 2.5, 6, 14.
    const Quartiles q = quartiles({32, 1, 8, 2, 16, 4});
    QVERIFY(near(q.q1, 2.5) && near(q.median, 6) && near(q.q3, 14));
    const Quartiles one = quartiles({3});
    QVERIFY(one.q1 == 3 && one.q3 == 3);
    QVERIFY(errorOf([] { (void)quartiles({}); }).has_value());
}

void TestStatistics::spearmanKnown() {
    const std::vector<double> a = {1, 2, 3, 4, 5}, b = {2, 1, 4, 3, 5}, tied = {1, 1, 2, 2, 3}, flat(5, 1.0);
    QVERIFY(near(spearman(a, a), 1) && near(spearman(a, b), 0.8));  // 1 - 6 * 4 / (5 * 24)
    const std::vector<double> reversed = {5, 4, 3, 2, 1};
    QVERIFY(near(spearman(a, reversed), -1));
    QVERIFY(near(spearman(a, tied), 9 / std::sqrt(10 * 9.0)));  // mid-ranks 1.5 1.5 3.5 3.5 5
    QCOMPARE(spearman(a, flat), 0.0);
}

void TestStatistics::paretoBruteForce() {
    Random random(17);
    for (int trial = 0; trial < 300; ++trial) {
        std::vector<ParetoPoint> points(random.below(25));
        for (ParetoPoint& p : points) {  // a coarse grid makes ties of every kind
            p.x = random.below(6);
            p.y = random.below(6);
            p.x_low = p.x - random.below(3);
            p.x_high = p.x + random.below(3);
            p.y_low = p.y - random.below(3);
            p.y_high = p.y + random.below(3);
        }
        const ParetoResult result = pareto(points);
        for (std::size_t i = 0; i < points.size(); ++i) {
            bool dominated = false, beyond = false;
            for (const ParetoPoint& p : points) {
                dominated |= p.x >= points[i].x && p.y >= points[i].y && (p.x > points[i].x || p.y > points[i].y);
                beyond |= p.x_low > points[i].x_high && p.y_low > points[i].y_high;
            }
            QCOMPARE(static_cast<bool>(result.on_front[i]), !dominated);
            QCOMPARE(static_cast<bool>(result.dominated_beyond_error[i]), beyond);
            QCOMPARE(result.dominated_by[i] >= 0, dominated);
            if (dominated) {
                const ParetoPoint& by = points[static_cast<std::size_t>(result.dominated_by[i])];
                QVERIFY(by.x >= points[i].x && by.y >= points[i].y && (by.x > points[i].x || by.y > points[i].y));
            }
        }
    }
}

void TestStatistics::paretoKnee() {
    const auto at = [](double x, double y) { return ParetoPoint{x, x, x, y, y, y}; };
    QCOMPARE(pareto({at(0, 10), at(8, 9), at(10, 0)}).knee, std::ptrdiff_t{1});
    QCOMPARE(pareto({at(0, 10), at(1, 1), at(10, 0)}).knee, std::ptrdiff_t{-1});  // below the chord
    QCOMPARE(pareto({at(0, 10)}).knee, std::ptrdiff_t{-1});
    QCOMPARE(pareto({}).knee, std::ptrdiff_t{-1});
    const ParetoResult odd = pareto({at(std::nan(""), 1), at(1, 1)});
    QVERIFY(!odd.on_front[0] && odd.on_front[1]);
}

QTEST_APPLESS_MAIN(TestStatistics)
#include "tst_statistics.moc"
