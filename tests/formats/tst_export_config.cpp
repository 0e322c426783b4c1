// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>
#include <fstream>

#include "core/formats/hf_config.h"
#include "core/formats/hf_config_writer.h"
#include "support/failure.h"
#include "support/temporary_folder.h"
#include "tiny_bases.h"

using namespace airframe;

/// config.json as the exporter writes it: what the reader makes of it is what was written.
class TestExportConfig : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void readsBackEqual_data();
    void readsBackEqual();
    void released_data();
    void released();
    void notReleased_data();
    void notReleased();

  private:
    ModelConfig readBack(const ModelConfig& config) {
        std::ofstream(m_folder.path() / "config.json") << hfConfigJson(config, "bfloat16").dump(2);
        return readHfConfig(m_folder.path() / "config.json");
    }
    test::TemporaryFolder m_folder;
};

void TestExportConfig::readsBackEqual_data() {
    QTest::addColumn<int>("row");
    for (std::size_t i = 0; i < test::tinyBases().size(); ++i) QTest::addRow("%s", test::tinyBases()[i].name.c_str()) << static_cast<int>(i);
}

void TestExportConfig::readsBackEqual() {
    QFETCH(int, row);
    ModelConfig c = test::tinyModel()->config();
    test::tinyBases()[static_cast<std::size_t>(row)].change(c);
    c.architecture = isJetNemotron(c) ? "jet_nemotron" : "airframe";
    c.layer[1] = {"jet"};
    c.block_dims["jet"] = {{"heads", 3}, {"k", 12}, {"v", 32}, {"generator", 12}};
    c.jet_norm_eps = 3e-5;
    const ModelConfig read = readBack(c);
    QCOMPARE(QByteArray::fromStdString(hfConfigJson(read, "bfloat16").dump()), QByteArray::fromStdString(hfConfigJson(c, "bfloat16").dump()));
    QCOMPARE(read.architecture, c.architecture);
    QVERIFY(read.block_dims == c.block_dims);
    QCOMPARE(read.jet_norm_eps, c.jet_norm_eps);
    QCOMPARE(read.tied, c.tied);
    QCOMPARE(read.head_dim, c.head_dim);
    QCOMPARE(read.qkv_bias, c.qkv_bias);
    QCOMPARE(read.o_bias, c.o_bias);
    QCOMPARE(read.mlp_bias, c.mlp_bias);
    QCOMPARE(read.qk_norm, c.qk_norm);
    QCOMPARE(read.post_norms, c.post_norms);
    QCOMPARE(read.norm_plus_one, c.norm_plus_one);
    QCOMPARE(read.embedding_scale, c.embedding_scale);
    QCOMPARE(read.query_scale, c.query_scale);
    QCOMPARE(read.rope_theta, c.rope_theta);
    QVERIFY(read.activation == c.activation);
    for (std::size_t i = 0; i < c.layer.size(); ++i) {
        QCOMPARE(read.layer[i].block, c.layer[i].block);
        QCOMPARE(read.layer[i].window, c.layer[i].window);
        QCOMPARE(read.layer[i].local_rope, c.layer[i].local_rope);
    }
    const RopeScaling &s = read.rope_scaling, &wanted = c.rope_scaling;
    if (wanted.frequency_factors.empty()) {
        QVERIFY(s.kind == wanted.kind);
        QCOMPARE(s.factor, wanted.factor);
        QCOMPARE(s.original_context, wanted.original_context);
        QCOMPARE(s.mscale, wanted.mscale);
        QCOMPARE(s.mscale_all_dim, wanted.mscale_all_dim);
        QCOMPARE(s.truncate, wanted.truncate);
        QVERIFY(s.short_factor == wanted.short_factor && s.long_factor == wanted.long_factor);
    } else {
        QVERIFY(s.kind == RopeScaling::Kind::longrope);
        QVERIFY(s.short_factor == wanted.frequency_factors && s.long_factor == wanted.frequency_factors);
        QCOMPARE(s.attention_factor, 1.0);
    }
}

void TestExportConfig::released_data() {
    QTest::addColumn<int>("heads");
    QTest::addColumn<int>("k");
    QTest::addColumn<double>("expand_v");
    QTest::addColumn<int>("generator");
    QTest::addColumn<int>("window");
    QTest::newRow("2B") << 12 << 96 << 2.6666666667 << 384 << 1152;
    QTest::newRow("4B") << 16 << 128 << 2.0 << 512 << 2048;
}

/// The released models' values (Jet-Nemotron's config.json) come out of their sizes.
void TestExportConfig::released() {
    QFETCH(int, heads);
    QFETCH(int, k);
    QFETCH(double, expand_v);
    QFETCH(int, generator);
    QFETCH(int, window);
    ModelConfig c = test::tinyModel()->config();
    c.architecture = "jet_nemotron";
    c.qkv_bias = true;
    c.layer[0].block = c.layer[3].block = "jet";
    c.layer[2].block = "swa";
    c.block_dims["jet"] = {{"heads", heads}, {"k", k}, {"v", 256}, {"generator", generator}};
    c.block_dims["swa"]["window"] = window;
    QVERIFY(isJetNemotron(c));
    const auto json = hfConfigJson(c, "bfloat16");
    const auto& jet = json["efficient_attention_config"]["jet"];
    QVERIFY(std::fabs(jet["expand_v"].get<double>() - expand_v) < 1e-9);
    QCOMPARE(jet["dconv_generator_reduction"].get<int>(), 8);
    QCOMPARE(jet["num_heads"].get<int>(), heads);
    QCOMPARE(json["efficient_attention_config"]["swa"]["window_size"].get<int>(), window);
    for (const char* field : {"head_dim", "qkv_bias", "block_dims", "layer_windows"}) QVERIFY2(!json.contains(field), field);
    QVERIFY(readBack(c).block_dims == c.block_dims);
}

void TestExportConfig::notReleased_data() {
    QTest::addColumn<int>("row");
    for (int row = 0; row < 9; ++row) QTest::addRow("%d", row) << row;
}

/// One thing that the released form cannot say, and the model is written in our own.
void TestExportConfig::notReleased() {
    QFETCH(int, row);
    ModelConfig c = test::tinyModel()->config();
    c.qkv_bias = true;
    c.layer[0].block = "jet";
    c.block_dims["jet"] = {{"heads", 4}, {"k", 8}, {"v", 8}, {"generator", 4}};
    QVERIFY(isJetNemotron(c));
    const std::vector<std::function<void(ModelConfig&)>> changes = {
        [](ModelConfig& m) { m.qkv_bias = false; },
        [](ModelConfig& m) { m.o_bias = true; },
        [](ModelConfig& m) { m.qk_norm = true; },
        [](ModelConfig& m) { m.head_dim = 16; },
        [](ModelConfig& m) { m.layer[1].window = 8; },
        [](ModelConfig& m) { m.rope_scaling.kind = RopeScaling::Kind::linear, m.rope_scaling.factor = 2; },
        [](ModelConfig& m) { m.block_dims["jet"]["generator"] = 12; },  // 32 / 2 is more, 32 / 3 less
        [](ModelConfig& m) { m.block_dims["jet"]["generator"] = 64; },
        [](ModelConfig& m) { m.embedding_scale = 2; },
    };
    QCOMPARE(changes.size(), 9u);
    changes[static_cast<std::size_t>(row)](c);
    QVERIFY(!isJetNemotron(c));
    c.architecture = "jet_nemotron";
    QVERIFY(test::errorOf([&] { (void)hfConfigJson(c, "float32"); }).has_value());
    c.architecture = "airframe";
    QVERIFY(readBack(c).block_dims == c.block_dims);
}

QTEST_APPLESS_MAIN(TestExportConfig)
#include "tst_export_config.moc"
