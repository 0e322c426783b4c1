// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "core/formats/dequantise.h"
#include "core/formats/quantise.h"
#include "gguf_sample.h"
#include "support/python.h"
#include "support/temporary_folder.h"

using namespace airframe;
using namespace airframe::test;

/// Against the gguf package of Python: every type bit for bit in both directions over random blocks, and our files read by it.
class TestGgufPython : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase() { AIRFRAME_NEED_PYTHON("gguf"); }
    void dequantise_data();
    void dequantise();
    void quantise_data();
    void quantise();
    void writtenModelIsRead();
};

namespace {

template <class T>
void save(const std::filesystem::path& file, const std::vector<T>& data) {
    std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(data.data()), static_cast<std::streamsize>(data.size() * sizeof(T)));
}

template <class T>
std::vector<T> load(const std::filesystem::path& file) {
    std::vector<T> data(std::filesystem::file_size(file) / sizeof(T));
    std::ifstream(file, std::ios::binary).read(reinterpret_cast<char*>(data.data()), static_cast<std::streamsize>(data.size() * sizeof(T)));
    return data;
}

QString text(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

}  // namespace

void TestGgufPython::dequantise_data() {
    QTest::addColumn<QString>("name");
    for (const StoredType& type : storedTypes()) QTest::newRow(std::string(type.name).c_str()) << QString::fromStdString(std::string(type.name));
}

/// Every byte random, the scales too, so that subnormal, infinite and undefined ones occur.
void TestGgufPython::dequantise() {
    QFETCH(QString, name);
    const StoredType& type = *storedType(name.toStdString());
    const TemporaryFolder folder;
    const std::size_t blocks = 4096;
    std::mt19937_64 random(type.ggml + 1);
    std::vector<std::uint8_t> bytes(blocks * type.block_bytes);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    save(folder / "in", bytes);
    const PythonRun run = runPython(R"(
import sys, warnings, numpy as np
from gguf import GGMLQuantizationType
from gguf.quants import dequantize
warnings.simplefilter("ignore")
data = np.fromfile(sys.argv[1], dtype=np.uint8).reshape(-1, int(sys.argv[4]))
kind = GGMLQuantizationType[sys.argv[3]]
if kind.name == "F32": data = data.view(np.float32)
if kind.name == "F16": data = data.view(np.float16)
np.ascontiguousarray(dequantize(data, kind), dtype=np.float32).tofile(sys.argv[2])
)",
                                    {text(folder / "in"), text(folder / "out"), name, QString::number(type.block_bytes * (type.block == 1 ? 32 : 1))});
    QVERIFY2(run.fine, run.error.c_str());
    const std::vector<float> wanted = load<float>(folder / "out");
    std::vector<float> found(blocks * type.block);
    type.convert(reinterpret_cast<const std::byte*>(bytes.data()), blocks, found.data());
    QCOMPARE(wanted.size(), found.size());
    std::size_t undefined = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (std::isnan(wanted[i]) && std::isnan(found[i])) {
            ++undefined;  // which of the NaNs is the processor's choice
            continue;
        }
        if (std::memcmp(&wanted[i], &found[i], sizeof(float)) != 0) {
            QFAIL(qPrintable(QString("value %1: %2 was wanted, found %3").arg(i).arg(double{wanted[i]}, 0, 'g', 9).arg(double{found[i]}, 0, 'g', 9)));
        }
    }
    QVERIFY(undefined < found.size() / 4);
}

void TestGgufPython::quantise_data() {
    QTest::addColumn<QString>("name");
    for (const Quantiser& type : quantisers()) QTest::newRow(std::string(type.name).c_str()) << QString::fromStdString(std::string(type.name));
}

void TestGgufPython::quantise() {
    QFETCH(QString, name);
    const Quantiser& type = *quantiser(name.toStdString());
    const TemporaryFolder folder;
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::vector<float> values(32 * 20000);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t block = i / 32;
        values[i] = normal(random) * std::pow(10.f, static_cast<float>(block % 7) - 4.f);
        // Multiples of a power of two: quotients that fall on the middle between two levels.
        // No negative zeros: whose sign a block of zeros has is all the same, and the two take different ones.
        if (block % 5 == 0) values[i] = std::round(values[i] * 1024) / 1024 + 0.f;
        if (block % 11 == 0) values[i] = 0;
    }
    save(folder / "in", values);
    const PythonRun run = runPython(R"(
import sys, warnings, numpy as np
from gguf import GGMLQuantizationType
from gguf.quants import quantize
warnings.simplefilter("ignore")
data = np.fromfile(sys.argv[1], dtype=np.float32).reshape(-1, 32)
np.ascontiguousarray(quantize(data, GGMLQuantizationType[sys.argv[3]])).tofile(sys.argv[2])
)",
                                    {text(folder / "in"), text(folder / "out"), name});
    QVERIFY2(run.fine, run.error.c_str());
    const auto wanted = load<std::byte>(folder / "out");
    std::vector<std::byte> found(values.size() / type.stored->block * type.stored->block_bytes);
    QCOMPARE(type.convert(values, found.data()), values.size());
    QCOMPARE(wanted.size(), found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (wanted[i] != found[i]) QFAIL(qPrintable(QString("byte %1 (block %2)").arg(i).arg(i / type.stored->block_bytes)));
    }
}

/// The keys with the types that llama.cpp insists on, and the values of a tensor.
void TestGgufPython::writtenModelIsRead() {
    const TemporaryFolder folder;
    ModelConfig config = sampleConfig();
    config.rope_scaling.frequency_factors.assign(8, 2.0);
    const SampleWeights weights(config);
    (void)writeGgufModel(folder / "model.gguf", config, sampleTokenizer(), "{{ x }}", {{"name", "sample"}}, weights.sources, "Q4_0", nullptr);
    const PythonRun run = runPython(R"(
import sys, json, numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize
r = GGUFReader(sys.argv[1])
keys = {k: ["/".join(t.name for t in f.types), f.contents()] for k, f in r.fields.items() if not k.startswith("GGUF.")}
tensors = {t.name: [t.tensor_type.name, [int(n) for n in reversed(t.shape)], float(dequantize(t.data, t.tensor_type).astype(np.float64).sum())] for t in r.tensors}
print(json.dumps({"keys": keys, "tensors": tensors}))
)",
                                    {text(folder / "model.gguf")});
    QVERIFY2(run.fine, run.error.c_str());
    const auto read = nlohmann::json::parse(run.output);
    const auto key = [&](const char* name, const char* type, const nlohmann::json& value) {
        QVERIFY2(read["keys"].contains(name), name);
        const auto& found = read["keys"][name];
        QVERIFY2(found[0] == type && found[1] == value, (std::string(name) + ": " + found.dump()).c_str());
    };
    key("general.architecture", "STRING", "llama");
    key("general.file_type", "UINT32", 2);
    key("general.quantization_version", "UINT32", 2);
    key("general.name", "STRING", "sample");
    key("llama.block_count", "UINT32", 2);
    key("llama.context_length", "UINT32", 128);
    key("llama.embedding_length", "UINT32", 64);
    key("llama.feed_forward_length", "UINT32", 96);
    key("llama.attention.head_count", "UINT32", 4);
    key("llama.attention.head_count_kv", "UINT32", 2);
    key("llama.attention.key_length", "UINT32", 16);
    key("llama.rope.dimension_count", "UINT32", 16);
    key("llama.rope.freq_base", "FLOAT32", 50000.0);
    key("llama.attention.layer_norm_rms_epsilon", "FLOAT32", 0x1p-17);
    key("llama.vocab_size", "UINT32", config.vocab);
    key("tokenizer.ggml.model", "STRING", "gpt2");
    key("tokenizer.ggml.pre", "STRING", "smollm");
    key("tokenizer.ggml.tokens", "ARRAY/STRING", sampleTokenizer().tokens);
    key("tokenizer.ggml.token_type", "ARRAY/INT32", sampleTokenizer().types);
    key("tokenizer.ggml.merges", "ARRAY/STRING", sampleTokenizer().merges);
    key("tokenizer.ggml.bos_token_id", "UINT32", 1);
    key("tokenizer.ggml.eos_token_id", "UINT32", 2);
    key("tokenizer.ggml.add_bos_token", "BOOL", false);
    key("tokenizer.chat_template", "STRING", "{{ x }}");
    QCOMPARE(read["tensors"].size(), weights.sources.size() + 1);
    QVERIFY(read["tensors"]["rope_freqs.weight"] == nlohmann::json::array({"F32", {8}, 16.0}));
    const auto& down = read["tensors"]["blk.1.ffn_down.weight"];
    QVERIFY(down[0] == "Q4_0" && down[1] == nlohmann::json::array({64, 96}));
    for (std::size_t t = 0; t < weights.sources.size(); ++t) {
        if (weights.sources[t].hf_name != "model.layers.1.mlp.down_proj.weight") continue;
        double sum = 0, largest = 0;
        for (const float value : weights.values[t]) sum += value, largest = std::max(largest, std::abs(double{value}));
        // 6144 values, each at most a step off.
        QVERIFY(std::abs(down[2].get<double>() - sum) <= 6144 * largest / 8);
    }
}

QTEST_GUILESS_MAIN(TestGgufPython)
#include "tst_gguf_python.moc"
