// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <functional>
#include <limits>

#include "core/base/error.h"
#include "core/formats/gguf_config.h"
#include "core/formats/gguf_names.h"
#include "core/formats/gguf_rope.h"
#include "core/formats/gguf_tokenizer_writer.h"
#include "core/formats/gguf_writer.h"
#include "core/formats/model_file.h"
#include "core/formats/rope_frequencies.h"
#include "gguf_sample.h"
#include "support/temporary_folder.h"

using namespace airframe;
using namespace airframe::test;

/// Single keys and tensors added to a sound file: understood as written, or refused by name; never passed over.
class TestGgufKeys : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void refused_data();
    void refused();
    void understood();
    void namesBothWays();
    void llama3BecomesFactors();
};

namespace {

using Change = std::function<void(GgufKeys&, std::vector<GgufTensorBytes>&)>;

const std::vector<float> eight_ones(8, 1.f), seven_ones(7, 1.f), sixty_four(64, 1.f), bad_factors{1, 1, 1, 0, 1, 1, 1, 1};

GgufTensorBytes vectorTensor(const char* name, const std::vector<float>& values) {
    return {name, storedType("F32"), {static_cast<std::int64_t>(values.size())}, [&values] { return std::as_bytes(std::span(values)); }};
}

/// A sound model of the architecture with something added.
std::filesystem::path write(const TemporaryFolder& folder, const std::string& architecture, const Change& change) {
    ModelConfig config = sampleConfig(architecture);
    if (architecture == "qwen2") config.qkv_bias = true;
    const GgufArchitecture& row = *ggufArchitecture(architecture);
    const SampleWeights weights(config);
    GgufKeys keys;
    keys.addText("general.architecture", architecture);
    writeGgufConfig(keys, row, config);
    (void)writeGgufRope(keys, row, config);
    writeGgufTokenizer(keys, sampleTokenizer(), config.vocab);
    std::vector<GgufTensorBytes> tensors;
    for (std::size_t t = 0; t < weights.sources.size(); ++t) {
        const auto& values = weights.values[t];
        tensors.push_back({hfToGgufName(weights.sources[t].hf_name, false), storedType("F32"), weights.sources[t].shape, [&values] { return std::as_bytes(std::span(values)); }});
    }
    change(keys, tensors);
    (void)writeGguf(folder / "model.gguf", keys, tensors, nullptr);
    return folder / "model.gguf";
}

struct Refused {
    const char* architecture;
    const char* message;  ///< names the key or tensor
    Change change;
};

using Tensors = std::vector<GgufTensorBytes>;
constexpr float infinite = std::numeric_limits<float>::infinity();

const Refused refusals[] = {
    {"llama", "llama.attn_logit_softcapping: the key is not known", [](GgufKeys& k, Tensors&) { k.addF32("llama.attn_logit_softcapping", 30); }},
    {"llama", "llama.expert_count: mixtures of experts", [](GgufKeys& k, Tensors&) { k.addU32("llama.expert_count", 8); }},
    {"qwen2", "qwen2.attention.causal: is false", [](GgufKeys& k, Tensors&) { k.addBool("qwen2.attention.causal", false); }},
    {"llama", "general.type: a model was wanted", [](GgufKeys& k, Tensors&) { k.addText("general.type", "adapter"); }},
    {"llama", "llama.rope.scaling.type: \"mrope\" is not read", [](GgufKeys& k, Tensors&) { k.addText("llama.rope.scaling.type", "mrope"); }},
    {"llama", "llama.rope.scaling.type: \"llama3\" is not read", [](GgufKeys& k, Tensors&) { k.addText("llama.rope.scaling.type", "llama3"); }},
    {"llama", "factor", [](GgufKeys& k, Tensors&) { k.addF32("llama.rope.scaling.factor", infinite); }},
    {"llama", "factor", [](GgufKeys& k, Tensors&) { k.addF32("llama.rope.scaling.factor", -4); }},
    {"llama", "llama.rope.scaling.factor: a floating-point number was wanted", [](GgufKeys& k, Tensors&) { k.addU32("llama.rope.scaling.factor", 4); }},
    {"llama", "llama.rope.scaling.attn_factor: is read together with",
     [](GgufKeys& k, Tensors&) {
         k.addText("llama.rope.scaling.type", "linear");
         k.addF32("llama.rope.scaling.attn_factor", 2);
     }},
    {"llama", "llama.rope.scaling.type: longrope and the tensors", [](GgufKeys& k, Tensors&) { k.addText("llama.rope.scaling.type", "longrope"); }},
    {"llama", "llama.rope.scaling.type: longrope and the tensors", [](GgufKeys&, Tensors& t) { t.push_back(vectorTensor("rope_factors_long.weight", eight_ones)); }},
    {"qwen2", "qwen2.rope.scaling.type: longrope is read in the llama", [](GgufKeys& k, Tensors&) { k.addText("qwen2.rope.scaling.type", "longrope"); }},
    {"llama", "tensor rope_freqs.weight: 8 values", [](GgufKeys&, Tensors& t) { t.push_back(vectorTensor("rope_freqs.weight", seven_ones)); }},
    {"llama", "frequency factors", [](GgufKeys&, Tensors& t) { t.push_back(vectorTensor("rope_freqs.weight", bad_factors)); }},
    {"qwen2", "tensor rope_freqs.weight", [](GgufKeys&, Tensors& t) { t.push_back(vectorTensor("rope_freqs.weight", eight_ones)); }},
    {"llama", "self_attn.q_norm.weight: a model of this description", [](GgufKeys&, Tensors& t) { t.push_back(vectorTensor("blk.0.attn_q_norm.weight", eight_ones)); }},
    {"llama", "k_proj.bias: is missing", [](GgufKeys&, Tensors& t) { t.push_back(vectorTensor("blk.0.attn_q.bias", sixty_four)); }},
    {"llama", "is stored twice, under two names", [](GgufKeys&, Tensors& t) { t.push_back(vectorTensor("model.norm.weight", sixty_four)); }},
    {"llama", "llama.attention.sliding_window_pattern: is given without", [](GgufKeys& k, Tensors&) { k.addU32("llama.attention.sliding_window_pattern", 4); }},
    {"llama", "llama.attention.sliding_window: 3 values for 2 blocks", [](GgufKeys& k, Tensors&) { k.addI32s("llama.attention.sliding_window", std::vector<int>{1, 2, 3}); }},
    {"llama", "llama.attention.sliding_window: a number from 0", [](GgufKeys& k, Tensors&) { k.addI32s("llama.attention.sliding_window", std::vector<int>{1, -2}); }},
    {"llama", "llama.attention.sliding_window_pattern: 3 values for 2 blocks",
     [](GgufKeys& k, Tensors&) {
         k.addU32("llama.attention.sliding_window", 16);
         k.addBools("llama.attention.sliding_window_pattern", {true, false, true});
     }},
    {"airframe", "airframe.block.jet: a name like", [](GgufKeys& k, Tensors&) { k.addU32("airframe.block.jet", 1); }},
    {"airframe", "airframe.block.jet.heads: a number from 0", [](GgufKeys& k, Tensors&) { k.addI32("airframe.block.jet.heads", -1); }},
    {"airframe", "airframe.rope.scaling.mystery: the key is not known", [](GgufKeys& k, Tensors&) { k.addF32("airframe.rope.scaling.mystery", 1); }},
    {"airframe", "short_factor", [](GgufKeys& k, Tensors&) { k.addText("airframe.rope.scaling.type", "longrope"); }},
    {"airframe", "frequency factors",
     [](GgufKeys& k, Tensors&) { k.addF64s("airframe.rope.scaling.frequency_factors", std::vector<double>{1, 2}); }},
};

}  // namespace

void TestGgufKeys::refused_data() {
    QTest::addColumn<int>("row");
    for (int i = 0; i < static_cast<int>(std::size(refusals)); ++i) QTest::addRow("%d %s", i, refusals[i].message) << i;
}

void TestGgufKeys::refused() {
    QFETCH(int, row);
    const Refused& one = refusals[row];
    const TemporaryFolder folder;
    const auto path = write(folder, one.architecture, one.change);
    try {
        (void)ModelFile::open(path);
        QFAIL("was opened");
    } catch (const Failure& failure) {
        QCOMPARE(failure.error().code, ErrorCode::bad_input);
        QVERIFY2(QString(failure.what()).contains(one.message), failure.what());
        QVERIFY2(QString(failure.what()).contains("model.gguf"), failure.what());
    }
}

/// Forms that other programs write and our writer does not.
void TestGgufKeys::understood() {
    const TemporaryFolder folder;
    const auto config = [&](const std::string& architecture, const Change& change) { return ModelFile::open(write(folder, architecture, change))->config(); };
    const ModelConfig plain = config("qwen2", [](GgufKeys& k, Tensors&) {
        k.addText("qwen2.rope.scaling.type", "none");
        k.addF32("qwen2.rope.scaling.factor", 0);
        k.addBool("qwen2.rope.scaling.finetuned", false);
        k.addU32("qwen2.expert_count", 0);
        k.addText("general.type", "model");
    });
    QVERIFY(plain.rope_scaling.kind == RopeScaling::Kind::none && plain.rope_scaling.factor == 1 && plain.qkv_bias);
    const ModelConfig linear = config("llama", [](GgufKeys& k, Tensors&) { k.addF32("llama.rope.scale_linear", 4); });
    QVERIFY(linear.rope_scaling.kind == RopeScaling::Kind::linear);
    QCOMPARE(linear.rope_scaling.factor, 4.0);
    const ModelConfig yarn = config("llama", [](GgufKeys& k, Tensors&) {
        k.addText("llama.rope.scaling.type", "yarn");
        k.addF32("llama.rope.scaling.factor", 4);
        k.addF32("llama.rope.scaling.attn_factor", 0.5);
    });
    QCOMPARE(yarn.rope_scaling.attention_factor, 0.5 * (1 + 0.1 * std::log(4.0)));
    const auto windows = [&](const Change& pattern) {
        std::vector<int> result;
        const ModelConfig c = config("llama", [&](GgufKeys& k, Tensors& t) {
            k.addU32("llama.attention.sliding_window", 16);
            pattern(k, t);
        });
        for (const LayerConfig& layer : c.layer) result.push_back(layer.window);
        return result;
    };
    QVERIFY((windows([](GgufKeys&, Tensors&) {}) == std::vector<int>{16, 16}));
    QVERIFY((windows([](GgufKeys& k, Tensors&) { k.addBools("llama.attention.sliding_window_pattern", {false, true}); }) == std::vector<int>{0, 16}));
    QVERIFY((windows([](GgufKeys& k, Tensors&) { k.addU32("llama.attention.sliding_window_pattern", 2); }) == std::vector<int>{16, 0}));
}

void TestGgufKeys::namesBothWays() {
    for (const bool post_norms : {false, true}) {
        ModelConfig c = sampleConfig();
        c.qkv_bias = c.o_bias = c.mlp_bias = c.qk_norm = true;
        c.post_norms = post_norms;
        c.tied = false;
        c.layer[1].block = "jet";
        c.block_dims["jet"] = {{"heads", 2}, {"k", 6}, {"v", 8}, {"generator", 3}};
        for (const LayoutTensor& tensor : modelLayout(c)) {
            const std::string name = hfToGgufName(tensor.name, post_norms);
            QVERIFY2(name != tensor.name, name.c_str());
            QCOMPARE(ggufToHfName(name, post_norms), tensor.name);
        }
    }
    for (const char* name : {"blk.x.attn_q.weight", "blk..attn_q.weight", "blk.1", "blk.1.nosuch", "rope_freqs.weight"}) {
        QCOMPARE(ggufToHfName(name, false), std::string(name));
    }
}

/// llama.cpp knows Llama 3.1's scaling only as factors of the frequencies: the same angles must come of them.
void TestGgufKeys::llama3BecomesFactors() {
    ModelConfig c = sampleConfig();
    c.head_dim = 64;
    c.rope_theta = 500000;
    c.rope_scaling.kind = RopeScaling::Kind::llama3;
    c.rope_scaling.factor = 8;
    c.rope_scaling.original_context = 8192;
    c.context = 131072;
    const TemporaryFolder folder;
    const SampleWeights weights(c);
    const GgufWritten written = writeGgufModel(folder / "model.gguf", c, sampleTokenizer(), "", {}, weights.sources, "F16", nullptr);
    QCOMPARE(written.architecture, std::string("llama"));
    const ModelConfig back = ModelFile::open(written.path)->config();
    QVERIFY(back.rope_scaling.kind == RopeScaling::Kind::none);
    const auto wanted = RopeSetting::of(c, false).frequencies(1).frequency, found = RopeSetting::of(back, false).frequencies(1).frequency;
    QCOMPARE(found.size(), std::size_t{32});
    for (std::size_t i = 0; i < found.size(); ++i) QVERIFY(std::abs(found[i] / wanted[i] - 1) <= 0x1p-24);  // factors are float32
    QVERIFY(std::abs(wanted[31] / std::pow(500000.0, -62.0 / 64) - 1.0 / 8) < 1e-12);
    QCOMPARE(wanted[0], 1.0);
}

QTEST_APPLESS_MAIN(TestGgufKeys)
#include "tst_gguf_keys.moc"
