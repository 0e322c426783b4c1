// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QDirIterator>
#include <QRegularExpression>

/// The arrows between the rooms as facts: no file includes what its room must not know, and every source file says its
/// licence. The linker guards the same arrows; this test names the file, the line and the reason.
class TestArrows : public QObject {
    Q_OBJECT

    struct Rule {
        const char* room;       ///< folder, ending in '/'
        const char* forbidden;  ///< expression over the included path
        const char* reason;
    };
    /// THE table of forbidden arrows.
    static const QList<Rule>& rules() {
        static const QList<Rule> table = {
            {"kernels/", "^(ATen|torch|c10)/", "kernels stand alone: no LibTorch"},
            {"kernels/", "^(Q[A-Z]|Qt|core/|ui/|app/|sqlite3|SQLiteCpp)", "kernels stand alone"},
            {"core/base/", "^(ATen|torch|c10|Q[A-Z]|Qt|core/(?!base/)|ui/|app/|kernels/)", "base is the lowest room"},
            {"core/formats/", "^(ATen|torch|c10|Q[A-Z]|Qt|core/(?!base/|formats/)|ui/|app/|kernels/|sqlite3)",
             "formats know files, not tensors or windows"},
            {"core/study/", "^(ATen|torch|c10|Q[A-Z]|Qt|core/(?!base/|study/)|ui/|app/|kernels/)",
             "a study is what is known, without tensors or windows"},
            {"core/", "^(Q[A-Z]|Qt|ui/|app/)", "core knows no window"},
            {"ui/", "^(ATen|torch|c10)/", "the window never loads LibTorch"},
            {"ui/", "^(core/(?!study/|formats/|base/)|kernels/|app/|sqlite3|SQLiteCpp)",
             "the window sees the study and the file formats only"},
            {"app/engine/", "^(ATen|torch|c10|Q[A-Z]|Qt|ui/|kernels/)", "the program is the door's handle"},
            {"app/explorer/", "^(ATen|torch|c10|kernels/|core/(?!study/|formats/|base/))", "the window program"},
        };
        return table;
    }

    static QStringList sources() {
        QStringList out;
        for (const char* room : {"app", "core", "kernels", "ui", "tests"}) {
            QDirIterator it(QString(AIRFRAME_SOURCE_DIR "/") + room, {"*.h", "*.cpp", "*.cu", "*.cuh"}, QDir::Files,
                            QDirIterator::Subdirectories);
            while (it.hasNext()) out << it.next();
        }
        return out;
    }
    static QString read(const QString& path) {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
    }

  private Q_SLOTS:
    void includes() {
        static const QRegularExpression include("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]",
                                                QRegularExpression::MultilineOption);
        QStringList broken;
        int seen = 0;
        for (const QString& path : sources()) {
            const QString inside = path.mid(int(strlen(AIRFRAME_SOURCE_DIR)) + 1);
            const QString text = read(path);
            auto match = include.globalMatch(text);
            while (match.hasNext()) {
                const auto found = match.next();
                ++seen;
                for (const Rule& rule : rules()) {
                    if (!inside.startsWith(rule.room)) continue;
                    if (!QRegularExpression(rule.forbidden).match(found.captured(1)).hasMatch()) continue;
                    const int line = int(text.left(found.capturedStart(1)).count('\n')) + 1;
                    broken << QString("%1:%2 includes %3: %4").arg(inside).arg(line).arg(found.captured(1), rule.reason);
                }
            }
        }
        QVERIFY2(seen > 100, "no includes were found: the test looks in the wrong place");
        QVERIFY2(broken.isEmpty(), qPrintable(broken.join('\n')));
    }

    /// A rule that matches nothing would never fail: each must catch an include made to break it.
    void rulesCatch() {
        const QList<std::pair<const char*, const char*>> bad = {
            {"kernels/", "ATen/ATen.h"},        {"kernels/", "core/base/error.h"}, {"core/base/", "core/study/study.h"},
            {"core/formats/", "torch/torch.h"}, {"core/study/", "QString"},        {"core/", "ui/theme.h"},
            {"ui/", "torch/torch.h"},           {"ui/", "core/model/model.h"},     {"app/engine/", "ATen/ATen.h"},
            {"app/explorer/", "core/engine/engine.h"}};
        QCOMPARE(bad.size(), rules().size());
        for (int i = 0; i < bad.size(); ++i) {
            QCOMPARE(QString(rules()[i].room), QString(bad[i].first));
            QVERIFY2(QRegularExpression(rules()[i].forbidden).match(bad[i].second).hasMatch(), bad[i].second);
        }
    }

    void licences() {
        QStringList missing;
        for (const QString& path : sources())
            if (!read(path).startsWith("// SPDX-License-Identifier: GPL-3.0-or-later")) missing << path;
        QVERIFY2(missing.isEmpty(), qPrintable(missing.join('\n')));
    }
};

QTEST_APPLESS_MAIN(TestArrows)
#include "tst_arrows.moc"
