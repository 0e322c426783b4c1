// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>

#include "core/base/error.h"
#include "core/formats/model_file.h"
#include "core/formats/tokenizer_json.h"
#include "json_data.h"

using namespace airframe;
namespace fs = std::filesystem;
using Ids = std::vector<std::int32_t>;

class TestTokenizerJson : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void smollmTiny();
    void otherNormalizerIsRefused();
    void writtenAndReadBack();
};

void TestTokenizerJson::smollmTiny() {
    const fs::path folder = test::sharedFolder() / "vectors/tokenizer/smollm_tiny_json";
    AIRFRAME_NEED(folder);
    const Tokenizer tokenizer(readTokenizerJson(folder, 1 << 20), folder.string());
    QCOMPARE(tokenizer.data().pre, std::string("smollm"));
    QCOMPARE(tokenizer.data().bos_id, 1);
    QCOMPARE(tokenizer.data().eos_id, 2);
    const auto expected = test::loadJson(folder / "expected.json");
    const auto strings = test::loadJson(folder.parent_path() / "smollm.json")["strings"];
    const auto& all = expected.is_array() ? expected : expected.contains("strings") ? expected["strings"] : expected["ids"];
    QCOMPARE(all.size(), strings.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string text = test::fromHex(strings[i]["utf8_hex"]);
        const Ids wanted = all[i].is_array() ? all[i] : all[i]["ids"];
        QVERIFY2(tokenizer.encode(text) == wanted, ("string " + std::to_string(i)).c_str());
        QCOMPARE(tokenizer.decode(wanted), text);
    }
}

void TestTokenizerJson::otherNormalizerIsRefused() {
    const fs::path folder = test::sharedFolder() / "vectors/tokenizer/qwen2_tiny_json";
    AIRFRAME_NEED(folder);
    QVERIFY_EXCEPTION_THROWN((void)readTokenizerJson(folder, 1 << 20), Failure);
}

void TestTokenizerJson::writtenAndReadBack() {
    AIRFRAME_NEED(test::demoModel());
    const auto model = ModelFile::open(test::demoModel());
    const TokenizerData& data = model->tokenizer()->data();
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    std::ofstream(folder / "tokenizer.json") << tokenizerJson(data).dump();
    std::ofstream(folder / "tokenizer_config.json") << tokenizerConfigJson(data, model->chatTemplate(), 8192).dump();
    const TokenizerData read = readTokenizerJson(folder, model->config().vocab);
    QCOMPARE(read.pre, data.pre);
    QCOMPARE(read.tokens, data.tokens);
    QCOMPARE(read.types, data.types);
    QCOMPARE(read.merges, data.merges);
    QCOMPARE(read.bos_id, data.bos_id);
    QCOMPARE(read.eos_id, data.eos_id);
    QCOMPARE(read.add_bos, data.add_bos);
    QCOMPARE(readChatTemplate(folder), model->chatTemplate());
}

QTEST_APPLESS_MAIN(TestTokenizerJson)
#include "tst_tokenizer_json.moc"
