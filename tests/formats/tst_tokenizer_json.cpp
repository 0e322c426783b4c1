// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>

#include "core/base/error.h"
#include "core/formats/model_file.h"
#include "core/formats/tokenizer.h"
#include "core/formats/tokenizer_folder.h"
#include "core/formats/tokenizer_json.h"
#include "json_data.h"
#include "support/failure.h"
#include "tiny_tokenizers.h"

using namespace airframe;
namespace fs = std::filesystem;
using Ids = std::vector<std::int32_t>;
using nlohmann::json;

class TestTokenizerJson : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void tinyFolders_data();
    void tinyFolders();
    void writtenAndReadBack_data();
    void writtenAndReadBack();
    void demoModelWrittenAndReadBack();
    void postProcessorAndSettings();
    void defectsAreRefused_data();
    void defectsAreRefused();
    void defectsOfTheText();
    void defectsOfPairsOfFiles();

  private:
    static void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }
};

void TestTokenizerJson::tinyFolders_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("without");  // a file that is left out, so that the next source is read
    QTest::addColumn<QString>("pre");
    QTest::newRow("smollm: tokenizer.json, merges as pairs") << "smollm" << "" << "smollm";
    QTest::newRow("qwen2: tokenizer.json, merges as texts") << "qwen2" << "" << "qwen2";
    QTest::newRow("qwen2: vocab.json and merges.txt") << "qwen2" << "tokenizer.json" << "qwen2";
}

void TestTokenizerJson::tinyFolders() {
    QFETCH(QString, folder);
    QFETCH(QString, without);
    QFETCH(QString, pre);
    const fs::path source = test::sharedFolder() / "vectors/tokenizer" / (folder + "_tiny_json").toStdString();
    AIRFRAME_NEED(source);
    QTemporaryDir dir;
    const fs::path copy = dir.path().toStdString();
    for (const auto& file : fs::directory_iterator(source)) {
        if (file.path().filename() != without.toStdString()) fs::copy(file.path(), copy);
    }
    const auto data = readTokenizerFolder(copy, 1 << 20);
    QVERIFY(data.has_value());
    QCOMPARE(QString::fromStdString(data->pre), pre);
    const Tokenizer tokenizer(*data, source.string());
    const auto settings = test::loadJson(source / "tokenizer_config.json");
    for (const auto& [field, id] : {std::pair{"bos_token", data->bos_id}, {"eos_token", data->eos_id}}) {
        QCOMPARE(id, settings[field].is_null() ? -1 : tokenizer.id(settings[field].get<std::string>()));
    }
    const auto expected = test::loadJson(source / "expected.json")["strings"];
    QCOMPARE(expected.size(), 600u);
    for (const auto& entry : expected) {
        const std::string text = test::fromHex(entry["utf8_hex"]);
        const Ids wanted = entry["ids"];
        const std::string label = "string " + entry["id"].dump();
        QVERIFY2(tokenizer.encode(text) == wanted, label.c_str());
        if (data->normalizer.empty()) QVERIFY2(tokenizer.decode(wanted) == text, label.c_str());
    }
}

void TestTokenizerJson::writtenAndReadBack_data() {
    QTest::addColumn<int>("number");
    const auto all = test::tinyTokenizers();
    for (std::size_t i = 0; i < all.size(); ++i) QTest::newRow(all[i].name) << static_cast<int>(i);
}

void TestTokenizerJson::writtenAndReadBack() {
    QFETCH(int, number);
    const test::TinyTokenizer tiny = test::tinyTokenizers()[static_cast<std::size_t>(number)];
    const Tokenizer before(tiny.data, tiny.name);
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    write(folder / "tokenizer.json", tokenizerJson(tiny.data).dump(1));
    write(folder / "tokenizer_config.json", tokenizerConfigJson(tiny.data, "{{ x }}", 77).dump());
    const auto read = readTokenizerFolder(folder, static_cast<int>(tiny.data.tokens.size()));
    QVERIFY(read.has_value());
    QCOMPARE(readChatTemplate(folder), std::string("{{ x }}"));
    QCOMPARE(read->pre, tiny.data.pre);
    QCOMPARE(read->kind, tiny.data.kind);
    QCOMPARE(read->tokens, tiny.data.tokens);
    QVERIFY(read->normalizer == tiny.data.normalizer);
    QVERIFY(read->pre_steps == tiny.data.pre_steps);
    QVERIFY(read->added == tiny.data.added);
    QCOMPARE(read->bos_id, tiny.data.bos_id);
    QCOMPARE(read->eos_id, tiny.data.eos_id);
    QCOMPARE(read->unk_id, tiny.data.unk_id);
    QCOMPARE(read->add_bos, tiny.data.add_bos);
    QCOMPARE(read->add_eos, tiny.data.add_eos);
    QCOMPARE(read->ignore_merges, tiny.data.ignore_merges);
    QCOMPARE(read->byte_fallback, tiny.data.byte_fallback);
    const Tokenizer after(*read, tiny.name);
    for (const auto& [text, ids] : tiny.encodings) {
        QCOMPARE(before.encode(text), ids);
        QCOMPARE(after.encode(text), ids);
        QCOMPARE(after.decode(ids), before.decode(ids));
    }
}

void TestTokenizerJson::demoModelWrittenAndReadBack() {
    AIRFRAME_NEED(test::demoModel());
    const auto model = ModelFile::open(test::demoModel());
    const TokenizerData& data = model->tokenizer()->data();
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    write(folder / "tokenizer.json", tokenizerJson(data).dump());
    write(folder / "tokenizer_config.json", tokenizerConfigJson(data, model->chatTemplate(), 8192).dump());
    const auto read = readTokenizerFolder(folder, model->config().vocab);
    QVERIFY(read.has_value());
    QCOMPARE(read->pre, data.pre);
    QCOMPARE(read->tokens, data.tokens);
    QCOMPARE(read->types, data.types);
    QCOMPARE(read->merges, data.merges);
    QCOMPARE(read->bos_id, data.bos_id);
    QCOMPARE(read->eos_id, data.eos_id);
    QCOMPARE(read->add_bos, data.add_bos);
    QCOMPARE(readChatTemplate(folder), model->chatTemplate());
}

void TestTokenizerJson::postProcessorAndSettings() {
    // tokenizer.json's template names what is added; tokenizer_config.json has the last word.
    const auto tiny = test::tinyTokenizers()[1];
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    write(folder / "tokenizer.json", tokenizerJson(tiny.data).dump());
    const auto read = [&] { return *readTokenizerFolder(folder, 1000); };
    QCOMPARE(read().add_bos, true);
    QCOMPARE(read().bos_id, tiny.data.bos_id);
    write(folder / "tokenizer_config.json", R"({"add_bos_token": false, "eos_token": {"content": "<t>"}})");
    QCOMPARE(read().add_bos, false);
    QCOMPARE(read().tokens[static_cast<std::size_t>(read().eos_id)], std::string("<t>"));
    write(folder / "tokenizer_config.json", R"({"add_bos_token": null})");
    QCOMPARE(read().add_bos, true);
    write(folder / "tokenizer_config.json", R"({"bos_token": "nowhere"})");
    const auto error = test::errorOf([&] { (void)read(); });
    QVERIFY(error && error->where.ends_with("tokenizer_config.json: bos_token"));
}

void TestTokenizerJson::defectsAreRefused_data() {
    QTest::addColumn<QString>("pointer");  // what is replaced
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("field");    // what the message names
    const auto row = [](const char* name, const char* pointer, const char* value, const char* field) {
        QTest::newRow(name) << pointer << value << field;
    };
    row("model of another type", "/model/type", R"("WordPiece")", "model.type");
    row("model is a list", "/model", "[]", "model");
    row("dropout", "/model/dropout", "0.1", "dropout");
    row("prefix", "/model/continuing_subword_prefix", R"("##")", "continuing_subword_prefix");
    row("byte_fallback is a number", "/model/byte_fallback", "3", "byte_fallback");
    row("unknown token that is none", "/model/unk_token", R"("nowhere")", "model.unk_token");
    row("vocabulary is a list", "/model/vocab", "[]", "vocab");
    row("id beyond", "/model/vocab/a", "1000", "model.vocab: \"a\"");
    row("id negative", "/model/vocab/a", "-1", "model.vocab: \"a\"");
    row("id huge", "/model/vocab/a", "18446744073709551615", "model.vocab: \"a\"");
    row("id fractional", "/model/vocab/a", "1.5", "model.vocab: \"a\"");
    row("id twice", "/model/vocab/a", "1", "model.vocab");
    row("merges is an object", "/model/merges", "{}", "merges");
    row("merge of three", "/model/merges/0", R"(["a","b","c"])", "model.merges");
    row("merge of an unknown token", "/model/merges/0", R"("a zz")", "merge 0");
    row("merge without a space", "/model/merges/0", R"("ab")", "merge 0");
    row("merge of tokens with spaces", "/model/merges/0", R"(["a","b c"])", "merge 0");
    row("added tokens are text", "/added_tokens", R"("x")", "added_tokens");
    row("added token without id", "/added_tokens/0", R"({"content":"x"})", "added_tokens");
    row("added token takes an id", "/added_tokens/0/id", "0", "added_tokens");
    row("added token's content is a number", "/added_tokens/0/content", "5", "content");
    row("added token's lstrip is a text", "/added_tokens/0/lstrip", R"("yes")", "lstrip");
    row("normalizer Lowercase", "/normalizer", R"({"type":"Lowercase"})", "normalizer");
    row("normalizer is text", "/normalizer", R"("NFC")", "normalizer");
    row("normalizer Replace Regex", "/normalizer", R"({"type":"Replace","pattern":{"Regex":"a"},"content":"b"})", "normalizer");
    row("normalizer Replace nothing", "/normalizer", R"({"type":"Replace","pattern":{"String":""},"content":"b"})", "normalizer");
    row("normalizer without a list", "/normalizer", R"({"type":"Sequence"})", "normalizers");
    row("pre-tokenizer unknown", "/pre_tokenizer", R"({"type":"Whitespace"})", "pre_tokenizer");
    row("pre-tokenizer without type", "/pre_tokenizer", R"({"name":"Whitespace"})", "type");
    row("bytes before characters", "/pre_tokenizer",
        R"({"type":"Sequence","pretokenizers":[{"type":"ByteLevel"},{"type":"Digits"},{"type":"ByteLevel"}]})", "pre_tokenizer");
    for (const char* expression : {"(a", "a*", "\\\\w+", "[[:alpha:]]", "[a[b]]", "[a&&b]", "^a", "a$", "(*FAIL)", "(?P<n>a)", "(?m:a)",
                                   "a\\\\", "\\\\1", "a{1,2}+", ""}) {
        const QString text = QString(R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"%1"},)"
                                     R"("behavior":"Isolated"},{"type":"ByteLevel","use_regex":false,"add_prefix_space":false}]})")
                                 .arg(expression);
        QTest::newRow(("expression " + std::string(expression)).c_str()) << "/pre_tokenizer" << text << "pre_tokenizer";
    }
    row("post-processor Bert", "/post_processor", R"({"type":"BertProcessing"})", "post_processor");
    row("template without text", "/post_processor", R"({"type":"TemplateProcessing","single":[],"special_tokens":{}})",
        "post_processor.single");
    row("template of an unknown token", "/post_processor",
        R"({"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"q"}},{"Sequence":{"id":"A"}}],"special_tokens":{}})", "q");
    row("template's id beyond", "/post_processor",
        R"({"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"q"}},{"Sequence":{"id":"A"}}],"special_tokens":{"q":{"ids":[9999]}}})",
        "post_processor");
    row("decoder WordPiece", "/decoder", R"({"type":"WordPiece"})", "decoder");
}

void TestTokenizerJson::defectsAreRefused() {
    QFETCH(QString, pointer);
    QFETCH(QString, value);
    QFETCH(QString, field);
    const auto tiny = test::tinyTokenizers()[0];
    json file = json::parse(tokenizerJson(tiny.data).dump());
    file[json::json_pointer(pointer.toStdString())] = json::parse(value.toStdString());
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    write(folder / "tokenizer.json", file.dump());
    const auto error = test::errorOf([&] {
        const Tokenizer made(*readTokenizerFolder(folder, 1000), folder.string());
        (void)made.encode("a b");  // an expression may turn out to be empty only on a text
    });
    QVERIFY(error.has_value());
    QCOMPARE(error->code, ErrorCode::bad_input);
    QVERIFY2(QString::fromStdString(error->line()).contains(dir.path()), error->line().c_str());
    QVERIFY2(QString::fromStdString(error->where).contains(field), error->line().c_str());
}

void TestTokenizerJson::defectsOfTheText() {
    // What a parsed and written file cannot show: keys twice, depth, NUL, bytes that are not UTF-8, every place to be cut off.
    const std::string good = tokenizerJson(test::tinyTokenizers()[0].data).dump();
    const auto with = [&](const std::string& what, const std::string& instead) {
        std::string text = good;
        return text.replace(text.find(what), what.size(), instead);
    };
    std::vector<std::string> bad{with("\"a\":0", "\"a\":0,\"a\":5"),
                                 with("\"vocab\":", "\"vocab\":{},\"vocab\":"),
                                 with("\"merges\":", "\"merges\":[],\"merges\":"),
                                 with("\"merges\":", "\"vocab\":[],\"merges\":"),
                                 with("\"truncation\":null", "\"model\":null"),
                                 with("\"truncation\":null", "\"truncation\":" + std::string(100000, '[')),
                                 with("\"truncation\":null", "\"truncation\":NaN"),
                                 with("\"truncation\":null", "\"truncation\":1e999"),
                                 with("\"a\":0", "\"\xff\":0"),
                                 with("\"a\":0", "\"a\":{}"),
                                 with("\"a\":0", "\"a\":[0]"),
                                 with("\"a b\"", "{}"),
                                 with("\"a b\"", "null"),
                                 with("\"a b\"", "[[\"a\",\"b\"]]"),
                                 good + std::string(1, '\0') + "x",
                                 good + "x",
                                 "[]",
                                 "3"};
    for (std::size_t cut = 1; cut + 1 < good.size(); cut += 7) bad.push_back(good.substr(0, cut));
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    write(folder / "tokenizer.json", good);
    QVERIFY(readTokenizerFolder(folder, 100).has_value());
    for (std::size_t i = 0; i < bad.size(); ++i) {
        write(folder / "tokenizer.json", bad[i]);
        const auto error = test::errorOf([&] { (void)readTokenizerFolder(folder, 100); });
        QVERIFY2(error && error->code == ErrorCode::bad_input, std::to_string(i).c_str());
        QVERIFY2(error->where.find("tokenizer.json") != std::string::npos, error->line().c_str());
    }
}

void TestTokenizerJson::defectsOfPairsOfFiles() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    QVERIFY(!readTokenizerFolder(folder, 100).has_value());
    struct Case {
        const char *vocab, *merges, *config, *where;
    };
    const char* good = R"({"a": 0, "b": 1, "ab": 2})";
    const char* qwen = R"({"tokenizer_class": "Qwen2Tokenizer"})";
    const Case cases[] = {
        {good, "#version: 0.2\na b\n", qwen, nullptr},
        {good, "a b\r\n", R"({"tokenizer_class": "GPT2Tokenizer"})", nullptr},
        {good, "a b\n", R"({})", "tokenizer_class"},
        {good, "a b\n", R"({"tokenizer_class": "BertTokenizer"})", "tokenizer_class"},
        {good, "a b\n", R"({"tokenizer_class": 3})", "tokenizer_class"},
        {good, "a b c\n", qwen, "merge 0"},
        {good, "a\xff b\n", qwen, "merges.txt"},
        {R"({"a": 0, "b": 0})", "a b\n", qwen, "vocab.json"},
        {R"({"a": 100})", "\n", qwen, "vocab.json"},
        {R"([1])", "a b\n", qwen, "vocab.json"},
        {good, "a b\n", R"({"tokenizer_class": "Qwen2Tokenizer", "added_tokens_decoder": {"2": {"content": "x"}}})", "added_tokens_decoder.2"},
        {good, "a b\n", R"({"tokenizer_class": "Qwen2Tokenizer", "added_tokens_decoder": {"x": {"content": "x"}}})", "added_tokens_decoder.x"},
    };
    for (const Case& c : cases) {
        write(folder / "vocab.json", c.vocab);
        write(folder / "merges.txt", c.merges);
        write(folder / "tokenizer_config.json", c.config);
        const auto error = test::errorOf([&] { Tokenizer(*readTokenizerFolder(folder, 100), folder.string()); });
        QCOMPARE(error.has_value(), c.where != nullptr);
        if (error) QVERIFY2(QString::fromStdString(error->where).contains(c.where), error->line().c_str());
    }
    // Added tokens and which of them are control tokens stand in files of their own.
    write(folder / "vocab.json", good);
    write(folder / "merges.txt", "a b\n");
    write(folder / "tokenizer_config.json", qwen);
    write(folder / "added_tokens.json", R"({"<x>": 3, "<y>": 4})");
    write(folder / "special_tokens_map.json", R"({"eos_token": {"content": "<x>"}})");
    const Tokenizer tokenizer(*readTokenizerFolder(folder, 100), folder.string());
    QCOMPARE(tokenizer.encode("ab<x>a<y>"), (Ids{2, 3, 0, 4}));
    QCOMPARE(tokenizer.encode("<y>", false), (Ids{4}));
    QCOMPARE(tokenizer.encode("a<x>", false), (Ids{0}));  // plain text whose bytes have no tokens
}

QTEST_APPLESS_MAIN(TestTokenizerJson)
#include "tst_tokenizer_json.moc"
