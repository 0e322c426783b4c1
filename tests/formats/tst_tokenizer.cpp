// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QtTest>
#include <set>

#include "core/base/error.h"
#include "core/base/text_file.h"
#include "core/base/utf8.h"
#include "core/formats/model_file.h"
#include "core/formats/tokenizer.h"
#include "core/formats/tokenizer_folder.h"
#include "json_data.h"

using namespace airframe;
using Ids = std::vector<std::int32_t>;

class TestTokenizer : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase();
    void everyReferenceString_data();
    void everyReferenceString();
    void invalidUtf8();
    void decodeAndId();
    void longPieces();
    void speed();
    void contradictionsAreRefused();

  private:
    std::shared_ptr<const Tokenizer> m_tokenizer;
};

void TestTokenizer::initTestCase() {
    if (std::filesystem::exists(test::demoModel())) m_tokenizer = ModelFile::open(test::demoModel())->tokenizer();
}

void TestTokenizer::everyReferenceString_data() {
    QTest::addColumn<QString>("strings");
    QTest::addColumn<QString>("source");
    QTest::newRow("smollm") << "smollm.json" << QString::fromStdString(test::demoModel().string());
    // A folder with the tokenizer of a Qwen2 model: no package of ours brings one.
    QTest::newRow("qwen2") << "qwen2.json" << qEnvironmentVariable("AIRFRAME_QWEN2_TOKENIZER", "the folder $AIRFRAME_QWEN2_TOKENIZER");
}

void TestTokenizer::everyReferenceString() {
    QFETCH(QString, strings);
    QFETCH(QString, source);
    AIRFRAME_NEED(source.toStdString());
    const auto path = test::sharedFolder() / "vectors/tokenizer" / strings.toStdString();
    AIRFRAME_NEED(path);
    const auto tokenizer = std::filesystem::is_directory(source.toStdString())
                               ? std::make_shared<const Tokenizer>(readTokenizerFolder(source.toStdString(), 200'000).value(), "qwen2")
                               : m_tokenizer;
    const auto file = test::loadJson(path);
    int count = 0;
    for (const auto& entry : file["strings"]) {
        const std::string text = test::fromHex(entry["utf8_hex"]);
        const std::string label = "string " + entry["id"].dump() + " (" + entry["category"].get<std::string>() + ")";
        const Ids ids = tokenizer->encode(text, true), plain = tokenizer->encode(text, false);
        const Ids wanted = entry["ids"], wanted_plain = entry.value("ids_plain", wanted);
        QVERIFY2(ids == wanted, label.c_str());
        QVERIFY2(plain == wanted_plain, (label + " without special tokens").c_str());
        QVERIFY2((tokenizer->decode(ids) == text) == entry.value("lossless", true), (label + " decoded").c_str());
        ++count;
    }
    QCOMPARE(count, 600);
}

void TestTokenizer::invalidUtf8() {
    AIRFRAME_NEED(test::demoModel());
    const auto path = test::sharedFolder() / "vectors/tokenizer/invalid_utf8.json";
    AIRFRAME_NEED(path);
    const auto file = test::loadJson(path);
    QCOMPARE(file["strings"].size(), 24u);
    for (const auto& entry : file["strings"]) {
        // A copy of exactly this size on the heap, so that a sanitizer sees any read past its end.
        const std::string bytes = test::fromHex(entry["bytes_hex"]);
        const std::vector<char> exact(bytes.begin(), bytes.end());
        const std::string replaced = test::fromHex(entry["replaced_utf8_hex"]);
        QCOMPARE(m_tokenizer->encode({exact.data(), exact.size()}), m_tokenizer->encode(replaced));
    }
}

void TestTokenizer::decodeAndId() {
    AIRFRAME_NEED(test::demoModel());
    QCOMPARE(m_tokenizer->size(), 49152);
    QCOMPARE(m_tokenizer->id("<|im_end|>"), 2);
    QCOMPARE(m_tokenizer->id(" the"), m_tokenizer->encode(" the").front());
    QCOMPARE(m_tokenizer->id("no token has this text"), -1);
    QCOMPARE(m_tokenizer->decode(Ids{1, 2}), std::string("<|im_start|><|im_end|>"));
    QCOMPARE(m_tokenizer->encode(""), Ids{});
    for (const std::int32_t bad : {-1, 49152}) {
        QVERIFY_EXCEPTION_THROWN((void)m_tokenizer->decode(Ids{bad}), Failure);
    }
}

void TestTokenizer::longPieces() {
    AIRFRAME_NEED(test::demoModel());
    // One piece of 200,000 letters, and of as many spaces: far from quadratic, and lossless.
    for (const std::string& unit : {std::string("ab"), std::string("  "), std::string("\n\n"), std::string("--")}) {
        std::string text;
        for (int i = 0; i < 100000; ++i) text += unit;
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(m_tokenizer->decode(m_tokenizer->encode(text)), text);
        QVERIFY2(timer.elapsed() < 5000, unit.c_str());
    }
}

void TestTokenizer::speed() {
    AIRFRAME_NEED(test::demoModel());
    const auto path = test::sharedFolder() / "text/val.txt.zst";
    AIRFRAME_NEED(path);
    std::string text = readTextFile(path);
    while (text.size() < 8'000'000) text += text;
    QElapsedTimer timer;
    timer.start();
    const Ids ids = m_tokenizer->encode(text);
    const double mb_s = static_cast<double>(text.size()) / 1e6 / (static_cast<double>(timer.nsecsElapsed()) * 1e-9);
    qInfo("%.1f MB/s over %zu bytes, %zu tokens", mb_s, text.size(), ids.size());
    QCOMPARE(m_tokenizer->decode(ids), text);
    QVERIFY(mb_s > 0.5);  // a machine under load; the figure above is what counts
}

void TestTokenizer::contradictionsAreRefused() {
    const TokenizerData good{"smollm", {"a", "b", "ab", "<x>"}, {1, 1, 1, 3}, {"a b"}, 3, 3, false};
    QCOMPARE(Tokenizer(good, "test").encode("abab<x>"), (Ids{2, 2, 3}));
    QCOMPARE(Tokenizer(good, "test").encode("cab"), (Ids{2}));
    auto adds_bos = good;
    adds_bos.add_bos = true;
    QCOMPARE(Tokenizer(adds_bos, "test").encode("ab"), (Ids{3, 2}));
    const std::vector<std::function<void(TokenizerData&)>> defects{
        [](TokenizerData& d) { d.pre = "nosuch"; },
        [](TokenizerData& d) { d.types.pop_back(); },
        [](TokenizerData& d) { d.types[0] = 0; },
        [](TokenizerData& d) { d.tokens.clear(), d.types.clear(); },
        [](TokenizerData& d) { d.merges[0] = "ab"; },
        [](TokenizerData& d) { d.merges[0] = "a c"; },
        [](TokenizerData& d) { d.merges[0] = "b a"; },
        [](TokenizerData& d) { d.merges[0] = "a b "; },
        [](TokenizerData& d) { d.eos_id = 4; },
        [](TokenizerData& d) { d.bos_id = -1, d.add_bos = true; },
    };
    for (std::size_t i = 0; i < defects.size(); ++i) {
        auto bad = good;
        defects[i](bad);
        try {
            const Tokenizer made(bad, "test");
            QFAIL(("defect " + std::to_string(i) + " was accepted").c_str());
        } catch (const Failure& failure) {
            QVERIFY(QString::fromStdString(failure.error().where).contains("test"));
        }
    }
}

QTEST_APPLESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
