// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <QtTest>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "core/blocks/native_weight.h"
#include "core/formats/dequantise.h"
#include "core/formats/half.h"
#include "core/formats/model_file.h"
#include "core/formats/native_form.h"
#include "kernels/packed_weight.h"
#endif

using namespace airframe;
using kernels::WeightType;

namespace {

/// Four matrices [8, 256] of random blocks in the types given; nothing else of a model file is asked for.
class Matrices final : public ModelFile {
  public:
    explicit Matrices(const std::vector<std::string>& types) {
        std::mt19937_64 random(5);
        for (std::size_t i = 0; i < types.size(); ++i) {
            const StoredType& type = *storedType(types[i]);
            std::vector<std::byte> bytes(8 * 256 / type.block * type.block_bytes);
            std::vector<float> values(8 * 256);
            do {  // scales are random too; only finite values can be rounded to anything
                for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() & 0xBB);
                type.convert(bytes.data(), values.size() / type.block, values.data());
            } while (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }));
            m_tensors.push_back({"m" + std::to_string(i), types[i], {8, 256}, bytes.size()});
            m_bytes.push_back(bytes);
            m_values.push_back(values);
        }
    }
    std::string format() const override { return "test"; }
    const std::filesystem::path& path() const override { return m_path; }
    const ModelConfig& config() const override { return m_config; }
    const std::vector<TensorInfo>& tensors() const override { return m_tensors; }
    std::uint64_t bytes() const override { return 0; }
    std::string hash() const override { return {}; }
    void readFloat(std::string_view name, float* out) const override { std::copy(at(m_values, name).begin(), at(m_values, name).end(), out); }
    void readStored(std::string_view name, std::byte* out) const override { std::copy(at(m_bytes, name).begin(), at(m_bytes, name).end(), out); }
    std::shared_ptr<const Tokenizer> tokenizer() const override { return nullptr; }
    std::string chatTemplate() const override { return {}; }

  private:
    template <class T>
    static const T& at(const std::vector<T>& list, std::string_view name) { return list.at(static_cast<std::size_t>(name.at(1) - '0')); }

    std::filesystem::path m_path = "matrices";
    ModelConfig m_config;
    std::vector<TensorInfo> m_tensors;
    std::vector<std::vector<std::byte>> m_bytes;
    std::vector<std::vector<float>> m_values;
};

}  // namespace

/// Weights of every stored type as the native products read them: as stored, with scales rounded, or rounded to bf16.
class NativeWeightTest : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyStoredType_data() {
        QTest::addColumn<QString>("name");
        for (const StoredType& type : storedTypes()) QTest::newRow(std::string(type.name).c_str()) << QString::fromStdString(std::string(type.name));
    }
    void everyStoredType() {
        QFETCH(QString, name);
        const Matrices file({name.toStdString()});
        compare(file, {"m0"}, packStored(file, {"m0"}, 256));
    }
    void mixedTypes() {
        const Matrices file({"Q4_K", "Q6_K", "Q8_0", "Q3_K", "IQ4_NL"});
        const std::vector<std::string> names = {"m0", "m1", "m2", "m3", "m4"};
        const auto packed = packStored(file, names, 256);
        QVERIFY(packed.type() == WeightType::q8_16);
        compare(file, names, packed);
    }
    void oneThatIsNotQuantisedRoundsAll() {
        const Matrices file({"Q4_K", "BF16"});
        const auto packed = packStored(file, {"m0", "m1"}, 256);
        QVERIFY(packed.type() == WeightType::bfloat16);
        compare(file, {"m0", "m1"}, packed);
    }
    void scalesThatHalvesDoNotHold() {
        const auto held = [](const char* name, std::size_t scale_at, float scale) {
            const StoredType& type = *storedType(name);
            std::vector<std::byte> block(type.block_bytes, std::byte{0x25}), out(8 * 64);
            const std::uint16_t half = toHalf(scale);
            std::memcpy(block.data() + scale_at, &half, sizeof half);
            const std::string_view types[] = {name};
            return toNative(type, block.data(), 1, nativeType(types, 256), out.data());
        };
        QVERIFY(held("Q6_K", 208, 0.01f));
        QVERIFY(!held("Q6_K", 208, 60000.0f));                                       // 37 times that
        QVERIFY(!held("Q6_K", 208, std::numeric_limits<float>::infinity()));
        QVERIFY(!held("Q6_K", 208, std::nanf("")));
        QVERIFY(held("Q6_K", 208, 0x1p-24f));                                        // small, but a whole number of the smallest
        QVERIFY(held("Q5_0", 0, 60000.0f));                                          // as it lies in the file
    }

  private:
    /// How far each value of a matrix may lie from its file's: see toNative() and nativeType().
    static std::vector<float> allowances(const ModelFile& file, const std::string& name, WeightType packed) {
        std::vector<float> allowed(8 * 256);
        const TensorInfo& info = *file.find(name);
        const StoredType& type = *storedType(info.type);
        if (packed == WeightType::bfloat16) {
            file.readFloat(name, allowed.data());
            // bf16 has 8 significant bits, so rounding moves a value by at most 2^-8 of it, or half the smallest subnormal.
            for (float& value : allowed) value = std::max(std::abs(value) * 0x1p-8f, 0x1p-134f);
            return allowed;
        }
        const bool exact = info.type.find("_K") == std::string::npos;  // scales are halves in the file already
        std::vector<std::byte> stored(info.bytes);
        file.readStored(name, stored.data());
        std::vector<IntegerBlock> blocks(allowed.size() / IntegerBlock::size);
        for (std::size_t b = 0; b < allowed.size() / type.block; ++b)
            type.decode(stored.data() + b * type.block_bytes, blocks.data() + b * type.block / IntegerBlock::size);
        for (std::size_t i = 0; i < allowed.size(); ++i) {
            const IntegerBlock& block = blocks[i / 32];
            const std::size_t h = i % 32 / 16;
            const float product = std::abs(block.scale[h] * static_cast<float>(block.n[i % 32])), minimum = std::abs(block.minimum[h]);
            if (!exact) allowed[i] = 0x1p-11f * (product + minimum) + 0x1p-25f * 32 + 0x1p-20f * std::abs(block.scale[h]);
        }
        return allowed;
    }
    static void compare(const ModelFile& file, const std::vector<std::string>& names, const kernels::PackedWeight& packed) {
        QCOMPARE(packed.rows(), 8 * names.size());
        std::vector<float> wanted(8 * 256), row(256);
        for (std::size_t m = 0; m < names.size(); ++m) {
            file.readFloat(names[m], wanted.data());
            const std::vector<float> allowed = allowances(file, names[m], packed.type());
            for (std::size_t r = 0; r < 8; ++r) {
                packed.dequantizeRow(m * 8 + r, row.data());
                for (std::size_t c = 0; c < 256; ++c) {
                    const std::size_t i = r * 256 + c;
                    QVERIFY2(std::abs(row[c] - wanted[i]) <= allowed[i],
                             qPrintable(QString("row %1 column %2: %3 became %4").arg(r).arg(c).arg(wanted[i]).arg(row[c])));
                }
            }
        }
    }
};

QTEST_APPLESS_MAIN(NativeWeightTest)
#include "tst_native_weight.moc"
