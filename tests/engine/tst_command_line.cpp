// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QJsonArray>

#include "engine/tiny_study.h"
#include "support/shared_data.h"

using namespace airframe::test;

/// What every command prints, on a tiny model and, for text, on the demo model.
class TestCommandLine : public QObject {
    Q_OBJECT

    TinyStudy m_tiny;
    QString m_study = m_tiny.path("s.airframe");

    static QStringList keys(const QJsonObject& object) { return object.keys(); }
    void has(const QJsonObject& object, const QStringList& wanted) {
        for (const QString& key : wanted) QVERIFY2(object.contains(key), qPrintable(key + " is missing"));
    }
    QJsonObject ok(const QStringList& arguments, const QByteArray& input = {}) {
        const Ran ran = runEngine(arguments, input);
        if (ran.code != 0) qWarning() << arguments << ran.code << ran.err;
        return ran.code == 0 ? ran.json() : QJsonObject{};
    }

  private Q_SLOTS:
    void initTestCase() {
        const QJsonObject trained = ok(m_tiny.train(m_study));
        has(trained, {"tokens", "seconds", "heldout", "checkpoint"});
        QCOMPARE(trained["heldout"].toArray().size(), 4);
        QVERIFY(trained["tokens"].toInteger() >= 8000);
        QCOMPARE(trained["checkpoint"].toString().size(), 64);
    }

    void help_data() {
        QTest::addColumn<QString>("command");
        for (const char* name : {"inspect", "tokenize", "detokenize", "logits", "generate", "new", "train", "loss", "tasks", "importance",
                                 "search", "score", "throughput", "front", "export", "demo", "serve"})
            QTest::newRow(name) << name;
    }
    void help() {
        QFETCH(QString, command);
        const Ran ran = runEngine({command, "--help"});
        QCOMPARE(ran.code, 0);
        QVERIFY(ran.out.contains("Usage: airframe-engine " + command.toUtf8()));
        QVERIFY(ran.err.isEmpty());
    }

    void inspect() {
        const QJsonObject o = ok({"inspect", m_tiny.path("model"), "--json"});
        QCOMPARE(o.keys(), (QStringList{"architecture", "bytes", "format", "head_dim", "heads", "hidden", "kv_heads", "layers",
                                        "parameters", "tensors", "tied", "vocab"}));
        QCOMPARE(o["layers"].toInt(), 4);
        QCOMPARE(o["format"].toString(), QString("safetensors"));
        QCOMPARE(o["tied"].toBool(), true);
        QCOMPARE(o["tensors"].toInt(), 2 + 4 * 9);
    }

    void logits() {
        const QJsonObject o = ok({"logits", m_tiny.path("model"), "--ids", "1,2,3,4", "--top", "5", "--last", "2", "--targets", "--json"});
        const QJsonArray positions = o["positions"].toArray();
        QCOMPARE(positions.size(), 2);
        QCOMPARE(positions[1].toObject()["pos"].toInt(), 3);
        QCOMPARE(positions[0].toObject()["top"].toArray().size(), 5);
        QCOMPARE(o["nll"].toArray().size(), 3);
        // The last target's loss is logsumexp - logit at its position: two outputs of one forward agree.
        const QJsonObject whole = ok({"logits", m_tiny.path("model"), "--ids", "1,2,3,4", "--top", "259", "--last", "4", "--json"});
        const QJsonObject third = whole["positions"].toArray()[2].toObject();
        for (const QJsonValue& pair : third["top"].toArray()) {
            if (pair.toArray()[0].toInt() != 4) continue;
            const double nll = third["logsumexp"].toDouble() - pair.toArray()[1].toDouble();
            QVERIFY(std::abs(nll - o["nll"].toArray()[2].toDouble()) < 1e-4);
        }
    }

    void generateFromModelAndPlacement() {
        const QJsonObject a = ok({"generate", m_tiny.path("model"), "--ids", "65,66", "--tokens", "7", "--json"});
        has(a, {"ids", "text", "prefill_tps", "decode_tps", "ttft_ms", "cache_bytes"});
        QCOMPARE(a["ids"].toArray().size(), 7);
        const QJsonObject b = ok({"generate", "--study", m_study, "--placement", "attn*4", "--ids", "65,66", "--tokens", "7", "--json"});
        QCOMPARE(b["ids"], a["ids"]);
        const QJsonObject c = ok({"generate", "--study", m_study, "--placement", "jet*3,attn", "--prompt", "hello", "--tokens", "3", "--json"});
        QCOMPARE(c["ids"].toArray().size(), 3);
    }

    void lossCountsPredictions() {
        const QJsonObject all = ok({"loss", "--study", m_study, "--placement", "attn*4", "--text", m_tiny.path("other.txt"), "--json", "--windows"});
        const int tokens = all["tokens"].toInt();
        const int ids = QJsonDocument::fromJson(runEngine({"tokenize", m_tiny.path("model"), "--json"}, [&] {
                            QFile file(m_tiny.path("other.txt"));
                            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
                        }()).out)["ids"].toArray().size();
        QCOMPARE(tokens, ids - (ids + 511) / 512);
        QCOMPARE(all["windows"].toArray().size(), (ids + 511) / 512);
        const QJsonObject some = ok({"loss", "--study", m_study, "--placement", "jet*4", "--text", m_tiny.path("other.txt"), "--tokens", "600", "--json"});
        QCOMPARE(some["tokens"].toInt(), 511 + 87);
        QVERIFY(some["nll"].toDouble() > 0);
    }

    void lossComparesPlacements() {
        const QJsonObject both = ok({"loss", "--study", m_study, "--placement", "attn*4", "--against", "jet*4", "attn*4", "--text",
                                     m_tiny.path("other.txt"), "--json"});
        const QJsonObject alone = ok({"loss", "--study", m_study, "--placement", "jet*4", "--text", m_tiny.path("other.txt"), "--json"});
        const QJsonArray against = both["against"].toArray();
        QCOMPARE(against.size(), 2);
        const QJsonObject jet = against[0].toObject(), same = against[1].toObject();
        QCOMPARE(jet["placement"].toString(), "jet*4");
        QVERIFY(std::abs(jet["nll"].toDouble() - alone["nll"].toDouble()) < 1e-6);
        QVERIFY(jet["low"].toDouble() <= jet["gain"].toDouble() && jet["gain"].toDouble() <= jet["high"].toDouble());
        QCOMPARE(same["gain"].toDouble(), 0.0);
        QCOMPARE(same["high"].toDouble(), 0.0);
    }

    void importanceSearchThroughputFront() {
        const QJsonObject importance = ok(TinyStudy::importance(m_study));
        const QJsonObject views = importance["views"].toObject();
        for (const char* view : {"one_full", "one_linear"}) {
            const QJsonArray cells = views[view].toArray();
            QCOMPARE(cells.size(), 2 * 4);
            for (const QJsonValue& cell : cells)
                has(cell.toObject(), {"layer", "task", "score", "low", "high", "rank_low", "rank_high", "items"});
        }
        QCOMPARE(importance["tasks"].toArray().size(), 2);

        const QJsonObject search = ok(TinyStudy::search(m_study));
        QCOMPARE(search["rounds"].toArray().size(), 3);
        QStringList controls;
        for (const QJsonValue& control : search["controls"].toArray()) controls << control.toObject()["name"].toString();
        QVERIFY(controls.contains("uniform") && controls.contains("last") && controls.contains("random-1"));
        QVERIFY(search["layer_tokens"].toInteger() < search["layer_tokens_whole"].toInteger());
        const QString best = search["best"].toString();
        QVERIFY(best.contains("attn"));

        for (const QString& placement : {best, QString("jet*4"), QString("attn*4")}) {
            const QJsonObject speed = ok(TinyStudy::throughput(m_study, placement));
            for (const char* what : {"prefill_tps", "decode_tps", "ttft_ms"}) {
                has(speed[what].toObject(), {"median", "q1", "q3", "n"});
                QCOMPARE(speed[what].toObject()["n"].toInt(), 3);
            }
            has(speed, {"cache_bytes", "peak_bytes", "device"});
        }
        const QJsonObject front = ok({"front", "--study", m_study, "--json"});
        const QJsonArray points = front["points"].toArray();
        QCOMPARE(points.size(), 3);
        for (const QJsonValue& point : points) {
            has(point.toObject(), {"placement", "score", "low", "high", "decode_tps", "cache_bytes", "context", "batch", "on_front"});
            QCOMPARE(point.toObject()["batch"].toInt(), 2);
        }
        QVERIFY(runEngine({"front", "--study", m_study}).out.contains("on the front"));
    }

    void scoreSharpensTheFront() {
        const QJsonObject scored = ok({"score", "--study", m_study, "--tasks", "language,copy", "--items", "9", "--threads", "1", "--json"});
        const QJsonArray placements = scored["placements"].toArray();
        QVERIFY(placements.size() >= 6);  // both ends, controls, what was kept
        QStringList names;
        for (const QJsonValue& one : placements) {
            has(one.toObject(), {"placement", "score", "low", "high", "tasks"});
            QCOMPARE(one.toObject()["tasks"].toArray()[0].toObject()["items"].toInt(), 9);
            names << one.toObject()["placement"].toString();
        }
        QVERIFY(names.contains("jet*4") && names.contains("attn*4"));
        QCOMPARE(QSet<QString>(names.begin(), names.end()).size(), names.size());
        for (const QJsonValue& point : ok({"front", "--study", m_study, "--json"})["points"].toArray())
            QCOMPARE(point.toObject()["items"].toInt(), 2 * 9);
        const QJsonObject again = ok({"score", "--study", m_study, "--tasks", "language,copy", "--items", "9", "--threads", "1", "--json"});
        QCOMPARE(again["layer_tokens"].toInteger(), 0);  // nothing twice
        QVERIFY(runEngine({"score", "--study", m_study, "--placements", "jet*5"}).err.contains("placement"));
    }

    void checkFindsTheRegretOfABeam() {
        QStringList arguments = TinyStudy::search(m_study);
        arguments[arguments.indexOf("beam")] = "check";
        const QJsonObject found = ok(arguments);
        const int rank = found["beam_rank"].toInt();
        QVERIFY(rank >= 1);
        const QJsonArray all = found["all"].toArray();
        QCOMPARE(all[rank - 1].toObject()["placement"], found["beam"].toObject()["placement"]);
        QCOMPARE(all[0].toObject()["placement"], found["best"].toObject()["placement"]);
        const double difference = found["best"].toObject()["score"].toDouble() - found["beam"].toObject()["score"].toDouble();
        QVERIFY(std::abs(found["regret"].toObject()["mean"].toDouble() - difference) < 1e-9);
    }

    void demoDoesTheWholePathAndResumes() {
        const QString study = m_tiny.path("demo.airframe");
        const QStringList demo = {"demo", m_tiny.path("model"), "--study", study, "--text", m_tiny.path("text.txt"), "--minutes", "0.1",
                                  "--threads", "1", "--json"};
        QJsonObject first = ok(demo), again = ok(demo);
        // What the time cut off goes on in the next call, on a busy machine in several; then nothing is left to do.
        for (int i = 0; i < 5 && again["front"] != first["front"]; ++i) first = std::exchange(again, ok(demo));
        QVERIFY(first["front"].toObject()["points"].toArray().size() >= 4);
        QCOMPARE(again["front"], first["front"]);
    }

    void exportsAndReadsBack() {
        const QJsonObject o = ok({"export", "--study", m_study, "--placement", "jet*2,attn,jet", "--to", m_tiny.path("hybrid"), "--json"});
        has(o, {"dir", "files", "max_logit_difference"});
        QVERIFY(o["max_logit_difference"].toDouble() < 1e-3);
        const QJsonObject seen = ok({"inspect", m_tiny.path("hybrid"), "--json"});
        QCOMPARE(seen["placement"].toString(), QString("jet*2,attn,jet"));
    }

    void demoModelSpeaks() {
        const auto model = demoModel();
        AIRFRAME_NEED(model);
        const QString file = QString::fromStdString(model.string());
        const QByteArray text = "Grüße, 42 naïve cats\u00a0😀 <|im_start|>user\n";
        const Ran ids = runEngine({"tokenize", file, "--json"}, text);
        QStringList list;
        for (const QJsonValue& id : ids.json()["ids"].toArray()) list << QString::number(id.toInt());
        QVERIFY(!list.isEmpty());
        const Ran back = runEngine({"detokenize", file, "--ids", list.join(',')});
        QCOMPARE(back.out, text);
        const Ran streamed = runEngine({"generate", file, "--prompt", "The capital of France is", "--tokens", "3"});
        QVERIFY2(streamed.out.startsWith(" Paris"), streamed.out + streamed.err);
    }
};

QTEST_APPLESS_MAIN(TestCommandLine)
#include "tst_command_line.moc"
