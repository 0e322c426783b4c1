// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QTest>

#include "tests/ui/window_fixture.h"
#include "ui/pages/page_list.h"

using namespace airframe::ui;
using airframe::test::SampleStage;

/// Saves a picture of every page, in both sizes and themes, under the build's screenshots/ for a person to look at.
class TestScreenshots : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void everyPage_data() {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("dark");
        QTest::newRow("1280x800-light") << QSize(1280, 800) << false;
        QTest::newRow("1280x800-dark") << QSize(1280, 800) << true;
        QTest::newRow("1920x1080-light") << QSize(1920, 1080) << false;
        QTest::newRow("1920x1080-dark") << QSize(1920, 1080) << true;
    }

    void everyPage() {
        QFETCH(QSize, size);
        QFETCH(bool, dark);
        WindowFixture fixture;
        fixture.theme->apply(*qApp, dark ? Theme::Scheme::dark : Theme::Scheme::light);
        MainWindow window(fixture.context());
        window.resize(size);
        window.show();
        const auto snapshot = fixture.sample(SampleStage::full);
        window.setSnapshot(snapshot);
        for (const auto& proposal : snapshot->proposals)
            if (proposal.kept) fixture.selection->setSlotB(QString::fromStdString(proposal.placement));
        const QDir folder(QStringLiteral(AIRFRAME_BIN_DIR "/../screenshots/") + QString::fromLatin1(QTest::currentDataTag()));
        QVERIFY(folder.mkpath(QStringLiteral(".")));
        for (const PageType& type : pageTable()) {
            window.showPage(type.id);
            QTest::qWait(60);
            QCOMPARE(window.size(), size);  // no page forces the window larger than it was asked to be
            const QImage image = window.grab().toImage();
            const QRgb corner = image.pixel(4, image.height() / 2);
            QCOMPARE(qGray(corner) < 128, dark);
            QVERIFY(image.save(folder.filePath(type.id + QStringLiteral(".png"))));
        }
    }
};

QTEST_MAIN(TestScreenshots)
#include "tst_screenshots.moc"
