// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <memory>

#include "ui/engine_client.h"

using airframe::ui::EngineClient;

/// The engine is a shell script here: each test writes the one it needs.
class TestEngineClient : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_scripts = 0;

    QString engine(const QByteArray& body) {
        const QString path = m_folder.filePath(QStringLiteral("engine%1.sh").arg(++m_scripts));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly)) qFatal("no script");
        file.write("#!/bin/sh\n[ \"$1\" = serve ] || exit 9\nread -r hello\n" + body);
        file.close();
        file.setPermissions(file.permissions() | QFile::ExeOwner);
        return path;
    }

  private Q_SLOTS:
    void aJobFromRequestToResult() {
        EngineClient client(engine(R"(echo '{"event":"hello","version":1,"device":"cpu"}'
read -r line
echo '{"id":1,"event":"accepted"}'
echo '{"id":1,"event":"started","run":12}'
echo '{"id":1,"event":"progress","phase":"train","done":3,"total":9,"unit":"tokens"}'
echo '{"id":1,"event":"token","slot":"A","token":5,"text":" a"}'
echo '{"id":1,"event":"changed","tables":["sample","run"]}'
printf '{"id":1,"event":"result","data":%s}\n' "$line"
read -r line
)"));
        client.setStudy(QStringLiteral("/tmp/x.airframe"));
        QSignalSpy hello(&client, &EngineClient::hello), started(&client, &EngineClient::started);
        QSignalSpy progress(&client, &EngineClient::progress), token(&client, &EngineClient::token);
        QSignalSpy changed(&client, &EngineClient::changed), finished(&client, &EngineClient::finished);
        const qint64 id = client.request(QStringLiteral("train"), {{QStringLiteral("minutes"), 1}});
        QCOMPARE(id, 1);
        QCOMPARE(client.current(), 1);
        QTRY_COMPARE(finished.size(), 1);
        QCOMPARE(hello.size(), 1);
        QCOMPARE(started.at(0).at(2).toLongLong(), 12);
        QCOMPARE(progress.at(0).at(1).toJsonObject().value(QStringLiteral("done")).toInt(), 3);
        QCOMPARE(token.size(), 1);
        QCOMPARE(changed.at(0).at(0).toStringList(), QStringList({QStringLiteral("sample"), QStringLiteral("run")}));
        QCOMPARE(finished.at(0).at(1).toString(), QStringLiteral("train"));
        const QJsonObject request = finished.at(0).at(2).toJsonObject();
        QCOMPARE(request.value(QStringLiteral("op")).toString(), QStringLiteral("train"));
        const QJsonObject params = request.value(QStringLiteral("params")).toObject();
        QCOMPARE(params.value(QStringLiteral("minutes")).toInt(), 1);
        QCOMPARE(params.value(QStringLiteral("study")).toString(), QStringLiteral("/tmp/x.airframe"));
        QCOMPARE(client.current(), 0);
    }

    void linesMayComeInPieces() {
        EngineClient client(engine(R"(read -r line
printf '{"id":1,"eve'; sleep 0.05; printf 'nt":"result","data":{"n":'; sleep 0.05; printf '7}}\nnot json\n{"id":2,"event":"result","data":{}}\n'
read -r line
)"));
        QSignalSpy finished(&client, &EngineClient::finished);
        client.request(QStringLiteral("inspect"));
        client.request(QStringLiteral("tasks"));
        QTRY_COMPARE(finished.size(), 2);
        QCOMPARE(finished.at(0).at(2).toJsonObject().value(QStringLiteral("n")).toInt(), 7);
    }

    void pauseResumeStopAndSteerNameTheJob() {
        // The script answers each command with a state event that carries the command back.
        EngineClient client(engine(R"(read -r line
echo '{"id":1,"event":"started","run":1}'
read -r line; case "$line" in *pause*) echo '{"id":1,"event":"state","state":"paused"}';; esac
read -r line; case "$line" in *resume*) echo '{"id":1,"event":"state","state":"running"}';; esac
read -r line; printf '{"event":"hello","got":%s}\n' "$line"
read -r line; case "$line" in *'"target":1'*) echo '{"id":1,"event":"stopped","data":{"kept":5}}';; esac
read -r line
)"));
        QSignalSpy state(&client, &EngineClient::stateChanged), stopped(&client, &EngineClient::stopped);
        QSignalSpy hello(&client, &EngineClient::hello);
        client.request(QStringLiteral("search"));
        client.pause(1);
        QTRY_VERIFY(client.paused());
        client.resume(1);
        QTRY_VERIFY(!client.paused());
        client.steer(1, {{QStringLiteral("pin"), QJsonArray{3}}});
        QTRY_COMPARE(hello.size(), 1);
        const QJsonObject got = hello.at(0).at(0).toJsonObject().value(QStringLiteral("got")).toObject();
        QCOMPARE(got.value(QStringLiteral("steering")).toObject().value(QStringLiteral("pin")).toArray().at(0).toInt(), 3);
        client.stop(1);
        QTRY_COMPARE(stopped.size(), 1);
        QCOMPARE(stopped.at(0).at(2).toJsonObject().value(QStringLiteral("kept")).toInt(), 5);
        QCOMPARE(state.size(), 2);
    }

    void anErrorEndsTheJobAndNotTheEngine() {
        EngineClient client(engine(R"(read -r line
echo '{"id":1,"event":"error","code":3,"where":"x.gguf","what":"is empty","hint":"choose another"}'
read -r line
echo '{"id":2,"event":"result","data":{}}'
read -r line
)"));
        QSignalSpy failed(&client, &EngineClient::failed), finished(&client, &EngineClient::finished);
        QSignalSpy died(&client, &EngineClient::died);
        client.request(QStringLiteral("inspect"));
        QTRY_COMPARE(failed.size(), 1);
        QCOMPARE(failed.at(0).at(2).toJsonObject().value(QStringLiteral("what")).toString(), QStringLiteral("is empty"));
        client.request(QStringLiteral("inspect"));
        QTRY_COMPARE(finished.size(), 1);
        QCOMPARE(died.size(), 0);
    }

    void aKilledEngineIsToldAndTheNextRequestStartsANewOne() {
        EngineClient client(engine(R"(read -r line
echo '{"id":1,"event":"started","run":1}'
echo 'out of memory' >&2
kill -9 $$
)"));
        QSignalSpy failed(&client, &EngineClient::failed), died(&client, &EngineClient::died);
        client.request(QStringLiteral("train"));
        QTRY_COMPARE(died.size(), 1);
        QVERIFY2(died.at(0).at(0).toString().contains(QStringLiteral("out of memory")), qPrintable(died.at(0).at(0).toString()));
        QCOMPARE(failed.size(), 1);
        QCOMPARE(failed.at(0).at(2).toJsonObject().value(QStringLiteral("code")).toInt(), 5);
        QCOMPARE(client.current(), 0);
        client.request(QStringLiteral("train"));
        QTRY_COMPARE(died.size(), 2);
    }

    void aMissingProgramIsNamed() {
        EngineClient client(QStringLiteral("/nowhere/airframe-engine"));
        QSignalSpy died(&client, &EngineClient::died);
        client.request(QStringLiteral("train"));
        QTRY_COMPARE(died.size(), 1);
        QVERIFY(died.at(0).at(0).toString().contains(QStringLiteral("/nowhere/airframe-engine")));
    }

    void cancelEndsAnEngineThatDoesNotListen() {
        EngineClient client(engine("read -r line\necho '{\"id\":1,\"event\":\"started\",\"run\":1}'\nexec sleep 60\n"));
        QSignalSpy started(&client, &EngineClient::started), stopped(&client, &EngineClient::stopped);
        QSignalSpy died(&client, &EngineClient::died);
        client.request(QStringLiteral("train"));
        QTRY_COMPARE(started.size(), 1);
        client.cancel(1);
        QTRY_COMPARE_WITH_TIMEOUT(stopped.size(), 1, 6000);
        QVERIFY(stopped.at(0).at(2).toJsonObject().value(QStringLiteral("cancelled")).toBool());
        QCOMPARE(died.size(), 0);
    }

    void aDetachedEngineOutlivesTheWindow() {
        const QString proof = m_folder.filePath(QStringLiteral("proof"));
        auto client = std::make_unique<EngineClient>(
            engine("read -r line\necho '{\"id\":1,\"event\":\"started\",\"run\":1}'\nread -r detach\nsleep 0.6\necho done > " +
                   proof.toUtf8() + "\n"));
        QSignalSpy started(client.get(), &EngineClient::started);
        client->request(QStringLiteral("train"));
        QTRY_COMPARE(started.size(), 1);
        client->detach();
        client.reset();
        QTRY_VERIFY(QFile::exists(proof));
    }

    void anIdleEngineLeavesWithTheWindow() {
        const QString proof = m_folder.filePath(QStringLiteral("left"));
        auto client = std::make_unique<EngineClient>(
            engine("read -r line\necho '{\"id\":1,\"event\":\"result\",\"data\":{}}'\nread -r quit\ncase \"$quit\" in *quit*) echo left > " +
                   proof.toUtf8() + ";; esac\n"));
        QSignalSpy finished(client.get(), &EngineClient::finished);
        client->request(QStringLiteral("tasks"));
        QTRY_COMPARE(finished.size(), 1);
        client.reset();
        QTRY_VERIFY(QFile::exists(proof));
    }
};

QTEST_GUILESS_MAIN(TestEngineClient)
#include "tst_engine_client.moc"
