// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/base/error.h"
#include "core/formats/chat_template.h"
#include "core/formats/model_file.h"
#include "core/formats/tokenizer.h"
#include "json_data.h"

using namespace airframe;

class TestChatTemplate : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void demoModel();
    void withoutDefault();
    void refused();
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
    int checked = 0;
    const auto file = test::loadJson(path);
    for (const auto& prompt : file["prompts"]) {
        for (const auto& [name, messages] : conversations) {
            if (prompt["name"] != name) continue;
            const std::string text = renderChat(model->chatTemplate(), messages, "demo");
            QCOMPARE(text, prompt["text"].get<std::string>());
            QCOMPARE(model->tokenizer()->encode(text), prompt["ids"].get<std::vector<std::int32_t>>());
            ++checked;
        }
    }
    QCOMPARE(checked, 2);
}

void TestChatTemplate::withoutDefault() {
    const std::string source =
        "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}";
    QCOMPARE(renderChat(source, {{"user", "hi"}}, "x"),
             std::string("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"));
    const std::string fixed = "{{ '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}";
    QCOMPARE(renderChat(fixed, {{"user", "hi"}}, "x"),
             std::string("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"));
    const std::string escaped = "{{ '<|im_start|>system\\nIt\\'s you.<|im_end|>\\n' }}";
    QCOMPARE(renderChat(escaped, {}, "x"),
             std::string("<|im_start|>system\nIt's you.<|im_end|>\n<|im_start|>assistant\n"));
}

void TestChatTemplate::refused() {
    QVERIFY_EXCEPTION_THROWN((void)renderChat("", {}, "x"), Failure);
    QVERIFY_EXCEPTION_THROWN((void)renderChat("[INST] {{ text }} [/INST]", {}, "x"), Failure);
    QVERIFY_EXCEPTION_THROWN((void)renderChat("<|im_start|><|im_end|>", {{"tool", "hi"}}, "x"), Failure);
}

QTEST_APPLESS_MAIN(TestChatTemplate)
#include "tst_chat_template.moc"
