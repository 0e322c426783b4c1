// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <cstring>
#include <fstream>

#include "core/base/error.h"
#include "core/formats/hf_config.h"
#include "core/formats/hf_config_writer.h"
#include "core/formats/hf_tensor_names.h"
#include "core/formats/model_file.h"
#include "core/formats/model_layout.h"
#include "core/formats/safetensors_writer.h"
#include "core/formats/tokenizer.h"
#include "json_data.h"

using namespace airframe;
namespace fs = std::filesystem;

class TestModelFile : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void demoModel();
    void demoModelToFloat();
    void everySupportedFolder();
    void singleSafetensorsFile();
    void hybridFolder();
    void configRoundTrip();
    void namesOfGemma();
    void linksStayInTheFolder();
    void missingPath();
};

namespace {

/// A two-layer hybrid with random weights in the layout that our exporter writes.
ModelConfig tinyHybrid() {
    ModelConfig c;
    c.architecture = "airframe";
    c.layers = 2;
    c.hidden = 16;
    c.intermediate = 24;
    c.heads = 4;
    c.kv_heads = 2;
    c.head_dim = 4;
    c.vocab = 32;
    c.tied = true;
    c.rms_eps = 1e-6;
    c.rope_theta = 5000;
    c.context = 128;
    c.bos_id = 1;
    c.eos_id = 2;
    c.layer = {{"jet"}, {"attn"}};
    c.block_dims["jet"] = {{"heads", 2}, {"k", 6}, {"v", 8}, {"generator", 3}};
    c.jet_norm_eps = 3e-5;
    return c;
}

void writeTiny(const fs::path& folder, const ModelConfig& config) {
    std::vector<std::vector<float>> values;
    for (const LayoutTensor& tensor : modelLayout(config)) {
        std::size_t count = 1;
        for (const auto dim : tensor.shape) count *= static_cast<std::size_t>(dim);
        values.emplace_back(count, static_cast<float>(values.size()));
    }
    std::vector<SafetensorsSource> sources;
    for (const LayoutTensor& tensor : modelLayout(config)) {
        const auto& one = values[sources.size()];
        sources.push_back({tensor.name, "F32", tensor.shape, [&one] { return std::as_bytes(std::span(one)); }});
    }
    writeSafetensors(folder / "model.safetensors", sources);
    std::ofstream(folder / "config.json") << hfConfigJson(config, "float32").dump(2);
}

}  // namespace

void TestModelFile::demoModel() {
    AIRFRAME_NEED(test::demoModel());
    QElapsedTimer timer;
    timer.start();
    const auto file = ModelFile::open(test::demoModel());
    qInfo("opened in %lld ms", static_cast<long long>(timer.elapsed()));
    const ModelConfig& c = file->config();
    QCOMPARE(file->format(), std::string("gguf"));
    QCOMPARE(c.architecture, std::string("llama"));
    QCOMPARE(c.layers, 30);
    QCOMPARE(c.hidden, 576);
    QCOMPARE(c.intermediate, 1536);
    QCOMPARE(c.heads, 9);
    QCOMPARE(c.kv_heads, 3);
    QCOMPARE(c.head_dim, 64);
    QCOMPARE(c.vocab, 49152);
    QVERIFY(c.tied);
    QVERIFY(!c.add_bos);
    QCOMPARE(c.rope_theta, 100000.0);
    QCOMPARE(c.context, 8192);
    QCOMPARE(file->tensors().size(), 272u);
    QCOMPARE(file->parameters(), 134515008);
    QCOMPARE(file->bytes(), 98362432u);
    QCOMPARE(file->hash(), std::string("b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"));
    const TensorInfo* k = file->find("model.layers.29.self_attn.k_proj.weight");
    QVERIFY(k);
    QCOMPARE(k->shape, (std::vector<std::int64_t>{192, 576}));
    QCOMPARE(k->type, std::string("Q4_1"));
    QVERIFY(!file->find("model.layers.30.self_attn.k_proj.weight"));
}

void TestModelFile::demoModelToFloat() {
    AIRFRAME_NEED(test::demoModel());
    const auto file = ModelFile::open(test::demoModel());
    std::vector<float> out(49152 * 576);
    std::int64_t total = 0;
    double sum = 0;
    QElapsedTimer timer;
    timer.start();
    for (const TensorInfo& tensor : file->tensors()) {
        file->readFloat(tensor.name, out.data());
        total += tensor.elements();
        sum += std::abs(out[0]);
    }
    qInfo("%lld values in %lld ms", static_cast<long long>(total), static_cast<long long>(timer.elapsed()));
    QVERIFY(std::isfinite(sum) && sum > 0);
    QCOMPARE(total, file->parameters());
    QVERIFY_EXCEPTION_THROWN(file->readFloat("nosuch", out.data()), Failure);
}

void TestModelFile::everySupportedFolder() {
    const fs::path models = test::sharedFolder() / "vectors/models";
    AIRFRAME_NEED(models);
    for (const char* name : {"llama-gqa-untied-f32", "llama-tied-bf16-sharded", "llama-ropescaled-headdim-f16", "qwen2-bias-tied-bf16",
                             "qwen3-qknorm-f32", "qwen3-newconfig-bf16", "jet-f32", "jet-bf16-sharded", "gguf/llama-q4_1.gguf",
                             "gguf/llama-mixed-untied.gguf"}) {
        const auto file = ModelFile::open(models / name);
        std::vector<float> out;
        for (const LayoutTensor& tensor : modelLayout(file->config())) {
            out.assign(static_cast<std::size_t>(file->find(tensor.name)->elements()), NAN);
            file->readFloat(tensor.name, out.data());
            for (const float value : out) QVERIFY2(std::isfinite(value), (std::string(name) + " " + tensor.name).c_str());
        }
        QCOMPARE(file->hash().size(), 64u);
    }
}

void TestModelFile::singleSafetensorsFile() {
    const fs::path folder = test::sharedFolder() / "vectors/models/llama-gqa-untied-f32";
    AIRFRAME_NEED(folder);
    const auto one = ModelFile::open(folder / "model.safetensors"), whole = ModelFile::open(folder);
    QCOMPARE(one->hash(), whole->hash());
    QCOMPARE(one->parameters(), whole->parameters());
    QVERIFY_EXCEPTION_THROWN((void)one->tokenizer(), Failure);  // there is none in this folder
}

void TestModelFile::hybridFolder() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    const ModelConfig config = tinyHybrid();
    writeTiny(folder, config);
    const auto file = ModelFile::open(folder);
    QCOMPARE(file->config().architecture, std::string("airframe"));
    QCOMPARE(file->config().layer[0].block, std::string("jet"));
    QCOMPARE(file->config().layer[1].block, std::string("attn"));
    std::vector<float> out(static_cast<std::size_t>(file->find("model.layers.0.self_attn.dt_bias")->elements()));
    QCOMPARE(out.size(), 2u);
    file->readFloat("model.layers.0.self_attn.dt_bias", out.data());
    QCOMPARE(out[0], 9.f);  // the tenth tensor of the layout
    // A description of other layers than the stored ones.
    ModelConfig swapped = config;
    std::swap(swapped.layer[0], swapped.layer[1]);
    std::ofstream(folder / "config.json") << hfConfigJson(swapped, "float32").dump();
    QVERIFY_EXCEPTION_THROWN((void)ModelFile::open(folder), Failure);
    ModelConfig other = config;
    other.block_dims["jet"]["k"] = 7;
    std::ofstream(folder / "config.json") << hfConfigJson(other, "float32").dump();
    QVERIFY_EXCEPTION_THROWN((void)ModelFile::open(folder), Failure);
}

void TestModelFile::configRoundTrip() {
    QTemporaryDir dir;
    const fs::path path = fs::path(dir.path().toStdString()) / "config.json";
    const ModelConfig a = tinyHybrid();
    std::ofstream(path) << hfConfigJson(a, "bfloat16").dump();
    const ModelConfig b = readHfConfig(path);
    QCOMPARE(hfConfigJson(b, "bfloat16").dump(), hfConfigJson(a, "bfloat16").dump());
    QVERIFY(b.block_dims == a.block_dims);
    QCOMPARE(b.jet_norm_eps, a.jet_norm_eps);
    QCOMPARE(b.head_dim, a.head_dim);
}

/// The text half of a Gemma 3 with vision, in the older and the newer spelling; other models' names are their own.
void TestModelFile::namesOfGemma() {
    const std::string norm = "model.norm.weight";
    for (const char* stored : {"model.norm.weight", "language_model.model.norm.weight", "model.language_model.norm.weight"})
        QCOMPARE(layoutName("gemma3", stored).value_or("none"), norm);
    QCOMPARE(layoutName("gemma3", "language_model.lm_head.weight").value_or("none"), std::string("lm_head.weight"));
    for (const char* stored : {"vision_tower.x", "model.vision_tower.x", "multi_modal_projector.x", "model.multi_modal_projector.x"}) {
        QVERIFY(!layoutName("gemma3", stored));
        QCOMPARE(layoutName("llama", stored).value_or("none"), std::string(stored));
    }
}

/// Links may lead around inside a folder and, in the hub's cache, from a snapshot to the blobs beside it.
void TestModelFile::linksStayInTheFolder() {
    QTemporaryDir dir;
    const fs::path root = dir.path().toStdString(), cache = root / "cache/snapshots/1234", blobs = root / "cache/blobs";
    fs::create_directories(cache);
    fs::create_directories(blobs);
    writeTiny(blobs, tinyHybrid());
    for (const char* name : {"config.json", "model.safetensors"}) fs::create_symlink(fs::path("../../blobs") / name, cache / name);
    (void)ModelFile::open(cache);
    for (const char* outside : {"config.json", "model.safetensors", "tokenizer.json"}) {
        const fs::path folder = root / (std::string("open ") + outside);
        fs::create_directories(folder);
        writeTiny(folder, tinyHybrid());
        fs::remove(folder / outside);
        fs::create_symlink(blobs / "config.json", folder / outside);
        try {
            (void)ModelFile::open(folder);
            QFAIL(outside);
        } catch (const Failure& failure) {
            QVERIFY2(failure.error().line().find(outside) != std::string::npos && failure.error().line().find("outside") != std::string::npos,
                     failure.error().line().c_str());
        }
    }
    const fs::path inner = root / "inner";
    fs::create_directories(inner);
    writeTiny(inner, tinyHybrid());
    fs::rename(inner / "model.safetensors", inner / "weights");
    fs::create_symlink("weights", inner / "model.safetensors");
    (void)ModelFile::open(inner);
}

void TestModelFile::missingPath() {
    QTemporaryDir dir;
    QVERIFY_EXCEPTION_THROWN((void)ModelFile::open("/nosuch/file.gguf"), Failure);
    QVERIFY_EXCEPTION_THROWN((void)ModelFile::open(dir.path().toStdString()), Failure);
    const fs::path empty = fs::path(dir.path().toStdString()) / "empty.gguf";
    std::ofstream(empty).close();
    QVERIFY_EXCEPTION_THROWN((void)ModelFile::open(empty), Failure);
}

QTEST_APPLESS_MAIN(TestModelFile)
#include "tst_model_file.moc"
