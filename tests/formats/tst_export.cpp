// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <sys/resource.h>

#include <QtTest>
#include <csignal>

#include "core/base/sha256.h"
#include "core/export/export.h"
#include "core/formats/tokenizer.h"
#include "eval/tiny_supernet.h"
#include "json_data.h"
#include "support/failure.h"
#include "support/temporary_folder.h"
#endif

using namespace airframe;
namespace fs = std::filesystem;

namespace {

/// Stops at its n-th checkpoint.
class StopAt final : public RunControl {
  public:
    explicit StopAt(int n) : m_left(n) {}
    bool checkpoint() override { return m_left-- > 0; }
    void progress(const Progress&) override {}
    [[nodiscard]] bool reached() const { return m_left < 0; }

  private:
    int m_left;
};

bool isEmpty(const test::TemporaryFolder& folder) { return fs::is_empty(folder.path()); }

}  // namespace

class TestExport : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase() { m_supernet = test::tinySupernet(); }
    void roundTrip_data();
    void roundTrip();
    void papers();
    void gguf_data();
    void gguf();
    void architectureAlone();
    void existingFolder();
    void badPlacementAndStorage();
    void stoppedAnywhere_data();
    void stoppedAnywhere();
    void fullDisk_data();
    void fullDisk();

  private:
    ExportInfo info(const std::string& storage = {}, ExportFormat format = ExportFormat::hf) const {
        ExportInfo i;
        i.format = format;
        i.storage = storage;
        i.study_uuid = "0123abcd";
        i.base_licence = "apache-2.0";
        i.scores.push_back({"language", "nats per token", 3.5, 3.25, 3.75, 100});
        return i;
    }
    std::shared_ptr<const Supernet> m_supernet;
    NoControl m_control;
};

void TestExport::roundTrip_data() {
    QTest::addColumn<QString>("placement");
    QTest::addColumn<QString>("storage");
    for (const char* placement : {"jet,attn,jet*2", "attn*4", "jet*4"}) {
        for (const char* storage : {"float32", "bf16"}) {
            QTest::addRow("%s %s", placement, storage) << placement << storage;
        }
    }
}

void TestExport::roundTrip() {
    QFETCH(QString, placement);
    QFETCH(QString, storage);
    const Placement p = Placement::parse(placement.toStdString(), 4);
    const test::TemporaryFolder folder;
    const fs::path dir = folder.path() / "new" / "deeper" / "model";
    const ExportResult result = exportPlacement(*m_supernet, p, dir, info(storage.toStdString()), m_control);
    QCOMPARE(result.path, dir);
    QCOMPARE(result.storage, storage.toStdString());
    QCOMPARE(result.files,
             (std::vector<std::string>{"README.md", "architecture.json", "config.json", "configuration_airframe.py",
                                       "generation_config.json", "jet_airframe.py", "model.safetensors", "modeling_airframe.py",
                                       "rotary_airframe.py", "tokenizer.json", "tokenizer_config.json"}));
    for (const std::string& name : result.files) QVERIFY(fs::file_size(dir / name) > 0);
    QCOMPARE(std::distance(fs::directory_iterator(dir.parent_path()), fs::directory_iterator{}), 1);
    if (storage == "float32") {
        QCOMPARE(result.check.max_logit_difference, 0.0);
        QCOMPARE(result.check.relative_weight_error, 0.0);
    } else {
        QVERIFY(result.check.relative_weight_error > 0 && result.check.relative_weight_error < 0x1p-8);
        QVERIFY(result.check.relative_logit_error > 0);
        qInfo("logits %.3g, allowed %.3g", result.check.relative_logit_error, result.check.allowed_logit_error);
    }
    // Read again independently: same config, tokenizer and logits on other ids.
    std::shared_ptr<const ModelFile> file = ModelFile::open(dir);
    QCOMPARE(file->config().architecture, std::string("airframe"));
    for (int i = 0; i < 4; ++i) QCOMPARE(file->config().layer[static_cast<std::size_t>(i)].block, p[i]);
    QCOMPARE(file->config().eos_id, 256);
    QCOMPARE(file->tokenizer()->encode("Hello<|im_end|>"), m_supernet->model().tokenizer().encode("Hello<|im_end|>"));
    const Supernet again(Model::load(file, m_supernet->model().compute(), m_control), {});
    const at::Tensor ids = at::randint(259, {2, 21}, at::kLong);
    const at::Tensor a = m_supernet->model().logits(m_supernet->forward(ids, p, nullptr));
    const at::Tensor b = again.model().logits(again.forward(ids, p, nullptr));
    QVERIFY((a - b).abs().max().item<double>() <= (storage == "float32" ? 0.0 : 1.0));
}

void TestExport::papers() {
    const test::TemporaryFolder folder;
    const fs::path dir = folder.path() / "model";
    (void)exportPlacement(*m_supernet, Placement::parse("jet,attn,jet*2", 4), dir, info(), m_control);
    const auto json = test::loadJson(dir / "architecture.json");
    QCOMPARE(json["placement"].get<std::string>(), std::string("jet,attn,jet*2"));
    QCOMPARE(json["full_attention_layers"].get<std::vector<int>>(), std::vector<int>{1});
    QCOMPARE(json["layers"].size(), 4u);
    QCOMPARE(json["layers"][1]["block"].get<std::string>(), std::string("attn"));
    QCOMPARE(json["block_dims"]["jet"]["heads"].get<int>(), 4);
    QCOMPARE(json["provenance"]["study"].get<std::string>(), std::string("0123abcd"));
    QCOMPARE(json["provenance"]["base_sha256"].get<std::string>(), m_supernet->model().file().hash());
    QCOMPARE(json["provenance"]["checkpoint_sha256"].get<std::string>(), m_supernet->checkpointHash());
    QCOMPARE(json["provenance"]["weights_sha256"].get<std::string>(), sha256File(dir / "model.safetensors"));
    QCOMPARE(json["scores"][0]["low"].get<double>(), 3.25);
    QCOMPARE(json["schema_version"].get<int>(), 1);
    const auto config = test::loadJson(dir / "config.json");
    QCOMPARE(config["architectures"].dump(), std::string("[\"AirframeForCausalLM\"]"));
    QCOMPARE(config["layer_types"].dump(), std::string("[\"jet\",\"attn\",\"jet\",\"jet\"]"));
    std::ifstream in(dir / "README.md");
    const std::string card{std::istreambuf_iterator<char>(in), {}};
    QCOMPARE(config["auto_map"]["AutoModelForCausalLM"].get<std::string>(), std::string("modeling_airframe.AirframeForCausalLM"));
    const ArchitectureFile architecture = readArchitecture(dir);
    QCOMPARE(architecture.placement.text(), std::string("jet,attn,jet*2"));
    QCOMPARE(architecture.scores.size(), 1u);
    for (const char* text : {"license: \"apache-2.0\"", "`jet,attn,jet*2`", "| language | 3.5 nats per token | 3.25 to 3.75 | 100 |",
                             "0123abcd", "trust_remote_code=True", "GPL-3.0-or-later"}) {
        QVERIFY2(card.find(text) != std::string::npos, text);
    }
}

void TestExport::gguf_data() {
    QTest::addColumn<QString>("placement");
    QTest::addColumn<QString>("storage");
    for (const char* placement : {"attn*4", "jet,attn,jet*2"}) {
        for (const std::string& storage : exportStorages(ExportFormat::gguf)) QTest::addRow("%s %s", placement, storage.c_str()) << placement << QString::fromStdString(storage);
    }
}

void TestExport::gguf() {
    QFETCH(QString, placement);
    QFETCH(QString, storage);
    const test::TemporaryFolder folder;
    const Placement p = Placement::parse(placement.toStdString(), 4);
    const fs::path target = folder.path() / "new/model.gguf";
    const ExportResult result = exportPlacement(*m_supernet, p, target, info(storage.toStdString(), ExportFormat::gguf), m_control);
    QCOMPARE(result.path, target);
    QCOMPARE(result.files, std::vector<std::string>{"model.gguf"});
    QCOMPARE(std::distance(fs::directory_iterator(target.parent_path()), fs::directory_iterator{}), 1);
    QVERIFY(result.check.relative_weight_error > 0);
    qInfo("weights %.3g, logits %.3g, allowed %.3g", result.check.relative_weight_error, result.check.relative_logit_error,
          result.check.allowed_logit_error);
    const auto file = ModelFile::open(target);
    QCOMPARE(file->config().architecture, std::string(p.allFull() ? "llama" : "airframe"));
    for (int i = 0; i < 4; ++i) QCOMPARE(file->config().layer[static_cast<std::size_t>(i)].block, p[i]);
    QCOMPARE(file->find("model.layers.1.mlp.down_proj.weight")->type, storage.toStdString());
    QCOMPARE(file->tokenizer()->encode("Hello<|im_end|>"), m_supernet->model().tokenizer().encode("Hello<|im_end|>"));
    QCOMPARE(file->facts().at("license"), std::string("apache-2.0"));
}

void TestExport::architectureAlone() {
    const test::TemporaryFolder folder;
    const fs::path target = folder.path() / "architecture.json";
    const ExportResult result = exportPlacement(*m_supernet, Placement::parse("jet,attn,jet*2", 4), target,
                                                info({}, ExportFormat::architecture), m_control);
    QCOMPARE(result.check.tokens, 0);
    QVERIFY(result.storage.empty());
    const ArchitectureFile a = readArchitecture(target);
    QCOMPARE(a.placement.text(), std::string("jet,attn,jet*2"));
    QCOMPARE(a.block_dims.at("jet").at("generator"), 4);
    QCOMPARE(a.scores.at(0).high, 3.75);
    QCOMPARE(a.base_sha256, m_supernet->model().file().hash());
    QVERIFY(a.weights_sha256.empty());
    QCOMPARE(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator{}), 1);
}

void TestExport::existingFolder() {
    const test::TemporaryFolder folder;
    const Placement p = Placement::parse("jet*4", 4);
    folder.write("taken/note.txt", "keep me");
    folder.write("file", "keep me");
    for (const char* name : {"taken", "file"}) {
        const auto error = test::errorOf([&] { (void)exportPlacement(*m_supernet, p, folder.path() / name, info(), m_control); });
        QVERIFY(error && error->code == ErrorCode::bad_input);
        QVERIFY(error->where.find(name) != std::string::npos);
    }
    fs::create_directory(folder.path() / "empty");
    for (const ExportFormat format : {ExportFormat::gguf, ExportFormat::architecture}) {
        for (const char* name : {"taken", "file", "empty"}) {
            const auto error = test::errorOf([&] { (void)exportPlacement(*m_supernet, p, folder.path() / name, info({}, format), m_control); });
            QVERIFY(error && error->code == ErrorCode::bad_input);
        }
    }
    QCOMPARE(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator{}), 3);
    (void)exportPlacement(*m_supernet, p, folder.path() / "empty/", info(), m_control);
    QVERIFY(fs::exists(folder.path() / "empty/config.json"));
}

void TestExport::badPlacementAndStorage() {
    const test::TemporaryFolder folder;
    const auto placement = test::errorOf(
        [&] { (void)exportPlacement(*m_supernet, Placement::parse("jet*3"), folder.path() / "x", info(), m_control); });
    QVERIFY(placement && placement->code == ErrorCode::bad_input);
    const auto storage = test::errorOf(
        [&] { (void)exportPlacement(*m_supernet, Placement::parse("jet*4"), folder.path() / "x", info("int3"), m_control); });
    QVERIFY(storage && storage->code == ErrorCode::options);
    for (const auto& [format, word] : {std::pair(ExportFormat::hf, "Q8_0"), std::pair(ExportFormat::gguf, "bf16"), std::pair(ExportFormat::architecture, "F16")}) {
        const auto other = test::errorOf(
            [&] { (void)exportPlacement(*m_supernet, Placement::parse("jet*4"), folder.path() / "x", info(word, format), m_control); });
        QVERIFY(other && other->code == ErrorCode::options && !other->hint.empty());
    }
    QVERIFY(isEmpty(folder));
}

void TestExport::stoppedAnywhere_data() {
    QTest::addColumn<int>("format");
    for (const ExportFormat format : {ExportFormat::hf, ExportFormat::gguf, ExportFormat::architecture})
        QTest::addRow("%s", exportFormatWord(format).c_str()) << static_cast<int>(format);
}

void TestExport::stoppedAnywhere() {
    QFETCH(int, format);
    const test::TemporaryFolder folder;
    const int step = static_cast<ExportFormat>(format) == ExportFormat::architecture ? 1 : 10;  // every attempt writes for real
    int stopped = 0;
    for (int n = 0;; n += step) {
        StopAt control(n);
        const auto error = test::errorOf([&] {
            (void)exportPlacement(*m_supernet, Placement::parse("jet*4"), folder.path() / "new/x", info({}, static_cast<ExportFormat>(format)), control);
        });
        if (!error) {
            QVERIFY(!control.reached());
            break;
        }
        QCOMPARE(error->code, ErrorCode::interrupted);
        QVERIFY2(isEmpty(folder), std::to_string(n).c_str());
        ++stopped;
    }
    QVERIFY(stopped >= (step == 1 ? 2 : 10));
}

void TestExport::fullDisk_data() { stoppedAnywhere_data(); }

void TestExport::fullDisk() {
    QFETCH(int, format);
    const test::TemporaryFolder folder;
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    for (const rlim_t size : {rlim_t{0}, rlim_t{200}, rlim_t{100000}}) {
        if (size == 100000 && static_cast<ExportFormat>(format) == ExportFormat::architecture) continue;  // it fits
        const rlimit small{size, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
        const auto error = test::errorOf([&] {
            (void)exportPlacement(*m_supernet, Placement::parse("jet*4"), folder.path() / "x", info({}, static_cast<ExportFormat>(format)), m_control);
        });
        setrlimit(RLIMIT_FSIZE, &before);
        QVERIFY(error && error->code == ErrorCode::no_room);
        QVERIFY(isEmpty(folder));
    }
}

QTEST_APPLESS_MAIN(TestExport)
#include "tst_export.moc"
