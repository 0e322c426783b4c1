// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <csignal>
#include <sys/resource.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include "engine/tiny_study.h"

using namespace airframe::test;

/// Every bad input gives one line "error: WHERE: WHAT; HINT", nothing on standard output, and its exit code.
class TestBadInput : public QObject {
    Q_OBJECT

    TinyStudy m_tiny;
    QString m_study = m_tiny.path("s.airframe");

    void write(const QString& name, const QByteArray& bytes) {
        QFile file(m_tiny.path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }
    static void refused(const Ran& ran, int code, const QByteArray& named) {
        QVERIFY2(ran.code == code, ran.err + " (exit " + QByteArray::number(ran.code) + ")");
        QVERIFY2(ran.out.isEmpty(), ran.out);
        QVERIFY2(ran.err.startsWith("error: ") && ran.err.count('\n') == 1, ran.err);
        QVERIFY2(ran.err.contains(named), ran.err);
    }

  private Q_SLOTS:
    void initTestCase() {
        QCOMPARE(runEngine(m_tiny.train(m_study, 2048)).code, 0);
        write("empty.gguf", "");
        write("empty.txt", "");
        write("words.gguf", "this is no model at all, only words");
        QFile whole(m_tiny.path("model/model.safetensors"));
        QVERIFY(whole.open(QIODevice::ReadOnly));
        QDir().mkpath(m_tiny.path("cut"));
        for (const char* name : {"config.json", "tokenizer.json", "tokenizer_config.json"})
            QFile::copy(m_tiny.path(QString("model/") + name), m_tiny.path(QString("cut/") + name));
        write("cut/model.safetensors", whole.read(whole.size() / 2));
        QDir().mkpath(m_tiny.path("half"));
        QFile::copy(m_tiny.path("model/config.json"), m_tiny.path("half/config.json"));
        write("half/model.safetensors", QByteArray("\x40\0\0\0\0\0\0\0{\"a\":", 13));
        QFile::copy(m_study, m_tiny.path("newer.airframe"));
        SQLite::Database newer(m_tiny.path("newer.airframe").toStdString(), SQLite::OPEN_READWRITE);
        newer.exec("PRAGMA user_version = 9999");
    }

    void errors_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("named");
        const auto row = [](const char* name, const QStringList& arguments, int code, const QByteArray& named) {
            QTest::newRow(name) << arguments << code << named;
        };
        const QString model = m_tiny.path("model"), s = m_study, text = m_tiny.path("other.txt");
        row("no command", {}, 2, "command");
        row("unknown command", {"fly"}, 2, "fly");
        row("unknown option", {"inspect", model, "--foo"}, 2, "--foo");
        row("missing option", {"loss", "--study", s, "--text", text}, 2, "--placement");
        row("wrong number", {"logits", model, "--ids", "1", "--top", "many"}, 2, "--top");
        row("number out of range", {"generate", model, "--ids", "1", "--tokens", "0"}, 2, "--tokens");
        row("wrong compute", {"logits", model, "--ids", "1", "--compute", "int4"}, 2, "--compute");
        row("not ids", {"logits", model, "--ids", "1,x"}, 2, "--ids");
        row("no device", {"logits", model, "--ids", "1", "--device", "cuda:99"}, 3, "cuda");
        row("missing model", {"inspect", m_tiny.path("none.gguf")}, 3, "none.gguf");
        row("empty model", {"inspect", m_tiny.path("empty.gguf")}, 3, "empty.gguf");
        row("wrong model", {"inspect", m_tiny.path("words.gguf")}, 3, "words.gguf");
        row("truncated header", {"inspect", m_tiny.path("half")}, 3, "half/model.safetensors");
        row("truncated weights", {"logits", m_tiny.path("cut"), "--ids", "1"}, 3, "cut");
        row("folder without config", {"inspect", m_tiny.dir.path()}, 3, "config.json");
        row("id outside", {"logits", model, "--ids", "1,259"}, 3, "259");
        row("negative id", {"generate", model, "--ids", "-1", "--tokens", "1"}, 3, "-1");
        row("unknown task", {"importance", "--study", s, "--tasks", "kv,chess"}, 3, "chess");
        row("short placement", {"loss", "--study", s, "--placement", "jet*3", "--text", text}, 3, "placement");
        row("unknown block", {"loss", "--study", s, "--placement", "jut*4", "--text", text}, 3, "jut");
        row("bad placement", {"loss", "--study", s, "--placement", "jet*x", "--text", text}, 3, "placement");
        row("missing text", {"loss", "--study", s, "--placement", "jet*4", "--text", m_tiny.path("none.txt")}, 3, "none.txt");
        row("empty text", {"loss", "--study", s, "--placement", "jet*4", "--text", m_tiny.path("empty.txt")}, 3, "empty.txt");
        row("train on nothing", {"train", model, "--study", m_tiny.path("t.airframe"), "--tokens", "64", "--text", m_tiny.path("empty.txt")}, 3, "empty.txt");
        row("train without a length", {"train", model, "--study", m_tiny.path("t.airframe"), "--text", text}, 2, "--minutes");
        row("missing study", {"front", "--study", m_tiny.path("none.airframe")}, 3, "none.airframe");
        row("study that is none", {"front", "--study", m_tiny.path("text.txt")}, 3, "text.txt");
        row("study exists", {"new", model, "--study", s}, 3, "s.airframe");
        row("layer outside", {"search", "beam", "--study", s, "--full-layers", "1", "--pin", "4"}, 3, "4");
        row("too many full layers", {"search", "beam", "--study", s, "--full-layers", "5"}, 2, "--full-layers");
        row("newer study: train", {"train", model, "--study", m_tiny.path("newer.airframe"), "--text", text, "--tokens", "64"}, 3, "newer.airframe");
        row("newer study: importance", {"importance", "--study", m_tiny.path("newer.airframe")}, 3, "newer.airframe");
        row("nothing to resume", {"train", "--study", s, "--resume"}, 2, "--resume");
    }
    void errors() {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QByteArray, named);
        refused(runEngine(arguments), code, named);
    }

    void newerStudyCanBeRead() {
        const Ran front = runEngine({"front", "--study", m_tiny.path("newer.airframe"), "--json"});
        QVERIFY2(front.code == 0, front.err);
    }

    void wrongModelForAStudy() {
        writeTinyFolder(m_tiny.path("five").toStdString(), 5);
        refused(runEngine({"train", m_tiny.path("five"), "--study", m_study, "--text", m_tiny.path("text.txt"), "--tokens", "64"}), 3, "SHA-256");
    }

    void failedTrainLeavesNoStudy() { QVERIFY(!QFile::exists(m_tiny.path("t.airframe"))); }

    void fullOutput() {
        if (!QFile::exists("/dev/full")) QSKIP("/dev/full is absent");
        QProcess process;
        process.setStandardOutputFile("/dev/full");
        process.start(engineProgram(), {"tasks", "--json"});
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 4);
        QVERIFY(process.readAllStandardError().startsWith("error: standard output: "));
    }

    /// A limit on the size of files stands for a full disk: the study stays whole and says what it knows.
    void fullDisk() {
        const QString study = m_tiny.path("full.airframe");
        QCOMPARE(runEngine({"new", m_tiny.path("model"), "--study", study, "--json"}).code, 0);
        QProcess process;
        process.setChildProcessModifier([] {
            const rlimit limit{100 * 1024, 100 * 1024};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            ::signal(SIGXFSZ, SIG_IGN);
        });
        process.start(engineProgram(), m_tiny.train(study));
        QVERIFY(process.waitForFinished(60000));
        QCOMPARE(process.exitCode(), 4);
        const QByteArray err = process.readAllStandardError();
        QVERIFY2(err.startsWith("error: ") && err.count('\n') == 1, err);
        SQLite::Database db(study.toStdString(), SQLite::OPEN_READONLY);
        QCOMPARE(db.execAndGet("PRAGMA integrity_check").getString(), std::string("ok"));
    }
};

QTEST_APPLESS_MAIN(TestBadInput)
#include "tst_bad_input.moc"
