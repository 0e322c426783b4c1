// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <cmath>
#include <cstring>

#include "core/formats/dequantise.h"
#include "core/formats/safetensors.h"
#include "json_data.h"

using namespace airframe;

class TestDequantise : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyTypeBitForBit();
    void halfSpecialValues();
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
            QCOMPARE(name, std::string("F32"));  // stored as it is; every other type has reference values
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
    QVERIFY(checked >= 5);
}

void TestDequantise::halfSpecialValues() {
    const std::uint16_t half[] = {0x0000, 0x8000, 0x0001, 0x03FF, 0x0400, 0x3C00, 0x7BFF, 0xFC00, 0x7E00};
    const float wanted[] = {0.f, -0.f, 0x1p-24f, 1023 * 0x1p-24f, 0x1p-14f, 1.f, 65504.f, -INFINITY};
    float out[9];
    storedType("F16")->convert(reinterpret_cast<const std::byte*>(half), 9, out);
    QCOMPARE(std::memcmp(out, wanted, sizeof wanted), 0);
    QVERIFY(std::isnan(out[8]));
}

QTEST_APPLESS_MAIN(TestDequantise)
#include "tst_dequantise.moc"
