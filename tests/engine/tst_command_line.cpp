// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QJsonArray>

#include "core/study/study.h"
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
                                 "search", "score", "throughput", "front", "export", "import", "demo", "serve"})
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
        QCOMPARE(o.keys(), (QStringList{"architecture", "batch", "bytes", "context", "format", "head_dim", "heads", "hidden", "kv_heads",
                                        "layer_table", "layers", "memory", "outside_layers", "parameters", "tensors", "tied",
                                        "trained_context", "types", "vocab"}));
        QCOMPARE(o["layers"].toInt(), 4);
        QCOMPARE(o["format"].toString(), QString("safetensors"));
        QCOMPARE(o["tied"].toBool(), true);
        QCOMPARE(o["tensors"].toInt(), 2 + 4 * 9);
        const QJsonArray layers = o["layer_table"].toArray();
        QCOMPARE(layers.size(), 4);
        qint64 parameters = o["outside_layers"].toObject()["parameters"].toInteger();
        for (const QJsonValue& layer : layers) parameters += layer.toObject()["parameters"].toInteger();
        QCOMPARE(parameters, o["parameters"].toInteger());
        QVERIFY(runEngine({"inspect", m_tiny.path("model")}).out.contains("0-3"));
    }

    void inspectTellsTheMemoryOfAChoice() {
        const auto memory = [&](const QString& context, const QString& batch) {
            return ok({"inspect", m_tiny.path("model"), "--context", context, "--batch", batch, "--json"})["memory"].toArray();
        };
        const QJsonArray small = memory("100", "1"), large = memory("200", "3");
        QCOMPARE(small.size(), 3);
        for (int i = 0; i < 3; ++i) {
            const QJsonObject a = small[i].toObject(), b = large[i].toObject();
            QCOMPARE(a["compute"].toString(), (QStringList{"float32", "bf16", "native"}[i]));
            QCOMPARE(a["total_bytes"].toInteger(), a["weights_bytes"].toInteger() + a["states_bytes"].toInteger() + a["activations_bytes"].toInteger());
            QCOMPARE(a["state_of_layer"].toArray().size(), 4);
            QCOMPARE(b["states_bytes"].toInteger(), 6 * a["states_bytes"].toInteger());
            QCOMPARE(b["weights_bytes"], a["weights_bytes"]);
        }
        QCOMPARE(runEngine({"inspect", m_tiny.path("model"), "--batch", "0"}).code, 2);
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
        const QJsonObject chat = ok({"generate", m_tiny.path("model"), "--prompt", "hello", "--chat", "--tokens", "1", "--json"});
        QVERIFY2(chat["note"].toString().contains("ChatML is used"), qPrintable(chat["note"].toString()));
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
        has(o, {"format", "path", "dir", "files", "storage", "checked_tokens", "max_logit_difference", "relative_logit_error"});
        QVERIFY(o["max_logit_difference"].toDouble() < 1e-3);
        const QJsonObject seen = ok({"inspect", m_tiny.path("hybrid"), "--json"});
        QCOMPARE(seen["placement"].toString(), QString("jet*2,attn,jet"));
    }

    /// The header's estimate is what the engine itself counts for the same states.
    void inspectCountsStatesAsTheEngineDoes_data() {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QString>("compute");
        for (const char* model : {"model", "hybrid"})
            for (const char* compute : {"float32", "bf16", "native"}) QTest::addRow("%s in %s", model, compute) << model << compute;
    }
    void inspectCountsStatesAsTheEngineDoes() {
        QFETCH(QString, model);
        QFETCH(QString, compute);
        // Room is made for the prompt and every token.
        const QJsonObject written = ok({"generate", m_tiny.path(model), "--ids", "65,66", "--tokens", "7", "--compute", compute, "--json"});
        QJsonObject told;
        for (const QJsonValue& row : ok({"inspect", m_tiny.path(model), "--context", "9", "--json"})["memory"].toArray())
            if (row.toObject()["compute"].toString() == compute) told = row.toObject();
        QVERIFY(told["states_bytes"].toInteger() > 0);
        QCOMPARE(told["states_bytes"].toInteger(), written["cache_bytes"].toInteger());
    }

    void importsWhatWasExported() {
        const QString other = m_tiny.path("other.airframe");
        ok({"new", m_tiny.path("model"), "--study", other});
        QJsonObject o = ok({"import", m_tiny.path("hybrid"), "--study", other, "--json"});
        QCOMPARE(o["placement"].toString(), QString("jet*2,attn,jet"));
        QCOMPARE(o["new"].toBool(), true);
        QCOMPARE(o["base"].toString(), QString("same"));
        QCOMPARE(o["other_dims"].toArray().size(), 0);
        QCOMPARE(o["untrained_blocks"].toArray(), QJsonArray{"jet"});
        o = ok({"import", m_tiny.path("hybrid/architecture.json"), "--study", other, "--json"});
        QCOMPARE(o["new"].toBool(), false);  // and nothing twice
        const auto study = airframe::Study::open(other.toStdString());
        const auto candidates = study->candidates();
        QCOMPARE(candidates.size(), std::size_t{1});
        QVERIFY(candidates[0].starred);
        const std::string note = study->note("candidate", "jet*2,attn,jet");
        QVERIFY2(note.starts_with("Imported architecture"), note.c_str());
        QCOMPARE(note.find("Imported", 1), std::string::npos);
        // Words of a person stay, and a star that was taken off comes back.
        study->setNote("candidate", "jet*2,attn,jet", "mine");
        study->star("jet*2,attn,jet", false);
        QVERIFY(ok({"import", m_tiny.path("hybrid"), "--study", other, "--json"})["new"].toBool());
        QVERIFY(study->note("candidate", "jet*2,attn,jet").starts_with("mine\n\nImported"));
        QVERIFY(study->candidates()[0].starred);
        // The study that it came from scores it when asked for everything worth it.
        ok({"import", m_tiny.path("hybrid"), "--study", m_study, "--json"});
        QStringList scored;
        const QJsonObject all = ok({"score", "--study", m_study, "--tasks", "copy", "--items", "4", "--threads", "1", "--json"});
        for (const QJsonValue& one : all["placements"].toArray()) scored << one.toObject()["placement"].toString();
        QVERIFY(scored.contains("jet*2,attn,jet"));
    }

    void importRefusesAnotherModelsArchitecture() {
        QFile file(m_tiny.path("hybrid/architecture.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QByteArray text = file.readAll();
        QFile longer(m_tiny.path("longer.json"));
        QVERIFY(longer.open(QIODevice::WriteOnly));
        text.replace("jet*2,attn,jet", "jet*2,attn,jet*2");
        longer.write(text);
        longer.close();
        const Ran contradicts = runEngine({"import", longer.fileName(), "--study", m_study});
        QCOMPARE(contradicts.code, 3);
        QVERIFY2(contradicts.err.contains("layers") && contradicts.out.isEmpty(), contradicts.err);
        QVERIFY(longer.open(QIODevice::WriteOnly));
        longer.write(R"({"schema_version":1,"placement":"jet*2","layers":[{"layer":0,"block":"jet"},{"layer":1,"block":"jet"}],)"
                     R"("block_dims":{},"provenance":{},"scores":[]})");
        longer.close();
        const Ran shorter = runEngine({"import", longer.fileName(), "--study", m_study});
        QCOMPARE(shorter.code, 3);
        QVERIFY2(shorter.err.contains("has 2 layers, the model of this study has 4"), shorter.err);
    }

    void exportsOtherFormats() {
        const QStringList hybrid = {"export", "--study", m_study, "--placement", "jet*2,attn,jet", "--json"};
        const QString gguf = m_tiny.path("hybrid.gguf"), json = m_tiny.path("hybrid.json");
        const QJsonObject o = ok(hybrid + QStringList{"--to", gguf, "--format", "gguf", "--storage", "Q8_0"});
        QCOMPARE(o["storage"].toString(), QString("Q8_0"));
        QCOMPARE(ok({"inspect", gguf, "--json"})["placement"].toString(), QString("jet*2,attn,jet"));
        QCOMPARE(ok(hybrid + QStringList{"--to", json, "--format", "architecture"})["checked_tokens"].toInt(), 0);
        QVERIFY(QFile::exists(json));
        // A storage of another format, and a file that is there already.
        QCOMPARE(runEngine(hybrid + QStringList{"--to", m_tiny.path("x"), "--storage", "Q8_0"}).code, 2);
        QCOMPARE(runEngine(hybrid + QStringList{"--to", json, "--format", "architecture"}).code, 3);
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
