// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QTest>

#include "tests/formats/malformed_list.h"
#include "tests/support/sanitized.h"
#include "tests/ui/window_fixture.h"
#include "ui/widgets/error_card.h"

using namespace airframe;
using namespace airframe::ui;

/// Every entry of the list of broken and sound inputs, one after the other in the same window: a broken one is a card that names
/// it and nothing of the one before stays on screen; a sound one is shown.
class TestMalformedWindow : public QObject {
    Q_OBJECT

    std::unique_ptr<WindowFixture> m_fixture;
    std::unique_ptr<MainWindow> m_window;
    int m_refused = 0, m_opened = 0;

  private Q_SLOTS:
    void initTestCase() {
        m_fixture = std::make_unique<WindowFixture>();
        m_window = std::make_unique<MainWindow>(m_fixture->context());
        m_window->show();
    }

    void everyEntry_data() {
        AIRFRAME_NEED(test::malformedList());
        test::addMalformedRows();
    }
    void everyEntry() {
        QFETCH(QString, path);
        QFETCH(bool, sound);
        Page* page = m_window->pages()[1];
        auto* card = page->findChild<ErrorCard*>();
        QElapsedTimer clock;
        clock.start();
        Q_EMIT m_fixture->opener->modelOpening(path);  // without the engine, which has its own test
        QTRY_VERIFY_WITH_TIMEOUT(page->state() != Page::State::running, 20000);
        QVERIFY2(sanitized || clock.elapsed() < 2000, qPrintable(QStringLiteral("%1 ms").arg(clock.elapsed())));
        QCOMPARE(m_window->currentPage(), QStringLiteral("model"));
        m_window->grab();  // painting reads what the page took from the file
        if (sound) {
            QCOMPARE(page->state(), Page::State::ready);
            QVERIFY2(page->summary().contains(QStringLiteral(" layers.")), qPrintable(page->summary()));
            QVERIFY(card->problem().isEmpty());
            ++m_opened;
            return;
        }
        QCOMPARE(page->state(), Page::State::failed);
        const Problem& problem = card->problem();
        QVERIFY2(problem.where.contains(path.section('/', -1)), qPrintable(problem.where));
        QVERIFY(!problem.what.isEmpty());
        QVERIFY2(!page->summary().contains(QStringLiteral(" layers.")), qPrintable(page->summary()));
        ++m_refused;
    }

    void cleanupTestCase() {
        m_window.reset();
        m_fixture.reset();
        qInfo("%d refused, %d opened", m_refused, m_opened);
    }
};

QTEST_MAIN(TestMalformedWindow)
#include "tst_malformed_window.moc"
