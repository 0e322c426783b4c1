// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QElapsedTimer>

#include "conversations.h"
#include "core/base/error.h"
#include "core/formats/chat_template.h"
#include "core/formats/model_file.h"
#include "core/formats/tokenizer.h"
#include "core/formats/tokenizer_folder.h"
#include "json_data.h"
#include "support/failure.h"
#include "support/sanitized.h"
#include "support/temporary_folder.h"

using namespace airframe;

class TestChatTemplate : public QObject {
    Q_OBJECT

    static std::string render(const std::string& source, const Conversation& conversation = {}) {
        return ChatTemplate(source, {{"bos_token", "<s>"}}, "m").render(conversation);
    }

  private Q_SLOTS:
    void demoModel();
    void renders_data();
    void renders();
    void refused_data();
    void refused();
    void withoutTemplate();
    void namedTemplates();
    void manyTurns();
};

void TestChatTemplate::demoModel() {
    AIRFRAME_NEED(test::demoModel());
    const auto path = test::sharedFolder() / "vectors/smollm2/smollm2.json";
    AIRFRAME_NEED(path);
    const auto model = ModelFile::open(test::demoModel());
    const std::vector<std::pair<std::string, std::vector<ChatMessage>>> conversations{
        {"chat-default-system", {{"user", "Give me three tips for learning to swim."}}},
        {"chat-multi-turn",
         {{"system", "You answer in one short sentence."},
          {"user", "What is the boiling point of water at sea level?"},
          {"assistant", "It is 100 degrees Celsius."},
          {"user", "And in Fahrenheit?"}}}};
    const ChatTemplate chat = ChatTemplate::of(*model);
    QCOMPARE(chat.origin(), ChatTemplate::Origin::model);
    QVERIFY(chat.note().empty());
    int checked = 0;
    const auto file = test::loadJson(path);
    for (const auto& prompt : file["prompts"]) {
        for (const auto& [name, messages] : conversations) {
            if (prompt["name"] != name) continue;
            const std::string text = chat.render(Conversation::of(messages));
            QCOMPARE(text, prompt["text"].get<std::string>());
            QCOMPARE(model->tokenizer()->encode(text), prompt["ids"].get<std::vector<std::int32_t>>());
            ++checked;
        }
    }
    QCOMPARE(checked, 2);
}

/// One row per construct, with the text that jinja2 makes of it (tst_chat_template_python compares far more where it is there).
void TestChatTemplate::renders_data() {
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* source, const char* text) { QTest::newRow(source) << source << text; };
    // Filters over what is no list make one for the occasion, which must outlive the loop.
    row("{{ {'b': 1, 'a': 2} | join('-') }} {{ {'x': 1} | map('upper') | join }} {{ {1: 2, 5: 3} | sum }}", "b-a X 6");
    row("{{ {'b': 1, 'a': 2} | select('string') | join }} {{ {'b': 1, 'B': 2} | unique | join }} {{ '-'.join({'p': 1, 'q': 2}) }}", "ba b p-q");
    row("plain\n", "plain");
    row("a {{ bos_token }} b", "a <s> b");
    row("{{ messages[0].content }}{{ messages[-1]['role'] }}", "Q?user");
    row("  {% if true %}\nx\n  {% endif %}\ny", "x\ny");
    row("a\n  {{- 'b' -}}\n  c", "abc");
    row("{%+ if true %} x{% endif %}", " x");
    row("{% for i in range(3) %}{{ loop.index }}{{ '.' if loop.last else ',' }}{% endfor %}", "1,2,3.");
    row("{% for i in [] %}x{% else %}none{% endfor %}", "none");
    row("{% set ns = namespace(n=1) %}{% for i in [1, 2] %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "4");
    row("{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}", "1");
    row("{% macro m(a, b='B') %}{{ a }}{{ b }}{% endmacro %}{{ m('A') }}", "AB");
    row("{% generation %}kept{% endgeneration %}", "kept");
    row("{{ tools is none }}{{ enable_thinking is defined }}", "TrueFalse");
    row("{{ ['a', 1, none, {'k': 1.0}] }}", "['a', 1, None, {'k': 1.0}]");
    row("{{ {'b': 'é', 'a': [1]} | tojson(indent=2) }}", "{\n  \"b\": \"é\",\n  \"a\": [\n    1\n  ]\n}");
    row("{{ 'héllo'[1:3] }}{{ 'a,b'.split(',')[1] }}{{ ' x '.strip() }}{{ 'ab' | length }}", "élbx2");
    row("{{ messages | map(attribute='role') | join('+') }}", "user");
    row("{{ 'yes' if [] | select else 'no' }}", "yes");  // a generator is true, empty or not: so it is in Python
    row("{{ undefined_name }}{{ messages.nothing }}|", "|");
    row("{{ messages[0].items() | list | length }}{{ messages[0]['content'] }}", "2Q?");
    row("{{ strftime_now('%Y') | int > 2000 }}", "True");
}

void TestChatTemplate::renders() {
    QFETCH(QString, source);
    QFETCH(QString, text);
    QCOMPARE(QString::fromStdString(render(source.toStdString(), Conversation::of({{"user", "Q?"}}))), text);
}

/// Templates that are broken, that mean nothing, or that would take the machine's time or memory.
void TestChatTemplate::refused_data() {
    QTest::addColumn<QString>("source");
    QTest::addColumn<int>("line");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, const QString& source, int line, const char* words) {
        QTest::newRow(name) << source << line << words;
    };
    const auto many = [](const char* text, int count) { return QString(text).repeated(count); };
    row("output not closed", "a\n{{ x", 2, "not closed");
    row("tag not closed", "{% if", 1, "not closed");
    row("comment not closed", "\n\n{# x", 3, "not closed");
    row("string not closed", "{{ 'x }}", 1, "not closed");
    row("raw not closed", "{% raw %}", 1, "endraw");
    row("if not ended", "{% if true %}", 1, "endif");
    row("end of nothing", "{% endfor %}", 1, "endfor");
    row("unknown tag", "x\n{% frobnicate %}", 2, "frobnicate");
    row("other files", "{% include 'x' %}", 1, "not supported");
    row("import", "{% from 'x' import y %}", 1, "not supported");
    row("unknown filter", "\n{{ 'x' | nosuch }}", 2, "nosuch");
    row("unknown test", "{{ 'x' is nosuch }}", 1, "nosuch");
    row("bad escape", "{{ '\\xZZ' }}", 1, "escape");
    row("half a surrogate pair", "{{ '\\ud83d' }}", 1, "escape");
    row("brackets", "{{ (1] }}", 1, "closes nothing");
    row("break outside", "{% break %}", 1, "outside");
    row("number too long", "{{ 99999999999999999999 }}", 1, "64 bits");
    row("refuses", "\n{{ raise_exception('no tools here') }}", 2, "no tools here");
    row("attribute of undefined", "{{ x.y }}", 1, "'x' is undefined");
    row("sum of unlike", "{{ 'a' + 1 }}", 1, "str + int");
    row("changes a list", "{{ messages.append(1) }}", 1, "append");
    row("private attribute", "{{ ''.__class__.__mro__ }}", 1, "__class__");
    row("file access", "{{ open('/etc/passwd').read() }}", 1, "'open' is undefined");
    row("division", "{{ 1 // 0 }}", 1, "zero");
    row("overflow", "{{ 9223372036854775807 + 1 }}", 1, "64 bits");
    row("overflow of the least number", "{{ (-9223372036854775807 - 1) // -1 }}", 1, "64 bits");
    row("prints a function", "{{ range }}", 1, "no text");
    row("too few values", "{% for a, b in [[1]] %}{% endfor %}", 1, "2 names");
    row("long range", "{% for i in range(10000000) %}{% endfor %}", 1, "range()");
    row("nested loops", "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", 1, "steps");
    row("loops that print", "{% for a in range(99999) %}{% for b in range(99999) %}xxxxxxxx{% endfor %}{% endfor %}", 1, "steps");
    row("repeated text", "{{ 'x' * 999999999999 }}", 1, "MiB");
    row("repeated list", "{{ [1] * 999999999999 }}", 1, "entries");
    row("doubling", "{% set n = namespace(s='xxxxxxxx') %}{% for i in range(90) %}{% set n.s = n.s + n.s %}{% endfor %}", 1, "MiB");
    row("doubling by replace",
        "{% set n = namespace(s='xx') %}{% for i in range(90) %}{% set n.s = n.s.replace('x', 'xx') %}{% endfor %}", 1,
        "MiB");
    row("doubling list", "{% set n = namespace(s=[1]) %}{% for i in range(90) %}{% set n.s = n.s + n.s %}{% endfor %}",
        1, "entries");
    row("kept in lists",
        "{% set n = namespace(s=[]) %}{% for i in range(999) %}{% set n.s = n.s + ['x' * 999999] %}{% endfor %}", 1,
        "MiB");
    row("shared parts printed",
        "{% set n = namespace(s=['xxxxxxxx']) %}{% for i in range(40) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s "
        "}}",
        1, "");
    row("shared parts compared",
        "{% set n = namespace(s=[1], t=[1]) %}{% for i in range(40) %}{% set n.s = [n.s, n.s] %}{% set n.t = [n.t, "
        "n.t] %}{% endfor %}{{ n.s == n.t }}",
        1, "steps");
    row("deep list", "{% set n = namespace(s=[]) %}{% for i in range(99999) %}{% set n.s = [n.s] %}{% endfor %}", 1, "levels");
    row("deep methods",
        "{% set n = namespace(s={}) %}{% for i in range(99999) %}{% set n.s = {'a': n.s.get} %}{% endfor %}", 1,
        "levels");
    row("endless macro", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", 1, "levels");
    row("width", "{{ '%999999999d' % 1 }}", 1, "width");
    row("padding", "{{ 'x'.ljust(99999999999) }}", 1, "MiB");
    row("centred", "{{ 'x' | center(99999999999) }}", 1, "MiB");
    row("indentation", "{{ ('\\n' * 99999) | indent(1000, blank=true) }}", 1, "MiB");
    row("search that always almost matches",
        "{% set a = 'a' * 4000000 %}{% set b = 'a' * 2000000 ~ 'b' %}{{ b in a }}{{ a.find(b) }}{{ a.rfind(b) }}{{ a.count(b) }}"
        "{{ a.split(b) | length }}{{ a.replace(b, '') | length }}{{ x.y }}", 1, "");
    row("strip of many characters", "{% set a = 'a' * 4000000 %}{{ a.strip('b' * 4000000 ~ 'a') }}{{ x.y }}", 1, "'x' is undefined");
    row("split into too many", "{{ ('a,' * 4000000).split(',') }}", 1, "entries");
    row("split at spaces into too many", "{{ ('a ' * 4000000).split() }}", 1, "entries");
    row("too many lines", "{{ ('\\n' * 8000000).splitlines() }}", 1, "entries");
    row("too many characters", "{{ ('a' * 8000000) | list }}", 1, "entries");
    row("backwards", "{{ ('a' * 16000000)[::-1] }}", 1, "MiB");
    row("long keys", "{% set k = 'k' * 4000000 %}{% set d = {k: 1} %}{% for i in range(99999) %}{{ d[k] }}{% endfor %}", 1, "MiB");
    row("nested keys", "{% set n = namespace(k=(1,)) %}{% for i in range(40) %}{% set n.k = (n.k, n.k) %}{% endfor %}{{ {n.k: 1} }}", 1, "");
    row("date", "{{ strftime_now('%999999d') }}", 1, "strftime_now");
    row("parentheses", "{{ " + many("(", 5000) + "1" + many(")", 5000) + " }}", 1, "levels");
    row("brackets in brackets", "{{ " + many("[", 5000) + many("]", 5000) + " }}", 1, "levels");
    row("nots", "{{ " + many("not ", 5000) + "1 }}", 1, "levels");
    row("minuses", "{{ " + many("-", 5000) + "1 }}", 1, "levels");
    row("long sum", "{{ 1" + many(" + 1", 5000) + " }}", 1, "levels");
    row("long chain", "{{ a" + many(".a", 5000) + " }}", 1, "levels");
    row("long pipe", "{{ a" + many("|string", 5000) + " }}", 1, "levels");
    row("nested ifs", many("{% if 1 %}", 5000) + many("{% endif %}", 5000), 1, "levels");
    row("nested targets", "{% for " + many("(", 5000) + "a" + many(")", 5000) + " in b %}{% endfor %}", 1, "levels");
    row("too long", many("x", 2 << 20), 0, "KiB");
}

void TestChatTemplate::refused() {
    QFETCH(QString, source);
    QFETCH(int, line);
    QFETCH(QString, words);
    QElapsedTimer timer;
    timer.start();
    const auto error = test::errorOf([&] { (void)render(source.toStdString(), Conversation::of({{"user", "Q?"}})); });
    QVERIFY(error);
    QVERIFY2(sanitized || timer.elapsed() < 2000, qPrintable(QString::number(timer.elapsed())));
    QCOMPARE(error->code, ErrorCode::bad_input);
    QCOMPARE(QString::fromStdString(error->where), line > 0 ? QString("m, line %1").arg(line) : QString("m"));
    QVERIFY2(QString::fromStdString(error->what).contains(words), error->what.c_str());
    QVERIFY(!error->hint.empty());
}

namespace {

/// A model that consists of a vocabulary.
class OnlyTokens final : public ModelFile {
  public:
    explicit OnlyTokens(const std::vector<std::string>& special, std::string chat_template = {})
        : m_template(std::move(chat_template)) {
        TokenizerData data;
        data.pre = "smollm";
        for (const std::string& token : special) {
            data.tokens.push_back(token);
            data.types.push_back(3);
        }
        data.bos_id = 0;
        m_tokenizer = std::make_shared<const Tokenizer>(std::move(data), "vocabulary");
    }
    std::string format() const override { return "none"; }
    const std::filesystem::path& path() const override { return m_path; }
    const ModelConfig& config() const override { return m_config; }
    const std::vector<TensorInfo>& tensors() const override { return m_tensors; }
    std::uint64_t bytes() const override { return 0; }
    std::string hash() const override { return {}; }
    void readFloat(std::string_view, float*) const override {}
    void readStored(std::string_view, std::byte*) const override {}
    std::shared_ptr<const Tokenizer> tokenizer() const override { return m_tokenizer; }
    std::string chatTemplate() const override { return m_template; }

  private:
    std::filesystem::path m_path = "model";
    ModelConfig m_config;
    std::vector<TensorInfo> m_tensors;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    std::string m_template;
};

}  // namespace

void TestChatTemplate::withoutTemplate() {
    const Conversation conversation = Conversation::of({{"system", "S"}, {"user", "Q"}});
    const ChatTemplate chatml = ChatTemplate::of(OnlyTokens({"<s>", "<|im_start|>", "<|im_end|>"}));
    QCOMPARE(chatml.origin(), ChatTemplate::Origin::chatml);
    QCOMPARE(chatml.render(conversation),
             std::string("<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nQ<|im_end|>\n<|im_start|>assistant\n"));
    QVERIFY(chatml.note().find("ChatML") != std::string::npos);
    const ChatTemplate plain = ChatTemplate::of(OnlyTokens({"<s>", "<|im_start|>"}));
    QCOMPARE(plain.origin(), ChatTemplate::Origin::plain);
    QCOMPARE(plain.render(conversation), std::string("S\n\nQ"));
    QVERIFY(plain.note().find("plain text") != std::string::npos);
    const ChatTemplate own = ChatTemplate::of(OnlyTokens({"<first>"}, "{{ bos_token }}!"));
    QCOMPARE(own.origin(), ChatTemplate::Origin::model);
    QCOMPARE(own.render(conversation), std::string("<first>!"));
    const auto error = test::errorOf([] { (void)ChatTemplate::of(OnlyTokens({"<s>"}, "\n{{ ")); });
    QVERIFY(error);
    QCOMPARE(error->where, std::string("model: chat template, line 2"));
}

/// tokenizer_config.json may hold several templates by name.
void TestChatTemplate::namedTemplates() {
    const test::TemporaryFolder folder;
    folder.write("tokenizer_config.json",
                 R"({"chat_template": [{"name": "tool_use", "template": "T"}, {"name": "default", "template": "D"}]})");
    QCOMPARE(readChatTemplate(folder.path()), std::string("D"));
    folder.write("tokenizer_config.json", R"({"chat_template": [{"name": "tool_use", "template": "T"}, {"name": "default"}, 3]})");
    QCOMPARE(readChatTemplate(folder.path()), std::string());
    folder.write("chat_template.jinja", "J");
    QCOMPARE(readChatTemplate(folder.path()), std::string("J"));
}

/// A long conversation stays far inside the budget that stops hostile templates.
void TestChatTemplate::manyTurns() {
    Conversation conversation;
    const std::string words(2000, 'x');
    for (int i = 0; i < 2000; ++i) conversation.messages.push_back({{"role", i % 2 ? "assistant" : "user"}, {"content", words}});
    std::ifstream file(AIRFRAME_SOURCE_DIR "/tests/formats/chat_templates/thoughts.jinja");
    const std::string source{std::istreambuf_iterator<char>(file), {}};
    QVERIFY(!source.empty());
    const std::string text = render(source, conversation);
    QVERIFY(text.size() > 2000 * words.size());
}

QTEST_APPLESS_MAIN(TestChatTemplate)
#include "tst_chat_template.moc"
