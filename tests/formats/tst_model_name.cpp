// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/formats/model_name.h"

using namespace airframe;

class TestModelName : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void everyForm_data();
    void everyForm();
};

void TestModelName::everyForm_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("name");
    const auto row = [](const char* path, const char* name) { QTest::newRow(path) << path << name; };
    row("SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-135M-Instruct.Q4_1");
    row("big-00002-of-00003.gguf", "big");
    row("-00002-of-00003.gguf", "-00002-of-00003");
    row("big-0002-of-0003.gguf", "big-0002-of-0003");
    row("Qwen2.5-1.5B/", "Qwen2.5-1.5B");
    row("Qwen2.5-1.7B/model.safetensors", "Qwen2.5-1.7B");
    row("Llama-3.1-8B/model-00001-of-00004.safetensors", "Llama-3.1-8B");
    row("folder/named.safetensors", "named");
    row("folder/model.gguf", "model");
    row("hub/models--Qwen--Qwen2.5-0.5B/snapshots/7ae557604adf67be50417f59c2c2f167def9a775/", "Qwen2.5-0.5B");
    row("hub/models--Qwen--Qwen2.5-0.5B/snapshots/7ae5/model.safetensors", "Qwen2.5-0.5B");
    row("hub/models--gpt2/snapshots/7ae5/", "gpt2");
    row("snapshots/today/", "today");
}

void TestModelName::everyForm() {
    QFETCH(QString, path);
    QFETCH(QString, name);
    for (const char* folder : {"", "/", "/home/a.b/", "../"})
        QCOMPARE(QString::fromStdString(modelName(folder + path.toStdString())), name);
    if (path.endsWith('/')) QCOMPARE(QString::fromStdString(modelName(path.chopped(1).toStdString())), name);
}

QTEST_APPLESS_MAIN(TestModelName)
#include "tst_model_name.moc"
