// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <c10/core/InferenceMode.h>

#include <QtTest>
#include <fstream>
#include <sstream>

#include "core/base/text_file.h"
#include "core/export/export.h"
#include "core/formats/tokenizer.h"
#include "core/model/generator.h"
#include "core/supernet/initialise.h"
#include "eval/tiny_supernet.h"
#include "json_data.h"
#include "support/python.h"
#include "support/temporary_folder.h"
#include "tiny_bases.h"
#endif

using namespace airframe;

/// Exported folders under Hugging Face's transformers: the modelling code that lies in them computes what we compute.
class TestExportTransformers : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyBase();
    void smolLm2Hybrid_data();
    void smolLm2Hybrid();

  private:
    NoControl m_control;
};

namespace {

/// One folder to be run: by us, and by transformers.
struct Case {
    std::string name;
    std::shared_ptr<const Supernet> net;
    Placement placement;
    std::vector<std::int32_t> ids, prompt;
    int tokens = 0;
    bool check = true;        ///< the script's own checks too
};

/// Runs all of them in one Python: importing torch takes longer than they do. Our float32 logits must be those of the modelling
/// code in float32 to 1e-4 of the largest, and those of the same code in float64 to 1e-4, or where the model magnifies rounding
/// more than that, to three times what the modelling code's own float32 logits are off: recurrences that nobody trained do.
void compare(const std::vector<Case>& cases, const test::TemporaryFolder& folder) {
    nlohmann::json requests;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const Case& c = cases[i];
        requests.push_back({{"folder", (folder.path() / std::to_string(i)).string()}, {"ids", c.ids}, {"prompt", c.prompt},
                            {"tokens", c.tokens}, {"check", c.check}, {"logits", (folder.path() / (std::to_string(i) + ".bin")).string()}});
    }
    const auto file = folder.path() / "requests.json";
    std::ofstream(file) << requests.dump();
    const std::string script = readTextFile(std::filesystem::path(AIRFRAME_SOURCE_DIR) / "tests/formats/run_export.py");
    const auto made = test::runPython(QString::fromStdString(script), {QString::fromStdString(file.string())}, 800);
    QVERIFY2(made.fine, made.error.c_str());
    std::istringstream lines(made.output);
    std::size_t next = 0;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("RESULT ")) continue;
        const Case& c = cases.at(next);
        const auto answer = nlohmann::json::parse(line.substr(7));
        QVERIFY2(!answer.contains("error"), (c.name + ": " + line).c_str());
        const c10::InferenceMode inference;
        const std::vector<std::int64_t> wide(c.ids.begin(), c.ids.end());
        const at::Tensor mine = c.net->model().logits(c.net->forward(at::tensor(wide).unsqueeze(0), c.placement, nullptr)).squeeze(0);
        std::ifstream in(folder.path() / (std::to_string(next) + ".bin"), std::ios::binary);
        std::string bytes{std::istreambuf_iterator<char>(in), {}};
        QCOMPARE(bytes.size(), 2 * mine.nbytes());
        const at::Tensor theirs = at::from_blob(bytes.data(), {2, mine.size(0), mine.size(1)}, at::kFloat);
        const auto distance = [](const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); };
        const double largest = theirs[1].abs().max().item<double>(), apart = distance(mine, theirs[1]);
        const double off = distance(mine, theirs[0]), rounding = distance(theirs[1], theirs[0]);
        qInfo("%s: %s, logits up to %.3g; in float32 %.2g apart (%.2g of the largest); from float64 ours are %.2g, theirs %.2g",
              c.name.c_str(), answer["class"].get<std::string>().c_str(), largest, apart, apart / largest, off, rounding);
        QVERIFY2(apart <= 1e-4 * largest, c.name.c_str());
        QVERIFY2(off <= std::max(1e-4, 3 * rounding) && rounding < 1e-4 * std::max(1.0, largest), c.name.c_str());
        GenerateOptions options;
        options.tokens = c.tokens;
        NoControl control;
        const Generation greedy = generate(*c.net, c.placement, c.prompt, options, control, {});
        QVERIFY2(greedy.ids == answer["greedy"].get<std::vector<std::int32_t>>(), c.name.c_str());
        ++next;
    }
    QCOMPARE(next, cases.size());
}

}  // namespace

/// Every feature of a base model, in a hybrid of it: 71 tokens, so that chunks, windows and stretched contexts are passed.
void TestExportTransformers::everyBase() {
    AIRFRAME_NEED_PYTHON("transformers, torch");
    const test::TemporaryFolder folder;
    std::vector<Case> cases;
    std::vector<std::int32_t> ids;
    for (int i = 0; i < 71; ++i) ids.push_back(static_cast<std::int32_t>((i * 89 + 5) % 256));
    std::vector<test::TinyBase> bases = test::tinyBases();
    bases.push_back({"released form with a window", [](ModelConfig& c) {
                         c.qkv_bias = true;
                         c.layer[2].block = "swa";
                         c.block_dims["swa"]["window"] = 5;
                     }});
    for (const test::TinyBase& base : bases) {
        const auto net = test::tinySupernetOf(test::tinyBase(base));
        const bool swa = net->model().config().layer[2].block == "swa";
        // A scaling that depends on the whole sequence's length makes pieces differ from the whole, by its definition.
        const RopeScaling::Kind kind = net->model().config().rope_scaling.kind;
        const bool whole_only = kind == RopeScaling::Kind::dynamic || kind == RopeScaling::Kind::longrope;
        cases.push_back({base.name, net, Placement::parse(swa ? "attn,jet,swa,attn" : "attn,jet,attn*2", 4), ids, {5, 94, 183}, 12, !whole_only});
        (void)exportPlacement(*net, cases.back().placement, folder.path() / std::to_string(cases.size() - 1), {}, m_control);
    }
    compare(cases, folder);
}

void TestExportTransformers::smolLm2Hybrid_data() {
    QTest::addColumn<int>("every");
    QTest::newRow("5 of 30") << 6;
    QTest::newRow("15 of 30") << 2;
}

/// Layers of SmolLM2 as JetBlocks at the start of their training, fitted to their attention: the same logits and 48 greedy tokens.
void TestExportTransformers::smolLm2Hybrid() {
    QFETCH(int, every);
    AIRFRAME_NEED(test::demoModel());
    AIRFRAME_NEED_PYTHON("transformers, torch");
    const auto model = Model::load(ModelFile::open(test::demoModel()), Compute::parse("float32", "cpu"), m_control);
    const JetDims dims = jetDimsFor(model->config());
    const c10::InferenceMode inference;
    const at::Tensor sample = (at::arange(1024, at::kLong) * 7919 + 13).remainder(model->config().vocab).view({2, 512});
    at::Tensor h = model->embed(sample);
    std::vector<std::shared_ptr<const Block>> jets;
    std::string text;
    for (int i = 0; i < model->config().layers; ++i) {
        const auto& teacher = dynamic_cast<const AttentionBlock&>(model->mixer(i));
        JetParameters parameters = initialiseFromTeacher(teacher, dims, 1, i);
        const at::Tensor x = model->mixerInput(i, h), y = teacher.forward(x, nullptr);
        calibrate(dims, parameters, x, y);
        h = model->addMlp(i, h + y);
        jets.push_back(std::make_shared<const JetBlock>(dims, std::move(parameters), model->compute()));
        text += std::string(i ? "," : "") + (i % every == 1 ? "jet" : "attn");
    }
    const auto net = std::make_shared<const Supernet>(model, Supernet::Alternatives{{"jet", std::move(jets)}});
    const Placement p = Placement::parse(text, net->layers());
    const test::TemporaryFolder folder;
    const ExportResult made = exportPlacement(*net, p, folder.path() / "0", {}, m_control);
    QCOMPARE(made.check.max_logit_difference, 0.0);
    const auto ids = model->tokenizer().encode(
        "The lighthouse keeper had written in his diary every evening for forty years, and on the last page he wrote only this: "
        "the sea was calm, the lamp was lit, and a ship that nobody had seen before stood out towards the north. In the morning "
        "they found the door open and the kettle still warm upon the stove.");
    QVERIFY(ids.size() > 64);  // more than one chunk of the rule
    const auto prompt = model->tokenizer().encode("Once upon a time there was a small village");
    compare({{"SmolLM2 hybrid", net, p, ids, prompt, 48}}, folder);
}

QTEST_GUILESS_MAIN(TestExportTransformers)
#include "tst_export_transformers.moc"
