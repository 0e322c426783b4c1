// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QDir>
#include <QProcess>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <map>

#include "conversations.h"
#include "core/base/error.h"
#include "core/formats/chat_template.h"
#include "core/formats/model_file.h"
#include "support/shared_data.h"

using namespace airframe;
using json = nlohmann::ordered_json;

/// Our interpreter against jinja2 itself, in the environment of transformers: every template times every conversation gives
/// the same text to the byte, or both refuse. Needs $AIRFRAME_PYTHON, a Python with jinja2.
class TestChatTemplatePython : public QObject {
    Q_OBJECT

    struct Case {
        QString name;
        std::string source;
        const Conversation* conversation;
    };
    static constexpr std::time_t now = 1'753'000'000;
    static inline const std::map<std::string, std::string> tokens{{"bos_token", "<s>"}, {"eos_token", "</s>"}};

    static std::string read(const QString& path) {
        std::ifstream file(path.toStdString(), std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    /// What Python makes of the cases.
    static json rendered(const QString& python, const std::vector<Case>& cases) {
        json job = {{"now", now}, {"cases", json::array()}};
        for (const Case& each : cases) {
            json variables = each.conversation->variables;
            for (const auto& [name, text] : tokens) variables[name] = text;
            variables["messages"] = each.conversation->messages;
            variables["tools"] = each.conversation->tools;
            variables["documents"] = each.conversation->documents;
            variables["add_generation_prompt"] = each.conversation->add_generation_prompt;
            job["cases"].push_back({{"source", each.source}, {"variables", variables}});
        }
        QProcess process;
        process.start(python, {AIRFRAME_SOURCE_DIR "/tests/formats/render_templates.py"});
        process.write(QByteArray::fromStdString(job.dump()));
        process.closeWriteChannel();
        process.waitForFinished(120000);
        const QByteArray out = process.readAllStandardOutput();
        if (process.exitCode() != 0 || out.isEmpty()) return {{"failed", process.readAllStandardError().toStdString()}};
        return json::parse(out.toStdString());
    }

    /// With `each_gives_text` every template must give a text for some conversation, so that none is only compared by its refusals.
    void compare(const QString& folder, bool each_gives_text) {
        const QString python = qEnvironmentVariable("AIRFRAME_PYTHON");
        if (python.isEmpty()) QSKIP("AIRFRAME_PYTHON names no Python with jinja2");
        std::vector<std::pair<QString, std::string>> templates;
        for (const QFileInfo& file : QDir(folder).entryInfoList({"*.jinja"}, QDir::Files, QDir::Name)) {
            templates.emplace_back(file.fileName(), read(file.filePath()));
        }
        if (std::filesystem::exists(test::demoModel())) {
            templates.emplace_back("demo model", ModelFile::open(test::demoModel())->chatTemplate());
        }
        QVERIFY2(!templates.empty(), qPrintable(folder));
        auto conversations = test::conversations();
        std::vector<Case> cases;
        for (auto& [name, conversation] : conversations) {
            conversation.now = std::chrono::system_clock::from_time_t(now);
            for (const auto& [file, source] : templates)
                cases.push_back({file + " / " + QString::fromStdString(name), source, &conversation});
        }
        const json expected = rendered(python, cases);
        QVERIFY2(expected.is_array() && expected.size() == cases.size(), expected.dump().substr(0, 500).c_str());
        int texts = 0, refusals = 0, wrong = 0;
        std::map<std::string, int> texts_of;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            std::string ours, refused;
            try {
                ours = ChatTemplate(cases[i].source, tokens, "template").render(*cases[i].conversation);
            } catch (const Failure& failure) {
                refused = failure.error().line();
            }
            const bool python_refuses = expected[i].contains("error");
            const bool same = python_refuses ? !refused.empty() : refused.empty() && ours == expected[i]["text"].get<std::string>();
            (python_refuses ? refusals : texts) += same;
            texts_of[cases[i].source] += !python_refuses;
            if (same) continue;
            if (++wrong > 20) continue;
            const std::string theirs = expected[i].begin()->get<std::string>();
            const auto at = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end()).first - ours.begin();
            const auto from = static_cast<std::size_t>(std::max<std::ptrdiff_t>(at - 40, 0));
            const auto part = [&](const std::string& text) { return QString::fromStdString(text).toUtf8().mid(int(from), 200); };
            qWarning().noquote() << cases[i].name
                                 << "\n  ours:  " << (refused.empty() ? part(ours) : QByteArray::fromStdString(refused))
                                 << "\n  python:"
                                 << (python_refuses ? QByteArray::fromStdString(theirs) : part(theirs));
        }
        qInfo() << templates.size() << "templates," << texts << "equal texts," << refusals << "refused by both";
        QCOMPARE(wrong, 0);
        for (const auto& [file, source] : templates)
            QVERIFY2(!each_gives_text || texts_of[source] > 0, qPrintable(file + " gives no text"));
    }

  private Q_SLOTS:
    void ownTemplates() { compare(AIRFRAME_SOURCE_DIR "/tests/formats/chat_templates", true); }
    /// A folder of published templates, *.jinja, which are other people's texts and so not in this project.
    void published() {
        const QString folder = qEnvironmentVariable("AIRFRAME_TEMPLATES");
        if (folder.isEmpty()) QSKIP("AIRFRAME_TEMPLATES names no folder of templates");
        compare(folder, false);
    }
};

QTEST_APPLESS_MAIN(TestChatTemplatePython)
#include "tst_chat_template_python.moc"
