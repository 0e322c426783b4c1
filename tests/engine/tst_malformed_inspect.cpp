// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>

#include <QtTest>

#include "engine/engine_process.h"
#include "formats/malformed_list.h"
#include "support/sanitized.h"

using namespace airframe;
using test::Ran;

/// Every entry of the list of broken and sound inputs through `airframe-engine inspect`: refused with one line
/// "error: WHERE: WHAT; HINT" and exit code 3 within 2 s and 300 MB, or described.
class TestMalformedInspect : public QObject {
    Q_OBJECT
    int m_refused = 0, m_opened = 0;
    qint64 m_slowest_ms = 0;

    /// Of the largest of all programs that were run here.
    static long peakBytes() {
        rusage used{};
        getrusage(RUSAGE_CHILDREN, &used);
        return used.ru_maxrss * 1024;
    }

  private Q_SLOTS:
    void everyEntry_data() {
        AIRFRAME_NEED(test::malformedList());
        test::addMalformedRows();
    }
    void everyEntry() {
        QFETCH(QString, path);
        QFETCH(bool, sound);
        QElapsedTimer clock;
        clock.start();
        const Ran ran = test::runEngine({QStringLiteral("inspect"), path, QStringLiteral("--json")});
        m_slowest_ms = std::max(m_slowest_ms, clock.elapsed());
        QVERIFY2(ran.code == (sound ? 0 : 3), ran.err + " (exit " + QByteArray::number(ran.code) + ")");
        if (!sanitized) {
            QVERIFY2(clock.elapsed() < 2000, QByteArray::number(clock.elapsed()) + " ms");
            QVERIFY2(peakBytes() < 300'000'000, QByteArray::number(static_cast<qint64>(peakBytes())) + " bytes");
        }
        if (sound) {
            QVERIFY2(ran.json().value(QStringLiteral("layers")).toInt() > 0, ran.out);
            ++m_opened;
            return;
        }
        QVERIFY2(ran.out.isEmpty(), ran.out);
        QVERIFY2(ran.err.startsWith("error: ") && ran.err.count('\n') == 1, ran.err);
        QVERIFY2(ran.err.contains(path.section('/', -1).toUtf8()), ran.err);
        ++m_refused;
    }
    void cleanupTestCase() {
        qInfo("%d refused, %d opened; at most %lld ms and %.0f MB", m_refused, m_opened, static_cast<long long>(m_slowest_ms),
              static_cast<double>(peakBytes()) / 1e6);
    }
};

QTEST_APPLESS_MAIN(TestMalformedInspect)
#include "tst_malformed_inspect.moc"
