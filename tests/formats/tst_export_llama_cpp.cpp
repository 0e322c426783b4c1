// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>

#include <QtTest>
#include <cmath>
#include <fstream>

#include "core/base/text_file.h"
#include "core/export/export.h"
#include "core/formats/tokenizer.h"
#include "core/model/generator.h"
#include "json_data.h"
#include "support/python.h"
#include "support/temporary_folder.h"
#endif

using namespace airframe;

/// An exported GGUF file of attention alone in llama.cpp: it reads the same tokens and writes the same text.
class TestExportLlamaCpp : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void sameText_data();
    void sameText();

  private:
    NoControl m_control;
};

void TestExportLlamaCpp::sameText_data() {
    QTest::addColumn<QString>("storage");
    for (const std::string& storage : exportStorages(ExportFormat::gguf)) QTest::newRow(storage.c_str()) << QString::fromStdString(storage);
}

/// Both continue greedily by the file's own weights. llama.cpp also rounds activations: to 8 bits before products with quantised
/// weights, to float16 before F16 ones. What that does to a logit is what weights rounded so do to it, and the export's check
/// measured this: a relative error r of logits whose spread is s. Two logits then part by an error of sqrt(2) r s, and where our
/// two best are within three times that, llama.cpp may choose the other; the texts must not part anywhere else.
void TestExportLlamaCpp::sameText() {
    AIRFRAME_NEED(test::demoModel());
    AIRFRAME_NEED_PYTHON("xllamacpp");
    QFETCH(QString, storage);
    const test::TemporaryFolder folder;
    const Compute compute = Compute::parse("float32", "cpu");
    const Placement p = Placement::parse("attn*30", 30);
    const auto file = folder.path() / "model.gguf";
    double error = 0;  // r
    {
        const Supernet net(Model::load(ModelFile::open(test::demoModel()), compute, m_control), {});
        ExportInfo info;
        info.format = ExportFormat::gguf;
        info.storage = storage == "F16" ? "F16" : "Q8_0";
        error = exportPlacement(net, p, folder.path() / "activations.gguf", info, m_control).check.relative_logit_error;
        info.storage = storage.toStdString();
        const ExportResult made = exportPlacement(net, p, file, info, m_control);
        qInfo("weights %.3g, logits %.3g, allowed %.3g", made.check.relative_weight_error, made.check.relative_logit_error,
              made.check.allowed_logit_error);
    }
    const Supernet net(Model::load(ModelFile::open(file), compute, m_control), {});
    QCOMPARE(net.model().config().architecture, std::string("llama"));
    const std::vector<std::string> prompts = {"The capital of France is", "Once upon a time there was a small village",
                                              "def fibonacci(n):\n    ", "Water boils at 100 degrees; it's called"};
    constexpr int tokens = 48;
    std::ofstream(folder.path() / "request.json") << nlohmann::json{{"prompts", prompts}, {"tokens", tokens}}.dump();
    const std::string script = readTextFile(std::filesystem::path(AIRFRAME_SOURCE_DIR) / "tests/formats/run_llama_cpp.py");
    const auto made = test::runPython(QString::fromStdString(script), {QString::fromStdString(file.string()), QString::fromStdString((folder.path() / "request.json").string())}, 800);
    QVERIFY2(made.fine, made.error.c_str());
    const std::size_t begin = made.output.find("RESULT ") + 7;
    const auto results = nlohmann::json::parse(made.output.substr(begin, made.output.find('\n', begin) - begin));
    QCOMPARE(results.size(), prompts.size());
    for (std::size_t i = 0; i < prompts.size(); ++i) {
        const auto ids = net.model().tokenizer().encode(prompts[i]);
        QCOMPARE(results[i]["prompt_tokens"].get<std::size_t>(), ids.size());
        const at::Tensor prompt = at::tensor(std::vector<std::int64_t>(ids.begin(), ids.end())).unsqueeze(0);
        const at::Tensor logits = net.model().logits(net.forward(prompt, p, nullptr));
        const double spread = (logits - logits.mean(-1, true)).square().mean().sqrt().item<double>();
        const double close = 3 * std::sqrt(2.0) * error * spread;
        GenerateOptions options;
        options.tokens = tokens;
        options.sampling.temperature = 0;
        std::vector<double> lead;  // of our choice before the second best, in logits
        const Generation mine = generate(net, p, ids, options, m_control,
                                         [&](const GeneratedToken& token) { lead.push_back(token.top[0].second - token.top[1].second); });
        const auto theirs = results[i]["ids"].get<std::vector<std::int32_t>>();
        const auto [here, there] = std::mismatch(mine.ids.begin(), mine.ids.end(), theirs.begin(), theirs.end());
        const auto same = static_cast<std::size_t>(here - mine.ids.begin());
        if (here == mine.ids.end()) continue;
        // llama.cpp stops at a token that ends the text, which it may count among its own; we were asked to go on.
        const auto isControl = [&](std::int32_t id) { return net.model().tokenizer().data().types[static_cast<std::size_t>(id)] == 3; };
        const bool ends = isControl(*here) || (same > 0 && isControl(mine.ids[same - 1]));
        if (there == theirs.end() && ends) {
            qInfo("prompt %zu: the same %zu tokens, then the end", i, same);
            continue;
        }
        qInfo("prompt %zu: %zu tokens the same; there our two best are %.3g apart, %.3g is close", i, same, lead[same], close);
        QVERIFY2(lead[same] < close, prompts[i].c_str());
    }
}

QTEST_GUILESS_MAIN(TestExportLlamaCpp)
#include "tst_export_llama_cpp.moc"
