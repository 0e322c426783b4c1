// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QJsonArray>

#include "core/study/study.h"
#include "engine/tiny_study.h"

using namespace airframe::test;

/// The protocol of core/study/protocol.h, spoken to the real program.
class TestServe : public QObject {
    Q_OBJECT

    TinyStudy m_tiny;
    QString m_study = m_tiny.path("s.airframe");

    [[nodiscard]] QJsonObject trainParams(const QString& study, int tokens) const {
        return {{"model", m_tiny.path("model")}, {"study", study}, {"text", QJsonArray{m_tiny.path("text.txt")}}, {"tokens", tokens},
                {"window", 64}, {"threads", 1}};
    }

  private Q_SLOTS:
    void initTestCase() { QCOMPARE(runEngine(m_tiny.train(m_study)).code, 0); }

    void helloAndGarbage() {
        Served engine;
        engine.send(QByteArray("{\"op\":\"hello\"}"));
        const QJsonObject hello = engine.event();
        QCOMPARE(hello["event"].toString(), QString("hello"));
        QCOMPARE(hello["version"].toInt(), 1);
        for (const char* key : {"program", "device", "cpu", "threads"}) QVERIFY(hello.contains(key));
        for (const char* line : {"not json", "[1,2]", "{\"id\":1}", "{\"op\":7}", "{\"id\":1,\"op\":\"tasks\",\"params\":3}", "\xff\xfe"}) {
            engine.send(QByteArray(line));
            const QJsonObject error = engine.event();
            QCOMPARE(error["event"].toString(), QString("error"));
            QCOMPARE(error["where"].toString(), QString("protocol"));
        }
        engine.request(2, "tasks", {});
        QCOMPARE(engine.until({"result"})["id"].toInt(), 2);  // still alive
    }

    void twoRequestsInOrder() {
        Served engine;
        engine.request(1, "generate", {{"study", m_study}, {"placement", "jet*4"}, {"prompt", "the river"}, {"tokens", 20}, {"slot", "A"}, {"threads", 1}});
        engine.request(2, "inspect", {{"model", m_tiny.path("model")}, {"study", m_study}});
        const QJsonObject first = engine.until({"result"}), second = engine.until({"result"});
        QCOMPARE(first["id"].toInt(), 1);
        QCOMPARE(second["id"].toInt(), 2);
        QCOMPARE(second["data"].toObject()["layers"].toInt(), 4);
        int tokens = 0;
        QString text;
        for (const QJsonObject& event : engine.seen) {
            if (event["event"].toString() != "token") continue;
            QCOMPARE(event["slot"].toString(), QString("A"));
            QCOMPARE(event["pos"].toInt(), tokens++);
            text += event["text"].toString();
            QVERIFY(event["top"].toArray().size() > 0);
        }
        QCOMPARE(tokens, 20);
        QCOMPARE(text, first["data"].toObject()["text"].toString());
    }

    void errorsKeepTheEngineAlive() {
        Served engine;
        engine.request(1, "fly", {});
        QCOMPARE(engine.until({"error"})["code"].toInt(), 2);
        engine.request(2, "loss", {{"study", m_study}, {"placement", "jet*9"}, {"text", m_tiny.path("other.txt")}});
        const QJsonObject error = engine.until({"error"});
        QCOMPARE(error["id"].toInt(), 2);
        QCOMPARE(error["code"].toInt(), 3);
        engine.request(3, "generate", {{"study", m_study}, {"placement", "jet*4"}, {"prompt", "x"}, {"tokens", "three"}});
        QCOMPARE(engine.until({"error"})["where"].toString(), QString("--tokens"));
        engine.request(4, "front", {{"study", m_study}});
        QCOMPARE(engine.until({"result", "error"})["id"].toInt(), 4);
    }

    void pauseResumeStop() {
        const QString study = m_tiny.path("long.airframe");
        Served engine;
        engine.request(1, "train", trainParams(study, 5000000));
        const QJsonObject started = engine.until({"started"});
        const auto run = started["run"].toInteger();
        QVERIFY(run > 0);
        QVERIFY(!engine.until({"progress"}).isEmpty());
        engine.send(QJsonObject{{"op", "pause"}, {"target", 1}});
        QCOMPARE(engine.until({"state"})["state"].toString(), QString("paused"));
        QTest::qWait(300);
        engine.send(QJsonObject{{"op", "resume"}, {"target", 1}});
        QCOMPARE(engine.until({"state"})["state"].toString(), QString("running"));
        // A second program stops it through the study.
        {
            const auto other = airframe::Study::open(study.toStdString());
            airframe::ControlRow row;
            row.run_id = run;
            row.who = "somebody";
            row.kind = "stop";
            row.payload_json = "{}";
            other->addControl(row);
        }
        const QJsonObject stopped = engine.until({"stopped", "result", "error"});
        QCOMPARE(stopped["event"].toString(), QString("stopped"));
        QVERIFY(stopped["data"].toObject()["tokens"].toInteger() > 0);
        const auto known = airframe::Study::open(study.toStdString());
        QVERIFY(known->run(run).state == airframe::RunState::stopped);
        QStringList kinds;
        for (const auto& row : known->controls(run)) {
            kinds << QString::fromStdString(row.kind);
            QVERIFY(row.consumed != 0);
        }
        QCOMPARE(kinds, (QStringList{"pause", "resume", "stop"}));
    }

    void waitingJobCanBeStopped() {
        Served engine;
        engine.request(1, "train", trainParams(m_tiny.path("wait.airframe"), 5000000));
        engine.request(2, "front", {{"study", m_study}});
        engine.until({"progress"});
        engine.send(QJsonObject{{"op", "stop"}, {"target", 2}});
        QCOMPARE(engine.until({"stopped"})["id"].toInt(), 2);
        engine.send(QJsonObject{{"op", "stop"}, {"target", 1}});
        QCOMPARE(engine.until({"stopped"})["id"].toInt(), 1);
    }

    void eventsAreThrottled() {
        Served engine;
        QElapsedTimer clock;
        engine.request(1, "train", trainParams(m_tiny.path("throttle.airframe"), 200000));
        engine.until({"started"});
        clock.start();
        engine.until({"result"}, 60000);
        int events = 0;
        for (const QJsonObject& event : engine.seen)
            events += QStringList{"progress", "state", "changed"}.contains(event["event"].toString());
        QVERIFY2(events <= 5 + 20 * (static_cast<double>(clock.elapsed()) / 1000 + 1), qPrintable(QString::number(events)));
    }

    void cancelEndsTheProcess() {
        Served engine;
        engine.request(1, "train", trainParams(m_tiny.path("cancel.airframe"), 5000000));
        engine.until({"progress"});
        engine.send(QJsonObject{{"op", "cancel"}, {"target", 1}});
        QVERIFY(engine.process().waitForFinished(5000));
    }

    void quitStopsAtACheckpoint() {
        Served engine;
        engine.request(1, "train", trainParams(m_tiny.path("quit.airframe"), 5000000));
        engine.until({"progress"});
        engine.send(QByteArray("{\"op\":\"quit\"}"));
        QCOMPARE(engine.until({"stopped"})["id"].toInt(), 1);
        QVERIFY(engine.process().waitForFinished(5000));
        QCOMPARE(engine.process().exitCode(), 0);
    }

    void detachedFinishesAlone() {
        const QString study = m_tiny.path("alone.airframe");
        {
            QProcess process;
            process.start(engineProgram(), {"serve"});
            process.write(QJsonDocument(QJsonObject{{"id", 1}, {"op", "train"}, {"params", trainParams(study, 30000)}}).toJson(QJsonDocument::Compact) +
                          "\n{\"op\":\"detach\"}\n");
            process.waitForBytesWritten();
            QVERIFY(process.waitForReadyRead());
            process.closeReadChannel(QProcess::StandardOutput);
            process.closeWriteChannel();
            QVERIFY(process.waitForFinished(60000));
            QCOMPARE(process.exitCode(), 0);
        }
        const auto known = airframe::Study::open(study.toStdString());
        QVERIFY(known->runs("train").back().state == airframe::RunState::done);
    }

    void signalStopsACommand() {
        QProcess process;
        process.start(engineProgram(), m_tiny.train(m_tiny.path("signal.airframe"), 5000000));
        QVERIFY(process.waitForStarted());
        for (int i = 0; i < 200; ++i) {
            QTest::qWait(50);
            if (!QFile::exists(m_tiny.path("signal.airframe"))) continue;
            const auto study = airframe::Study::open(m_tiny.path("signal.airframe").toStdString(), airframe::Study::Mode::read_only);
            if (const auto runs = study->runs("train"); !runs.empty() && !study->samples(runs[0].id).empty()) break;
        }
        process.terminate();
        QVERIFY(process.waitForFinished(20000));
        QCOMPARE(process.exitCode(), 5);
        QVERIFY(process.readAllStandardOutput().isEmpty());
        QVERIFY(process.readAllStandardError().contains("error: train: stopped"));
    }
};

QTEST_APPLESS_MAIN(TestServe)
#include "tst_serve.moc"
