// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

#include "core/base/error.h"
#include "core/eval/task.h"
#include "core/formats/model_file.h"
#include "support/shared_data.h"
#include "support/tiny_model.h"
#endif

using namespace airframe;

class TestTaskFile : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Tokenizer> m_tokenizer = test::tinyModel(1)->tokenizer();

    std::filesystem::path file(const std::string& text, const std::string& name = "made.jsonl") {
        const auto path = std::filesystem::path(m_folder.path().toStdString()) / name;
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    std::string scored(const Choice& choice) {
        const ScoredRange range = choice.scored.front();
        return m_tokenizer->decode(
            std::span(choice.ids)
                .subspan(static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.end - range.begin)));
    }

  private Q_SLOTS:
    void joinsAndOrders() {
        const auto path =
            file(R"({"id":"1","task":"t","family":"math","context":"2 and 2 is","choices":["5","4"],"answer":1}
{"id":"2","task":"t","family":"math","context":"Line\n","choices":["x","y"],"answer":0}

{"id":"3","task":"t","family":"math","context":"Free:","choices":[],"answer":"seven"}
{"id":"4","task":"t","family":"language","context":"","choices":["ab","ba"],"answer":0}
{"id":"5","task":"t","family":"c","context":"It fell.","choices":["Ann saw it.","Bob saw it."],"answer":0,"meta":{"suffix":"saw it."}}
)",
                 "mine.jsonl");
        const TaskData data = loadTaskFile(path, *m_tokenizer, 0);
        QCOMPARE(data.task, std::string("mine"));
        QCOMPARE(data.items.size(), std::size_t{5});
        // The right one first; one space between; the space belongs to the continuation, as tokens begin with it.
        QCOMPARE(m_tokenizer->decode(data.items[0].choices[0].ids), std::string("2 and 2 is 4"));
        QCOMPARE(scored(data.items[0].choices[0]), std::string(" 4"));
        QCOMPARE(scored(data.items[0].choices[1]), std::string(" 5"));
        QCOMPARE(m_tokenizer->decode(data.items[1].choices[0].ids), std::string("Line\nx"));
        QCOMPARE(scored(data.items[1].choices[0]), std::string("x"));
        QCOMPARE(data.items[2].choices.size(), std::size_t{1});
        QCOMPARE(scored(data.items[2].choices[0]), std::string(" seven"));
        QCOMPARE(scored(data.items[3].choices[0]), std::string("ab"));  // after the document separator
        QCOMPARE(scored(data.items[4].choices[1]), std::string("saw it."));
        QCOMPARE(loadTaskFile(path, *m_tokenizer, 2).items.size(), std::size_t{2});
        QVERIFY(loadTaskFile(path, *m_tokenizer, 2).hash != data.hash);
    }

    void faults_data() {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("says");
        QTest::newRow("not JSON") << "{\"id\""
                                  << "not JSON";
        QTest::newRow("a list") << "[1]"
                                << "not a JSON object";
        QTest::newRow("no context") << R"({"choices":["a"],"answer":0})"
                                    << "\"context\" is missing";
        QTest::newRow("context a number") << R"({"context":3,"choices":["a"],"answer":0})"
                                          << "\"context\": a string is wanted, found number";
        QTest::newRow("no choices") << R"({"context":"c","answer":0})"
                                    << "\"choices\" is missing";
        QTest::newRow("choices a string") << R"({"context":"c","choices":"a","answer":0})"
                                          << "\"choices\": an array is wanted";
        QTest::newRow("a choice a number") << R"({"context":"c","choices":["a",1],"answer":0})"
                                           << "\"choices\": strings are wanted";
        QTest::newRow("no answer") << R"({"context":"c","choices":["a"]})"
                                   << "\"answer\" is missing";
        QTest::newRow("answer a string") << R"({"context":"c","choices":["a"],"answer":"a"})"
                                         << "\"answer\": the index";
        QTest::newRow("answer too large") << R"({"context":"c","choices":["a"],"answer":1})"
                                          << "\"answer\": 1 is not";
        QTest::newRow("answer negative") << R"({"context":"c","choices":["a"],"answer":-1})"
                                         << "\"answer\": -1 is not";
        QTest::newRow("free answer a number") << R"({"context":"c","choices":[],"answer":1})"
                                              << "\"answer\": a string is wanted";
        QTest::newRow("an empty continuation") << R"({"context":"c ","choices":["",""],"answer":0})"
                                               << "no token to score";
    }

    void faults() {
        QFETCH(QString, line);
        QFETCH(QString, says);
        const auto path = file(R"({"context":"c","choices":["a"],"answer":0})"
                               "\n" +
                               line.toStdString() + "\n");
        try {
            static_cast<void>(loadTaskFile(path, *m_tokenizer, 0));
            QFAIL("a bad line was read");
        } catch (const Failure& failure) {
            QCOMPARE(failure.error().code, ErrorCode::bad_input);
            QCOMPARE(failure.error().where, path.string() + ":2");
            QVERIFY2(failure.error().what.find(says.toStdString()) != std::string::npos, failure.error().what.c_str());
        }
    }

    void emptyAndMissing() {
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(loadTaskFile(file("\n\n"), *m_tokenizer, 0)), Failure);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(loadTaskFile(file(""), *m_tokenizer, 0)), Failure);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(loadTaskFile("/nowhere/x.jsonl", *m_tokenizer, 0)), Failure);
    }

    /// Every published file loads, and its scored part is the continuation.
    void referenceFiles() {
        const auto folder = test::sharedFolder() / "tasks";
        auto path = folder;
        AIRFRAME_NEED(path);
        path = test::demoModel();
        AIRFRAME_NEED(path);
        const auto tokenizer = ModelFile::open(path)->tokenizer();
        int files = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            if (entry.path().extension() != ".jsonl") continue;
            const TaskData data = loadTaskFile(entry.path(), *tokenizer, 20);
            QCOMPARE(data.items.size(), std::size_t{20});
            QCOMPARE(data.task, entry.path().stem().string());
            for (const Item& item : data.items) QVERIFY(item.choices.front().scoredTokens() >= 1);
            ++files;
        }
        QCOMPARE(files, 25);
    }
};

QTEST_APPLESS_MAIN(TestTaskFile)
#include "tst_task_file.moc"
