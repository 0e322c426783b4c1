// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <QtTest>
#include <fstream>
#include <set>

#include "core/base/sha256.h"
#include "core/export/export.h"
#include "core/formats/hf_config_writer.h"
#include "core/formats/safetensors.h"
#include "eval/tiny_supernet.h"
#include "json_data.h"
#include "support/temporary_folder.h"
#include "tiny_bases.h"
#endif

using namespace airframe;
namespace fs = std::filesystem;

/// What lies in an exported folder: every kind of base model, the released form, shards, exports of exports.
class TestExportFolder : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase() { m_supernet = test::tinySupernet(); }
    void everyBase_data();
    void everyBase();
    void releasedForm();
    void shards();
    void baseGeneration();
    void exportOfAnExport();
    void bf16Compute();

  private:
    ExportInfo info(const std::string& storage = {}) const {
        ExportInfo i;
        i.storage = storage;
        return i;
    }
    std::shared_ptr<const Supernet> m_supernet;
    NoControl m_control;
};

void TestExportFolder::everyBase_data() {
    QTest::addColumn<int>("row");
    for (std::size_t i = 0; i < test::tinyBases().size(); ++i) QTest::addRow("%s", test::tinyBases()[i].name.c_str()) << static_cast<int>(i);
}

/// Whatever the base model has comes out again: biases, norms, windows, rotary scaling.
void TestExportFolder::everyBase() {
    QFETCH(int, row);
    const auto supernet = test::tinySupernetOf(test::tinyBase(test::tinyBases()[static_cast<std::size_t>(row)]));
    const test::TemporaryFolder folder;
    for (const char* text : {"attn,jet,attn*2", "attn*4", "jet*4"}) {
        const Placement placement = Placement::parse(text, 4);
        const ExportResult result = exportPlacement(*supernet, placement, folder.path() / text, info(), m_control);
        // Frequency factors are written as longrope, which divides in another order.
        if (supernet->model().config().rope_scaling.frequency_factors.empty()) QCOMPARE(result.check.max_logit_difference, 0.0);
        const ModelConfig& base = supernet->model().config();
        const auto file = ModelFile::open(folder.path() / text);
        const ModelConfig& c = file->config();
        QCOMPARE(c.architecture, std::string(isJetNemotron(c) ? "jet_nemotron" : "airframe"));
        QCOMPARE(c.architecture == "jet_nemotron", test::tinyBases()[static_cast<std::size_t>(row)].name == "qwen2");
        QCOMPARE(c.tied, base.tied);
        QCOMPARE(c.context, base.context);
        for (int i = 0; i < 4; ++i) {
            const LayerConfig& layer = c.layer[static_cast<std::size_t>(i)];
            QCOMPARE(layer.window, placement[i] == "attn" ? base.layer[static_cast<std::size_t>(i)].window : 0);
        }
    }
}

void TestExportFolder::releasedForm() {
    const auto base = test::tinyBase({"qwen2", [](ModelConfig& c) {
                                          c.qkv_bias = true;
                                          c.layer[2].block = "swa";
                                          c.block_dims["swa"]["window"] = 5;
                                      }});
    const auto supernet = test::tinySupernetOf(base);
    const test::TemporaryFolder folder;
    const ExportResult result = exportPlacement(*supernet, Placement::parse("jet,attn,swa,jet", 4), folder.path() / "m", info("bf16"), m_control);
    QVERIFY(result.check.relative_logit_error < 0.05);
    const auto config = test::loadJson(folder.path() / "m/config.json");
    QCOMPARE(config["model_type"].get<std::string>(), std::string("jet_nemotron"));
    QCOMPARE(config["architectures"].dump(), std::string("[\"JetNemotronForCausalLM\"]"));
    QCOMPARE(config["layer_types"].dump(), std::string("[\"jet\",\"attn\",\"swa\",\"jet\"]"));
    QCOMPARE(config["efficient_attention_config"]["swa"]["window_size"].get<int>(), 5);
    const auto& jet = config["efficient_attention_config"]["jet"];
    QCOMPARE(jet["num_heads"].get<int>(), 4);
    QCOMPARE(jet["head_dim"].get<int>(), 8);
    QCOMPARE(jet["expand_v"].get<double>(), 1.0);
    QCOMPARE(jet["dconv_generator_reduction"].get<int>(), 8);
    QCOMPARE(jet["conv_size"].get<int>(), 4);
    const SafetensorsFile weights(folder.path() / "m/model.safetensors");
    std::set<std::string> names;
    for (const SafetensorsTensor& tensor : weights.tensors()) names.insert(tensor.name);
    for (const char* name : {"model.layers.0.self_attn.dynamic_conv1d.kernel_generator.w2.bias", "model.layers.0.self_attn.A_log",
                             "model.layers.1.self_attn.q_proj.bias", "model.layers.2.self_attn.v_proj.bias"}) {
        QVERIFY2(names.contains(name), name);
    }
    QVERIFY(!names.contains("model.layers.0.self_attn.q_proj.bias"));
}

void TestExportFolder::shards() {
    const test::TemporaryFolder folder;
    const Placement p = Placement::parse("jet,attn,jet*2", 4);
    ExportInfo small = info();
    small.shard_bytes = 40'000;
    const ExportResult result = exportPlacement(*m_supernet, p, folder.path() / "many", small, m_control);
    QCOMPARE(result.check.max_logit_difference, 0.0);
    const auto index = test::loadJson(folder.path() / "many/model.safetensors.index.json");
    std::map<std::string, std::uint64_t> filled;
    std::uint64_t total = 0;
    for (const auto& [name, shard] : index["weight_map"].items()) filled[shard.get<std::string>()] = 0, (void)name;
    QVERIFY(filled.size() > 3);
    for (auto& [name, bytes] : filled) {
        const SafetensorsFile shard(folder.path() / "many" / name);
        for (const SafetensorsTensor& tensor : shard.tensors()) {
            QCOMPARE(index["weight_map"][tensor.name].get<std::string>(), name);
            bytes += tensor.bytes.size();
        }
        QVERIFY(bytes <= small.shard_bytes || shard.tensors().size() == 1);
        total += bytes;
        QVERIFY(name.ends_with("-of-0000" + std::to_string(filled.size()) + ".safetensors") || filled.size() > 9);
    }
    QCOMPARE(index["metadata"]["total_size"].get<std::uint64_t>(), total);
    QVERIFY(!fs::exists(folder.path() / "many/model.safetensors"));
    QCOMPARE(readArchitecture(folder.path() / "many").weights_sha256, ModelFile::open(folder.path() / "many")->hash());
    // In another number of files it is the same model.
    (void)exportPlacement(*m_supernet, p, folder.path() / "one", info(), m_control);
    const auto a = ModelFile::open(folder.path() / "many"), b = ModelFile::open(folder.path() / "one");
    for (const TensorInfo& tensor : b->tensors()) {
        std::vector<std::byte> x(tensor.bytes), y(tensor.bytes);
        a->readStored(tensor.name, x.data());
        b->readStored(tensor.name, y.data());
        QVERIFY2(x == y, tensor.name.c_str());
    }
}

void TestExportFolder::baseGeneration() {
    // What the base model's folder says about sampling is carried on; what is no number or list of numbers is not.
    const test::TemporaryFolder folder;
    const Placement p = Placement::parse("attn*4", 4);
    (void)exportPlacement(*m_supernet, p, folder.path() / "a", info(), m_control);
    std::ofstream(folder.path() / "a/generation_config.json")
        << R"({"eos_token_id": [256, 258], "temperature": 0.6, "do_sample": true, "top_k": "many", "x": 1})";
    const auto again = test::tinySupernetOf(ModelFile::open(folder.path() / "a"));
    (void)exportPlacement(*again, p, folder.path() / "b", info(), m_control);
    QCOMPARE(QByteArray::fromStdString(test::loadJson(folder.path() / "b/generation_config.json").dump()),
             QByteArray(R"({"do_sample":true,"eos_token_id":[256,258],"temperature":0.6})"));
}

void TestExportFolder::exportOfAnExport() {
    // A hybrid's own jet layers come from its file; the weights must come out byte for byte.
    const test::TemporaryFolder folder;
    const Placement p = Placement::parse("jet*2,attn,jet", 4);
    (void)exportPlacement(*m_supernet, p, folder.path() / "a", info(), m_control);
    std::shared_ptr<const ModelFile> file = ModelFile::open(folder.path() / "a");
    const Supernet hybrid(Model::load(file, m_supernet->model().compute(), m_control), {});
    const ExportResult result = exportPlacement(hybrid, p, folder.path() / "b", info(), m_control);
    QCOMPARE(result.check.max_logit_difference, 0.0);
    QCOMPARE(sha256File(folder.path() / "b/model.safetensors"), sha256File(folder.path() / "a/model.safetensors"));
}

void TestExportFolder::bf16Compute() {
    const test::TemporaryFolder folder;
    const auto supernet = test::tinySupernet(4, "bf16");
    for (const char* storage : {"float32", "bf16"}) {
        const auto result = exportPlacement(*supernet, Placement::parse("jet*3,attn", 4), folder.path() / storage, info(storage), m_control);
        QCOMPARE(result.check.max_logit_difference, 0.0);  // the same rounding, before or after
    }
}

QTEST_APPLESS_MAIN(TestExportFolder)
#include "tst_export_folder.moc"
