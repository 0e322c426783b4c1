// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <cmath>
#include <limits>
#include <random>

#include "core/formats/dequantise.h"
#include "core/formats/quantise.h"

using namespace airframe;

/// Every type that we write: values go there and back within the error that its rounding allows.
class TestQuantise : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void roundTrip_data();
    void roundTrip();
    void zerosStayZero();
    void tinyValues();
    void whatCannotBeStored();
};

namespace {

constexpr std::size_t block = 32;

void everyType() {
    QTest::addColumn<QString>("name");
    for (const Quantiser& type : quantisers()) QTest::newRow(std::string(type.name).c_str()) << QString::fromStdString(std::string(type.name));
}

/// Half a unit in the last place of a half: relative 2^-11, or 2^-25 below the normal range.
double halfError(double value) { return std::max(std::abs(value) * 0x1p-11, 0x1p-25); }

/// What a block of values may lose. The quotient x/d is rounded to a whole number, half a step off at most (a whole one where
/// a level lacks: Q4_0's positive end when the extremes are alike, at most half a step further; see below), the scale d and
/// the minimum m are rounded to halves, and a few float32 roundings come on top.
double bound(std::string_view type, const float* x) {
    double largest = 0, low = x[0], high = x[0];
    for (std::size_t j = 0; j < block; ++j) {
        largest = std::max(largest, std::abs(double{x[j]}));
        low = std::min(low, double{x[j]});
        high = std::max(high, double{x[j]});
    }
    const double slack = 1e-6 * largest;
    if (type == "F32") return 0;
    if (type == "F16") return halfError(largest);
    if (type == "Q8_0") return largest / 127 / 2 + 127 * halfError(largest / 127) + slack;
    // 16 levels from -8 to 7: the value at +8 steps, should there be one, becomes 7.
    if (type == "Q4_0") return largest / 8 + 8 * halfError(largest / 8) + slack;
    if (type == "Q4_1") return (high - low) / 15 / 2 + 15 * halfError((high - low) / 15) + halfError(low) + slack;
    return -1;
}

std::vector<float> thereAndBack(const Quantiser& type, const std::vector<float>& values) {
    std::vector<std::byte> bytes(values.size() / type.stored->block * type.stored->block_bytes);
    if (type.convert(values, bytes.data()) != values.size()) return {};
    std::vector<float> out(values.size());
    type.stored->convert(bytes.data(), values.size() / type.stored->block, out.data());
    return out;
}

}  // namespace

void TestQuantise::roundTrip_data() { everyType(); }

void TestQuantise::roundTrip() {
    QFETCH(QString, name);
    const Quantiser* type = quantiser(name.toStdString());
    QVERIFY(type && type->stored && type->stored->name == type->name);
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    std::vector<float> values(block * 900);
    for (std::size_t b = 0; b < values.size() / block; ++b) {
        const float scale = std::pow(10.f, static_cast<float>(b % 9) - 5.f), shift = b % 3 == 0 ? 3.f * scale : 0.f;
        for (std::size_t j = 0; j < block; ++j) values[b * block + j] = normal(random) * scale + shift;
    }
    const std::vector<float> out = thereAndBack(*type, values);
    QCOMPARE(out.size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double allowed = bound(type->name, values.data() + i / block * block);
        QVERIFY(allowed >= 0);
        QVERIFY2(std::abs(double{out[i]} - values[i]) <= allowed, qPrintable(QString("value %1: %2 became %3").arg(i).arg(values[i]).arg(out[i])));
    }
}

void TestQuantise::zerosStayZero() {
    for (const Quantiser& type : quantisers()) {
        for (const float value : thereAndBack(type, std::vector<float>(2 * block))) QCOMPARE(value, 0.f);
    }
}

/// So small that one over the scale overflows: nearly nothing comes back, and nothing that is not a number.
void TestQuantise::tinyValues() {
    std::vector<float> values(block, 1e-40f);
    values[3] = -2e-39f;
    for (const Quantiser& type : quantisers()) {
        const std::vector<float> out = thereAndBack(type, values);
        QCOMPARE(out.size(), values.size());
        for (const float value : out) QVERIFY2(std::abs(value) < 1e-38f, std::string(type.name).c_str());
    }
}

void TestQuantise::whatCannotBeStored() {
    for (const Quantiser& type : quantisers()) {
        std::vector<std::byte> bytes(3 * block * 4);
        for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
            std::vector<float> values(3 * block, 1.f);
            values[40] = bad;
            QVERIFY2(type.convert(values, bytes.data()) == 40, std::string(type.name).c_str());
        }
        // A scale or a value beyond float16.
        std::vector<float> large(3 * block, 1.f);
        large[70] = 1e9f;
        QCOMPARE(type.convert(large, bytes.data()), type.name == "F32" ? large.size() : std::size_t{70});
    }
}

QTEST_APPLESS_MAIN(TestQuantise)
#include "tst_quantise.moc"
