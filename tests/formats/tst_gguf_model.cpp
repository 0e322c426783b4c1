// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <cstring>

#include "core/base/error.h"
#include "core/formats/gguf.h"
#include "core/formats/gguf_model_writer.h"
#include "core/formats/model_file.h"
#include "core/formats/quantise.h"
#include "core/formats/rope_frequencies.h"
#include "gguf_sample.h"
#include "support/temporary_folder.h"

using namespace airframe;
using namespace airframe::test;
namespace fs = std::filesystem;

/// Whole models, written and read back: the same config, the same tokenizer, the same weights to the stored type's rounding.
class TestGgufModel : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void thereAndBack_data();
    void thereAndBack();
    void storages_data();
    void storages();
    void tokenizerAndFacts();
    void fewerTokensThanRows();
    void rotatedRowsOfTheFile();
    void wrongTensors();
    void valueThatDoesNotFit();
    void otherStorage();
    void stopped();
};

namespace {

using Change = void (*)(ModelConfig&);

struct Case {
    const char* name;
    const char* architecture;  ///< that the file must be of
    Change change;
};

void factors(std::vector<double>& list, double step) {
    for (int i = 0; i < 8; ++i) list.push_back(1 + i * step);  // head_dim / 2, exact in float32
}

/// Everything that a config can say, and under which architecture it is to be written.
constexpr Case cases[] = {
    {"llama", "llama", [](ModelConfig&) {}},
    {"untied", "llama", [](ModelConfig& c) { c.tied = false; }},
    {"head_dim of its own", "llama", [](ModelConfig& c) { c.head_dim = 32; }},
    {"llama with biases", "llama", [](ModelConfig& c) { c.qkv_bias = c.o_bias = c.mlp_bias = true; }},
    {"linear", "llama", [](ModelConfig& c) { c.rope_scaling.kind = RopeScaling::Kind::linear, c.rope_scaling.factor = 4; }},
    {"yarn", "qwen2",
     [](ModelConfig& c) {
         c.qkv_bias = true;
         c.rope_scaling.kind = RopeScaling::Kind::yarn, c.rope_scaling.factor = 4, c.rope_scaling.original_context = 32;
         c.rope_scaling.beta_fast = 16, c.rope_scaling.beta_slow = 2;
     }},
    {"yarn, not truncated", "airframe",
     [](ModelConfig& c) {
         c.rope_scaling.kind = RopeScaling::Kind::yarn, c.rope_scaling.factor = 4, c.rope_scaling.truncate = false;
         c.rope_scaling.mscale = 0.7, c.rope_scaling.mscale_all_dim = 0.9;
     }},
    {"frequency factors", "llama", [](ModelConfig& c) { factors(c.rope_scaling.frequency_factors, 0.5); }},
    {"longrope", "llama",
     [](ModelConfig& c) {
         c.rope_scaling.kind = RopeScaling::Kind::longrope, c.rope_scaling.factor = 4, c.rope_scaling.original_context = 32;
         c.rope_scaling.attention_factor = 1.25;
         factors(c.rope_scaling.short_factor, 0.25), factors(c.rope_scaling.long_factor, 2);
     }},
    {"dynamic", "airframe", [](ModelConfig& c) { c.rope_scaling.kind = RopeScaling::Kind::dynamic, c.rope_scaling.factor = 2; }},
    {"llama3 scaling on Qwen's halves", "airframe",
     [](ModelConfig& c) {
         c.qk_norm = true;
         c.rope_scaling.kind = RopeScaling::Kind::llama3, c.rope_scaling.factor = 8, c.rope_scaling.original_context = 64;
     }},
    {"a window that covers the context", "llama", [](ModelConfig& c) { c.layer[0].window = c.layer[1].window = 4096; }},
    {"a window", "airframe", [](ModelConfig& c) { c.layer[0].window = c.layer[1].window = 24; }},
    {"qwen2", "qwen2", [](ModelConfig& c) { c.qkv_bias = true; }},
    {"qwen3", "qwen3", [](ModelConfig& c) { c.qk_norm = true, c.head_dim = 32; }},
    {"gemma", "airframe",
     [](ModelConfig& c) {
         c.qk_norm = c.post_norms = c.norm_plus_one = true;
         c.activation = Activation::gelu_tanh;
         c.embedding_scale = 8, c.query_scale = 0.3, c.rope_local_theta = 1234.5;
         c.layer[1].window = 16, c.layer[1].local_rope = true;
     }},
    {"hybrid", "airframe",
     [](ModelConfig& c) {
         c.layer[1].block = "jet";
         c.block_dims["jet"] = {{"heads", 2}, {"k", 6}, {"v", 8}, {"generator", 3}};
         c.jet_norm_eps = 3e-5;
         c.rms_eps = 1e-5;  // no float32: our own keys are float64
         c.qkv_bias = true;
     }},
    {"hybrid with windows", "airframe",
     [](ModelConfig& c) {
         c.layer[0].block = "swa";
         c.block_dims["swa"] = {{"window", 20}};
     }},
};

void compare(const RopeScaling& a, const RopeScaling& b) {
    QCOMPARE(static_cast<int>(a.kind), static_cast<int>(b.kind));
    QCOMPARE(a.factor, b.factor);
    QCOMPARE(a.original_context, b.original_context);
    QCOMPARE(a.low_freq_factor, b.low_freq_factor);
    QCOMPARE(a.high_freq_factor, b.high_freq_factor);
    QCOMPARE(a.beta_fast, b.beta_fast);
    QCOMPARE(a.beta_slow, b.beta_slow);
    QCOMPARE(a.mscale, b.mscale);
    QCOMPARE(a.mscale_all_dim, b.mscale_all_dim);
    QCOMPARE(a.truncate, b.truncate);
    QCOMPARE(a.attention_factor, b.attention_factor);
    QVERIFY(a.short_factor == b.short_factor && a.long_factor == b.long_factor && a.frequency_factors == b.frequency_factors);
}

void compare(const ModelConfig& a, const ModelConfig& b) {
    for (int ModelConfig::*field : {&ModelConfig::layers, &ModelConfig::hidden, &ModelConfig::intermediate, &ModelConfig::heads,
                                    &ModelConfig::kv_heads, &ModelConfig::head_dim, &ModelConfig::vocab, &ModelConfig::context,
                                    &ModelConfig::bos_id, &ModelConfig::eos_id}) {
        QCOMPARE(a.*field, b.*field);
    }
    for (bool ModelConfig::*field : {&ModelConfig::tied, &ModelConfig::add_bos, &ModelConfig::qkv_bias, &ModelConfig::o_bias, &ModelConfig::mlp_bias,
                                     &ModelConfig::qk_norm, &ModelConfig::post_norms, &ModelConfig::norm_plus_one}) {
        QCOMPARE(a.*field, b.*field);
    }
    for (double ModelConfig::*field : {&ModelConfig::rms_eps, &ModelConfig::rope_theta, &ModelConfig::rope_local_theta, &ModelConfig::embedding_scale,
                                       &ModelConfig::query_scale, &ModelConfig::jet_norm_eps}) {
        QCOMPARE(a.*field, b.*field);
    }
    QVERIFY(a.activation == b.activation);
    QVERIFY(a.block_dims == b.block_dims);
    QCOMPARE(a.layer.size(), b.layer.size());
    for (std::size_t i = 0; i < a.layer.size(); ++i) {
        QCOMPARE(a.layer[i].block, b.layer[i].block);
        QCOMPARE(a.layer[i].window, b.layer[i].window);
        QCOMPARE(a.layer[i].local_rope, b.layer[i].local_rope);
    }
    compare(a.rope_scaling, b.rope_scaling);
}

GgufWritten write(const fs::path& file, const ModelConfig& config, const SampleWeights& weights, const std::string& storage = "F16",
                  RunControl* control = nullptr) {
    return writeGgufModel(file, config, sampleTokenizer(), "", {}, weights.sources, storage, control);
}

/// Every tensor row by row through the quantiser and back is what must be read.
void compareTensors(const ModelFile& file, const SampleWeights& weights, const std::string& storage) {
    for (std::size_t t = 0; t < weights.sources.size(); ++t) {
        const GgufTensorSource& source = weights.sources[t];
        const std::vector<float>& values = weights.values[t];
        const TensorInfo* info = file.find(source.hf_name);
        QVERIFY2(info, source.hf_name.c_str());
        QVERIFY(info->shape == source.shape);
        const bool matrix = source.shape.size() == 2, whole = source.shape.back() % 32 == 0;
        const std::string type = !matrix ? "F32" : whole ? storage : "F16";
        QCOMPARE(info->type, type);
        const Quantiser& q = *quantiser(type);
        std::vector<std::byte> wanted(info->bytes), found(info->bytes);
        QCOMPARE(q.convert(values, wanted.data()), values.size());
        file.readStored(source.hf_name, found.data());
        QVERIFY2(wanted == found, source.hf_name.c_str());
        std::vector<float> floats(values.size()), back(values.size());
        q.stored->convert(wanted.data(), values.size() / q.stored->block, floats.data());
        file.readFloat(source.hf_name, back.data());
        QVERIFY2(std::memcmp(floats.data(), back.data(), floats.size() * sizeof(float)) == 0, source.hf_name.c_str());
    }
    QCOMPARE(file.tensors().size(), weights.sources.size());
}

}  // namespace

void TestGgufModel::thereAndBack_data() {
    QTest::addColumn<int>("row");
    for (int i = 0; i < static_cast<int>(std::size(cases)); ++i) QTest::newRow(cases[i].name) << i;
}

void TestGgufModel::thereAndBack() {
    QFETCH(int, row);
    const Case& one = cases[row];
    ModelConfig config = sampleConfig();
    one.change(config);
    const TemporaryFolder folder;
    const SampleWeights weights(config);
    const GgufWritten written = write(folder / "model.gguf", config, weights);
    QCOMPARE(written.architecture, std::string(one.architecture));
    QCOMPARE(written.bytes, fs::file_size(written.path));
    const auto file = ModelFile::open(written.path);
    QCOMPARE(file->config().architecture, std::string(one.architecture));
    QCOMPARE(file->hash(), written.sha256);
    compare(file->config(), config);
    if (QTest::currentTestFailed()) return;
    compareTensors(*file, weights, "F16");
}

void TestGgufModel::storages_data() {
    QTest::addColumn<QString>("storage");
    QTest::addColumn<int>("file_type");
    QTest::newRow("F16") << "F16" << 1;
    QTest::newRow("Q8_0") << "Q8_0" << 7;
    QTest::newRow("Q4_0") << "Q4_0" << 2;
    QTest::newRow("Q4_1") << "Q4_1" << 3;
}

void TestGgufModel::storages() {
    QFETCH(QString, storage);
    QFETCH(int, file_type);
    const TemporaryFolder folder;
    ModelConfig config = sampleConfig();
    config.intermediate = 40;  // down's rows are no whole number of 32
    const SampleWeights weights(config);
    (void)write(folder / "model.gguf", config, weights, storage.toStdString());
    compareTensors(*ModelFile::open(folder / "model.gguf"), weights, storage.toStdString());
    const GgufFile container(folder / "model.gguf");
    QCOMPARE(container.get("general.file_type").integer(), file_type);
}

void TestGgufModel::tokenizerAndFacts() {
    const TemporaryFolder folder;
    ModelConfig config = sampleConfig();
    config.add_bos = true;
    TokenizerData tokenizer = sampleTokenizer();
    tokenizer.add_bos = true;
    const SampleWeights weights(config);
    const std::map<std::string, std::string> facts{{"name", "sample"}, {"license", "apache-2.0"}, {"Made by", "a test"}};
    (void)writeGgufModel(folder / "model.gguf", config, tokenizer, "{{ messages }}", facts, weights.sources, "Q8_0", nullptr);
    const auto file = ModelFile::open(folder / "model.gguf");
    const TokenizerData& back = file->tokenizer()->data();
    QVERIFY(back.tokens == tokenizer.tokens && back.types == tokenizer.types && back.merges == tokenizer.merges);
    QCOMPARE(back.pre, tokenizer.pre);
    QCOMPARE(back.bos_id, 1);
    QCOMPARE(back.eos_id, 2);
    QVERIFY(back.add_bos && file->config().add_bos);
    QCOMPARE(file->chatTemplate(), std::string("{{ messages }}"));
    QCOMPARE(file->facts().at("name"), std::string("sample"));
    QCOMPARE(file->facts().at("license"), std::string("apache-2.0"));
    QCOMPARE(GgufFile(folder / "model.gguf").get("general._ade_by").text(), std::string("a test"));
}

void TestGgufModel::fewerTokensThanRows() {
    const TemporaryFolder folder;
    ModelConfig config = sampleConfig();
    config.vocab += 5;
    const SampleWeights weights(config);
    (void)write(folder / "model.gguf", config, weights);
    const auto file = ModelFile::open(folder / "model.gguf");
    QCOMPARE(file->tokenizer()->size(), config.vocab);
    QCOMPARE(file->tokenizer()->data().types.back(), 5);
    QCOMPARE(file->tokenizer()->encode("the inn"), Tokenizer(sampleTokenizer(), "sample").encode("the inn"));
    config.vocab -= 6;
    const SampleWeights fewer(config);
    QVERIFY_EXCEPTION_THROWN((void)write(folder / "fewer.gguf", config, fewer), Failure);
}

/// The file itself has pairs of rows side by side in a llama, and halves in a Qwen: what llama.cpp rotates.
void TestGgufModel::rotatedRowsOfTheFile() {
    for (const bool interleaved : {true, false}) {
        const TemporaryFolder folder;
        ModelConfig config = sampleConfig();
        config.qkv_bias = true;
        config.o_bias = interleaved;  // makes it a llama
        const SampleWeights weights(config);
        QCOMPARE(write(folder / "model.gguf", config, weights).architecture, std::string(interleaved ? "llama" : "qwen2"));
        const GgufFile file(folder / "model.gguf");
        int seen = 0;
        for (std::size_t t = 0; t < weights.sources.size(); ++t) {
            const std::string& name = weights.sources[t].hf_name;
            if (name != "model.layers.1.self_attn.k_proj.bias") continue;
            for (const GgufTensor& tensor : file.tensors()) {
                if (tensor.name != "blk.1.attn_k.bias") continue;
                std::vector<float> stored(32);
                tensor.type->convert(tensor.bytes.data(), stored.size(), stored.data());
                // Head 1 begins at 16; its first pair is (0, 8), its second (1, 9).
                QCOMPARE(stored[16], weights.values[t][16]);
                QCOMPARE(stored[17], weights.values[t][interleaved ? 24 : 17]);
                QCOMPARE(stored[18], weights.values[t][interleaved ? 17 : 18]);
                ++seen;
            }
        }
        QCOMPARE(seen, 1);
    }
}

void TestGgufModel::wrongTensors() {
    const TemporaryFolder folder;
    const ModelConfig config = sampleConfig();
    const SampleWeights weights(config);
    const auto refuses = [&](const std::vector<GgufTensorSource>& sources, const char* message) {
        try {
            (void)writeGgufModel(folder / "model.gguf", config, sampleTokenizer(), "", {}, sources, "F16", nullptr);
            QFAIL("was written");
        } catch (const Failure& failure) {
            QCOMPARE(failure.error().code, ErrorCode::internal);
            QVERIFY2(QString(failure.what()).contains(message), failure.what());
        }
        QVERIFY(fs::is_empty(folder.path()));
    };
    auto sources = weights.sources;
    sources.pop_back();
    refuses(sources, "missing");
    sources = weights.sources;
    sources.push_back(sources.front());
    refuses(sources, "twice");
    sources = weights.sources;
    sources.push_back(sources.front());
    sources.back().hf_name = "model.layers.7.input_layernorm.weight";
    refuses(sources, "has no such tensor");
    sources = weights.sources;
    sources[3].shape.push_back(1);
    refuses(sources, "shape");
    sources = weights.sources;
    sources[3].values = [] { return std::vector<float>(7); };
    refuses(sources, "values were given");
}

void TestGgufModel::valueThatDoesNotFit() {
    const TemporaryFolder folder;
    const ModelConfig config = sampleConfig();
    SampleWeights weights(config);
    weights.values[2][70] = 1e9f;  // q_proj of layer 0, row 1
    try {
        (void)write(folder / "model.gguf", config, weights, "Q8_0");
        QFAIL("was written");
    } catch (const Failure& failure) {
        QCOMPARE(failure.error().code, ErrorCode::bad_input);
        QVERIFY2(QString(failure.what()).contains("row 1, column 6"), failure.what());
    }
    QVERIFY(fs::is_empty(folder.path()));
}

void TestGgufModel::otherStorage() {
    const TemporaryFolder folder;
    const ModelConfig config = sampleConfig();
    const SampleWeights weights(config);
    try {
        (void)write(folder / "model.gguf", config, weights, "Q6_K");
        QFAIL("was written");
    } catch (const Failure& failure) {
        QCOMPARE(failure.error().code, ErrorCode::options);
    }
}

void TestGgufModel::stopped() {
    struct StopsAfter final : RunControl {
        int left;
        double done = 0, total = 0;
        explicit StopsAfter(int n) : left(n) {}
        bool checkpoint() override { return left-- > 0; }
        void progress(const Progress& p) override { done = p.done, total = p.total; }
    };
    const TemporaryFolder folder;
    const ModelConfig config = sampleConfig();
    const SampleWeights weights(config);
    StopsAfter five(5), all(1000);
    try {
        (void)write(folder / "model.gguf", config, weights, "F16", &five);
        QFAIL("was written");
    } catch (const Failure& failure) {
        QCOMPARE(failure.error().code, ErrorCode::interrupted);
    }
    QVERIFY(five.done > 0 && five.done < five.total);
    QVERIFY(fs::is_empty(folder.path()));
    (void)write(folder / "model.gguf", config, weights, "F16", &all);
    QCOMPARE(all.done, all.total);
}

QTEST_APPLESS_MAIN(TestGgufModel)
#include "tst_gguf_model.moc"
