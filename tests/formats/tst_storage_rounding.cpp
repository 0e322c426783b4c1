// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <random>

#include "core/export/storage_rounding.h"
#include "core/formats/dequantise.h"
#include "core/formats/quantise.h"

using namespace airframe;

/// The bounds by which an export is judged: what our quantiser does lies within, the smallest fault does not.
class TestStorageRounding : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void exactIsAlwaysAllowed();
    void faultsAreFound_data();
    void faultsAreFound();
};

namespace {

constexpr std::size_t count = 64 * 32;

/// Values of many sizes: blocks from 1e-4 (smaller ones have scales that float16 hardly holds) to 1e3, an outlier here and there,
/// zeros.
std::vector<float> values() {
    std::mt19937_64 random(11);
    std::normal_distribution<float> normal;
    std::vector<float> result(count);
    for (std::size_t i = 0; i < count; ++i) {
        const float size = std::pow(10.0f, static_cast<float>(i / 32 % 8) - 4.0f);
        result[i] = i % 97 == 0 ? 0.0f : size * normal(random) * (i % 61 == 0 ? 8.0f : 1.0f);
    }
    return result;
}

}  // namespace

void TestStorageRounding::exactIsAlwaysAllowed() {
    const std::vector<float> w = values();
    for (const char* type : {"F32", "BF16", "F16", "Q8_0", "Q4_0", "Q4_1"}) {
        const StorageRounding found = storageRounding(type, w.data(), w.data(), count);
        QCOMPARE(found.wrong, count);
        QCOMPARE(found.error_squares, 0.0);
    }
    const float nan = std::numeric_limits<float>::quiet_NaN(), one = 1;
    QCOMPARE(storageRounding("Q4_0", &one, &nan, 1).wrong, std::size_t{0});
}

void TestStorageRounding::faultsAreFound_data() {
    QTest::addColumn<QString>("type");
    for (const char* type : {"F16", "Q8_0", "Q4_0", "Q4_1"}) QTest::newRow(type) << type;
}

/// Quantised and read back, every value lies within its bound; one code further off, it does not.
void TestStorageRounding::faultsAreFound() {
    QFETCH(QString, type);
    const std::vector<float> w = values();
    const StoredType& stored = *storedType(type.toStdString());
    std::vector<std::byte> bytes(count / stored.block * stored.block_bytes);
    QCOMPARE(quantiser(stored.name)->convert(w, bytes.data()), count);
    std::vector<float> read(count);
    stored.convert(bytes.data(), count / stored.block, read.data());
    QCOMPARE(storageRounding(stored.name, w.data(), read.data(), count).wrong, count);
    // A quarter of the values of a block moved by its largest: nothing that rounding does.
    std::size_t found = 0;
    for (std::size_t block = 0; block < count / 32; ++block) {
        std::vector<float> wrong = read;
        const float largest = std::fabs(*std::max_element(w.data() + block * 32, w.data() + block * 32 + 32, [](float a, float b) { return std::fabs(a) < std::fabs(b); }));
        wrong[block * 32 + 5] += 1.5f * largest;
        found += storageRounding(stored.name, w.data(), wrong.data(), count).wrong == block * 32 + 5;
    }
    QCOMPARE(found, count / 32);
}

QTEST_APPLESS_MAIN(TestStorageRounding)
#include "tst_storage_rounding.moc"
