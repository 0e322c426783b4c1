// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <cmath>
#include <cstring>

#include "core/formats/dequantise.h"
#include "core/formats/half.h"
#include "core/formats/safetensors.h"
#include "json_data.h"

using namespace airframe;

class TestDequantise : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyTypeBitForBit();
    void levelsOfIq4Nl();
    void halfSpecialValues();
    void everyHalfThereAndBack();
    void halvesRoundToNearestEven();
};

void TestDequantise::everyTypeBitForBit() {
    const auto path = test::sharedFolder() / "vectors/quants/dequant.safetensors";
    AIRFRAME_NEED(path);
    const SafetensorsFile file(path);
    int checked = 0;
    for (const StoredType& type : storedTypes()) {
        const std::string name(type.name);
        const SafetensorsTensor* bytes = file.find(name + ".bytes");
        if (!bytes) {
            // F32 is stored as it is; IQ4_NL is checked below and against gguf-py. Every other type has reference values.
            QVERIFY2(name == "F32" || name == "IQ4_NL", name.c_str());
            continue;
        }
        const SafetensorsTensor* values = file.find(name + ".values");
        QVERIFY(values);
        const std::size_t blocks = bytes->bytes.size() / type.block_bytes;
        QCOMPARE(blocks * type.block * sizeof(float), values->bytes.size());
        // One byte further in, because blocks in a file are not aligned; a guard value behind the output.
        std::vector<std::byte> shifted(bytes->bytes.size() + 1);
        std::memcpy(shifted.data() + 1, bytes->bytes.data(), bytes->bytes.size());
        std::vector<float> out(blocks * type.block + 1, std::nanf(""));
        type.convert(shifted.data() + 1, blocks, out.data());
        const auto* wanted = reinterpret_cast<const unsigned char*>(values->bytes.data());
        for (std::size_t i = 0; i < blocks * type.block; ++i) {
            QVERIFY2(std::memcmp(&out[i], wanted + 4 * i, 4) == 0, (name + " value " + std::to_string(i)).c_str());
        }
        QVERIFY(std::isnan(out.back()));
        ++checked;
    }
    QCOMPARE(checked, 12);
}

void TestDequantise::halfSpecialValues() {
    const std::uint16_t half[] = {0x0000, 0x8000, 0x0001, 0x03FF, 0x0400, 0x3C00, 0x7BFF, 0xFC00, 0x7E00};
    const float wanted[] = {0.f, -0.f, 0x1p-24f, 1023 * 0x1p-24f, 0x1p-14f, 1.f, 65504.f, -INFINITY};
    float out[9];
    storedType("F16")->convert(reinterpret_cast<const std::byte*>(half), 9, out);
    QCOMPARE(std::memcmp(out, wanted, sizeof wanted), 0);
    QVERIFY(std::isnan(out[8]));
}

/// Scale 2, byte j holding level j in its low half and 15 - j in its high half. The levels are those that ggml publishes.
void TestDequantise::levelsOfIq4Nl() {
    std::byte block[18] = {std::byte{0x00}, std::byte{0x40}};
    for (int j = 0; j < 16; ++j) block[2 + j] = static_cast<std::byte>(j | (15 - j) << 4);
    const float levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    float out[32];
    storedType("IQ4_NL")->convert(block, 1, out);
    for (int j = 0; j < 16; ++j) {
        QCOMPARE(out[j], 2 * levels[j]);
        QCOMPARE(out[16 + j], 2 * levels[15 - j]);
    }
}

void TestDequantise::everyHalfThereAndBack() {
    for (std::uint32_t half = 0; half < 0x10000; ++half) {
        const float value = fromHalf(static_cast<std::uint16_t>(half));
        if (std::isnan(value)) {
            QVERIFY(std::isnan(fromHalf(toHalf(value))));
        } else {
            QCOMPARE(std::uint32_t{toHalf(value)}, half);
        }
    }
}

/// Against the definition: the nearest of the two neighbours, at equal distance the even one.
void TestDequantise::halvesRoundToNearestEven() {
    for (std::uint32_t half = 0; half < 0x7BFF; ++half) {
        const double low = fromHalf(static_cast<std::uint16_t>(half)), high = fromHalf(static_cast<std::uint16_t>(half + 1));
        const auto middle = static_cast<float>((low + high) / 2);  // exact: halves have 11 bits
        QCOMPARE(std::uint32_t{toHalf(middle)}, half + (half & 1));
        QCOMPARE(std::uint32_t{toHalf(std::nextafter(middle, 0.f))}, half);
        QCOMPARE(std::uint32_t{toHalf(std::nextafter(middle, 1e9f))}, half + 1);
        QCOMPARE(std::uint32_t{toHalf(-middle)}, 0x8000u | (half + (half & 1)));
    }
    QCOMPARE(toHalf(65519.996f), std::uint16_t{0x7BFF});
    QCOMPARE(toHalf(65520.f), std::uint16_t{0x7C00});
}

QTEST_APPLESS_MAIN(TestDequantise)
#include "tst_dequantise.moc"
