// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QProcess>
#include <QTemporaryDir>

/// The two commands as a person types them, before they install or build anything.
class TestRunScripts : public QObject {
    Q_OBJECT

    struct Outcome {
        int code = -1;
        QString out, err;
    };
    static Outcome run(const QStringList& words, const QStringList& unset = {}) {
        QProcess process;
        auto environment = QProcessEnvironment::systemEnvironment();
        for (const auto& name : unset) environment.remove(name);
        process.setProcessEnvironment(environment);
        process.start("bash", words);
        process.waitForFinished(20000);
        return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()),
                QString::fromUtf8(process.readAllStandardError())};
    }
    static QString script(const char* name) { return QString(AIRFRAME_SOURCE_DIR "/") + name; }

  private Q_SLOTS:
    void withoutDisplay() {
        const auto outcome = run({script("app/run")}, {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"});
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains("--headless"), qPrintable(outcome.err));
        QVERIFY(outcome.err.startsWith("error: "));
        QVERIFY(outcome.out.isEmpty());
    }
    void wrongOptions_data() {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QString>("named");
        QTest::newRow("unknown") << QStringList{"app/run", "--nonsense"} << "--nonsense";
        QTest::newRow("study without name") << QStringList{"app/run", "--study"} << "--study";
        QTest::newRow("minutes in words") << QStringList{"app/run", "--headless", "--minutes", "ten"} << "ten";
        QTest::newRow("tests") << QStringList{"tests/run", "--fast"} << "--fast";
    }
    void wrongOptions() {
        QFETCH(QStringList, words);
        QFETCH(QString, named);
        words[0] = script(qPrintable(words[0]));
        const auto outcome = run(words);
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.contains(named), qPrintable(outcome.err));
        QVERIFY(outcome.out.isEmpty());
    }
    void help() {
        for (const char* name : {"app/run", "tests/run"}) {
            const auto outcome = run({script(name), "--help"});
            QCOMPARE(outcome.code, 0);
            QVERIFY((outcome.out + outcome.err).startsWith("usage: "));
        }
    }
    /// A needed package that cannot be installed is named with the command that installs it.
    void missingPackage() {
        QTemporaryDir folder;
        const QString tools = folder.path();
        // A PATH with an apt-get that always fails, so that nothing real is touched.
        QFile fake(tools + "/apt-get");
        QVERIFY(fake.open(QIODevice::WriteOnly));
        fake.write("#!/bin/sh\nexit 1\n");
        fake.close();
        fake.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        const auto outcome = run({"-c", QString("PATH=%1:$PATH; source %2; need_packages no-such-package-at-all")
                                            .arg(tools, script("app/setup.sh"))});
        QCOMPARE(outcome.code, 3);
        QVERIFY2(outcome.err.contains("apt-get install --no-install-recommends no-such-package-at-all"), qPrintable(outcome.err));
    }
    /// An interrupted step leaves nothing that looks finished.
    void interruptedStep() {
        QTemporaryDir folder;
        const auto outcome =
            run({"-c", QString("export AIRFRAME_CACHE=%1; source %2; broken() { echo half > $1/out/file; false; }; once thing broken")
                           .arg(folder.path(), script("app/setup.sh"))});
        QVERIFY(outcome.code != 0);
        QVERIFY(!QFile::exists(folder.path() + "/thing"));
        QCOMPARE(QDir(folder.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot), QStringList());
    }
};

QTEST_APPLESS_MAIN(TestRunScripts)
#include "tst_run_scripts.moc"
