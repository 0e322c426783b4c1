// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include "core/base/text_file.h"
#include "core/formats/gguf.h"
#include "core/formats/gguf_tokenizer.h"
#include "core/formats/model_file.h"
#include "core/formats/tokenizer.h"
#include "core/formats/tokenizer_folder.h"
#include "core/formats/tokenizer_json.h"
#include "json_data.h"

using namespace airframe;
namespace fs = std::filesystem;
using Ids = std::vector<std::int32_t>;

/// Against the packages `tokenizers` and `sentencepiece` of the Python named by $AIRFRAME_PYTHON: see tokenizer_peer.py.
class TestTokenizerPeers : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase();
    void sameTokens_data();
    void sameTokens();
    void speed_data();
    void speed();

  private:
    QByteArray python(const QStringList& arguments) const;

    static constexpr int seed = 7, count = 6000;
    QTemporaryDir m_dir;
    QString m_why_not;
    std::vector<std::string> m_strings;
};

QByteArray TestTokenizerPeers::python(const QStringList& arguments) const {
    QProcess process;
    process.start(qEnvironmentVariable("AIRFRAME_PYTHON"), QStringList{AIRFRAME_SOURCE_DIR "/tests/formats/tokenizer_peer.py"} + arguments);
    if (!process.waitForFinished(900'000) || process.exitCode() != 0) {
        qWarning("%s", process.readAllStandardError().constData());
        return {};
    }
    return process.readAllStandardOutput() + "done";
}

void TestTokenizerPeers::initTestCase() {
    QProcess process;
    process.start(qEnvironmentVariable("AIRFRAME_PYTHON"), {"-c", "import tokenizers, sentencepiece, gguf"});
    if (!qEnvironmentVariableIsSet("AIRFRAME_PYTHON") || !process.waitForFinished(120'000) || process.exitCode() != 0) {
        m_why_not = "AIRFRAME_PYTHON names no Python with the packages tokenizers, sentencepiece and gguf";
        return;
    }
    const fs::path out = m_dir.path().toStdString();
    if (fs::exists(test::demoModel())) {
        fs::create_directory(out / "smollm2");
        std::ofstream(out / "smollm2/tokenizer.json") << tokenizerJson(ModelFile::open(test::demoModel())->tokenizer()->data()).dump();
    }
    QVERIFY(python({"make", m_dir.path(), QString::number(seed), QString::number(count)}).endsWith("done"));
    const auto made = test::loadJson(out / "strings.json");
    for (const auto& text : made["strings"]) m_strings.push_back(text);
    QCOMPARE(m_strings.size(), static_cast<std::size_t>(count));
}

void TestTokenizerPeers::sameTokens_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<bool>("rewritten");  // through our own tokenizer.json
    QTest::addColumn<bool>("from_gguf");
    for (const char* name : {"smollm2", "smollm", "gpt2", "gpt2-prefix", "qwen2", "llama3", "default", "gpt4o", "behaviors", "llama2",
                             "pieces-unknown", "pieces-metaspace", "unigram"}) {
        QTest::newRow(name) << name << false << false;
        QTest::newRow((std::string(name) + ", rewritten").c_str()) << name << true << false;
    }
    for (const char* name : {"sp-bpe", "sp-bpe-unknown", "sp-unigram", "sp-unigram-unknown"}) QTest::newRow(name) << name << false << false;
    QTest::newRow("sp-bpe as GGUF") << "sp-bpe" << false << true;
}

void TestTokenizerPeers::sameTokens() {
    if (!m_why_not.isEmpty()) QSKIP(qPrintable(m_why_not));
    QFETCH(QString, folder);
    QFETCH(bool, rewritten);
    QFETCH(bool, from_gguf);
    const fs::path path = fs::path(m_dir.path().toStdString()) / folder.toStdString();
    if (folder == "smollm2") AIRFRAME_NEED(test::demoModel());
    TokenizerData data = from_gguf ? ggufTokenizer(GgufFile(path / "tokenizer.gguf")) : readTokenizerFolder(path, 1 << 20).value();
    if (rewritten) {
        fs::create_directory(path / "rewritten");
        std::ofstream(path / "rewritten/tokenizer.json") << tokenizerJson(data).dump();
        data = readTokenizerFolder(path / "rewritten", 1 << 20).value();
    }
    const Tokenizer tokenizer(std::move(data), path.string());
    const auto expected = test::loadJson(path / "ids.json");
    int differ = 0;
    for (const auto& [key, special] : {std::pair{"ids", true}, {"plain", false}}) {
        if (!expected.contains(key)) continue;
        for (std::size_t i = 0; i < m_strings.size(); ++i) {
            const Ids wanted = expected[key][i], got = tokenizer.encode(m_strings[i], special);
            if (wanted == got) continue;
            if (++differ > 5) continue;
            qWarning("%s string %zu %s\n  wanted %s\n  got    %s", key, i, nlohmann::json(m_strings[i]).dump(-1, ' ', true).c_str(),
                     nlohmann::json(wanted).dump().c_str(), nlohmann::json(got).dump().c_str());
        }
    }
    QCOMPARE(differ, 0);
}

void TestTokenizerPeers::speed_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<int>("bytes");
    QTest::newRow("smollm2") << "smollm2" << 10'000'000;
    for (const char* name : {"qwen2", "llama3", "gpt4o", "unigram"}) QTest::newRow(name) << name << 2'000'000;
    QTest::newRow("llama2") << "llama2" << 200'000;  // no words to remember: slow in the package
}

void TestTokenizerPeers::speed() {
    if (!m_why_not.isEmpty()) QSKIP(qPrintable(m_why_not));
    QFETCH(QString, folder);
    const fs::path path = fs::path(m_dir.path().toStdString()) / folder.toStdString();
    if (folder == "smollm2") AIRFRAME_NEED(test::demoModel());
    const fs::path source = test::sharedFolder() / "text/train.txt.zst";
    AIRFRAME_NEED(source);
    QFETCH(int, bytes);
    std::string text = readTextFile(source).substr(0, static_cast<std::size_t>(bytes));
    text.resize(text.rfind('\n') + 1);
    const fs::path file = fs::path(m_dir.path().toStdString()) / "text.txt";
    std::ofstream(file) << text;
    const auto theirs = python({"time", QString::fromStdString((path / "tokenizer.json").string()), QString::fromStdString(file.string())});
    QVERIFY(theirs.endsWith("done"));
    const auto seconds = nlohmann::json::parse(theirs.chopped(4).toStdString());

    double load = 1e9, ours = 1e9;
    for (int i = 0; i < 3; ++i) {
        QElapsedTimer timer;
        timer.start();
        const Tokenizer tokenizer(readTokenizerFolder(path, 1 << 20).value(), path.string());
        load = std::min(load, static_cast<double>(timer.nsecsElapsed()) * 1e-9);
        timer.restart();
        const Ids ids = tokenizer.encode(text);
        ours = std::min(ours, static_cast<double>(timer.nsecsElapsed()) * 1e-9);
        QVERIFY(ids.size() > text.size() / 20);
    }
    const double mb = static_cast<double>(text.size()) * 1e-6, whole = seconds["encode"], batch = seconds["batch"], their_load = seconds["load"];
    qInfo("%s: %.1f MB: ours %.1f MB/s; tokenizers %s: encode %.1f MB/s, encode_batch_fast of lines %.1f MB/s; ratio to the better %.1f; "
          "loading %.0f ms against %.0f ms",
          qPrintable(folder), mb, mb / ours, seconds["version"].get<std::string>().c_str(), mb / whole, mb / batch,
          std::min(whole, batch) / ours, load * 1e3, their_load * 1e3);
    QVERIFY(ours <= std::min(whole, batch));
}

QTEST_APPLESS_MAIN(TestTokenizerPeers)
#include "tst_tokenizer_peers.moc"
