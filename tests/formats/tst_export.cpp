// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <sys/resource.h>

#include <QtTest>
#include <csignal>

#include "core/base/sha256.h"
#include "core/export/hf_export.h"
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
    void exportOfAnExport();
    void bf16Compute();
    void existingFolder();
    void badPlacementAndStorage();
    void stoppedAnywhere();
    void fullDisk();

  private:
    ExportInfo info(const std::string& storage = "float32") const {
        ExportInfo i;
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
    QCOMPARE(result.dir, dir);
    QCOMPARE(result.files, (std::vector<std::string>{"README.md", "architecture.json", "config.json", "generation_config.json",
                                                     "model.safetensors", "tokenizer.json", "tokenizer_config.json"}));
    for (const std::string& name : result.files) QVERIFY(fs::file_size(dir / name) > 0);
    QCOMPARE(std::distance(fs::directory_iterator(dir.parent_path()), fs::directory_iterator{}), 1);
    if (storage == "float32") {
        QCOMPARE(result.max_logit_difference, 0.0);
    } else {
        QVERIFY(result.max_logit_difference > 0 && result.max_logit_difference < 1);
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
    for (const char* text : {"license: \"apache-2.0\"", "`jet,attn,jet*2`", "| language | 3.5 nats per token | 3.25 to 3.75 | 100 |",
                             "0123abcd"}) {
        QVERIFY2(card.find(text) != std::string::npos, text);
    }
}

void TestExport::exportOfAnExport() {
    // A hybrid's own jet layers come from its file; the weights must come out byte for byte.
    const test::TemporaryFolder folder;
    const Placement p = Placement::parse("jet*2,attn,jet", 4);
    (void)exportPlacement(*m_supernet, p, folder.path() / "a", info(), m_control);
    std::shared_ptr<const ModelFile> file = ModelFile::open(folder.path() / "a");
    const Supernet hybrid(Model::load(file, m_supernet->model().compute(), m_control), {});
    const ExportResult result = exportPlacement(hybrid, p, folder.path() / "b", info(), m_control);
    QCOMPARE(result.max_logit_difference, 0.0);
    QCOMPARE(sha256File(folder.path() / "b/model.safetensors"), sha256File(folder.path() / "a/model.safetensors"));
}

void TestExport::bf16Compute() {
    const test::TemporaryFolder folder;
    const auto supernet = test::tinySupernet(4, "bf16");
    for (const char* storage : {"float32", "bf16"}) {
        const auto result = exportPlacement(*supernet, Placement::parse("jet*3,attn", 4), folder.path() / storage, info(storage), m_control);
        QCOMPARE(result.max_logit_difference, 0.0);  // the same rounding, before or after
    }
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
    QCOMPARE(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator{}), 2);
    fs::create_directory(folder.path() / "empty");
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
    QVERIFY(isEmpty(folder));
}

void TestExport::stoppedAnywhere() {
    const test::TemporaryFolder folder;
    int stopped = 0;
    for (int n = 0;; n += 5) {  // steps, because every attempt writes for real
        StopAt control(n);
        const auto error = test::errorOf([&] {
            (void)exportPlacement(*m_supernet, Placement::parse("jet*4"), folder.path() / "new/x", info(), control);
        });
        if (!error) {
            QVERIFY(!control.reached());
            break;
        }
        QCOMPARE(error->code, ErrorCode::interrupted);
        QVERIFY2(isEmpty(folder), std::to_string(n).c_str());
        ++stopped;
    }
    QVERIFY(stopped > 10);
}

void TestExport::fullDisk() {
    const test::TemporaryFolder folder;
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    for (const rlim_t size : {rlim_t{0}, rlim_t{4096}, rlim_t{100000}}) {
        const rlimit small{size, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
        const auto error = test::errorOf(
            [&] { (void)exportPlacement(*m_supernet, Placement::parse("jet*4"), folder.path() / "x", info(), m_control); });
        setrlimit(RLIMIT_FSIZE, &before);
        QVERIFY(error && error->code == ErrorCode::no_room);
        QVERIFY(isEmpty(folder));
    }
}

QTEST_APPLESS_MAIN(TestExport)
#include "tst_export.moc"
