// SPDX-License-Identifier: GPL-3.0-or-later
// The importance map by keys and on pictures.
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QSignalSpy>
#include <QTest>

#include "ui/models/importance_model.h"
#include "ui/theme.h"
#include "ui/widgets/heatmap_delegate.h"
#include "ui/widgets/heatmap_view.h"

using namespace airframe;
using namespace airframe::ui;

class TestHeatmap : public QObject {
    Q_OBJECT
    Theme m_theme;
    ImportanceModel m_model;

    QColor middleOf(HeatmapView& view, int row, int column) {
        const QRect rect = view.visualRect(m_model.index(row, column));
        const QPixmap shot = view.viewport()->grab();
        return shot.toImage().pixelColor((rect.topLeft() + QPoint(3, 6)) * shot.devicePixelRatio());
    }

  private Q_SLOTS:
    void initTestCase() {
        m_theme.apply(*qApp, Theme::Scheme::light);
        std::vector<ImportanceCell> cells;
        for (int layer = 0; layer < 6; ++layer)
            if (layer != 2) cells.push_back({"one_full", layer, "kv", layer * 0.2, layer * 0.2 - 0.05, layer * 0.2 + 0.05, 6 - layer, 6 - layer, 6 - layer, 32});
        m_model.setCells(cells, {}, {{"kv", 4.0, 32, 1024}}, 6);
    }

    void keysPinForbidSelect() {
        HeatmapView view(&m_theme, &m_model);
        view.resize(600, 240);
        view.show();
        view.setCurrentIndex(m_model.index(0, 4));
        QSignalSpy pin(&view, &HeatmapView::pinRequested), forbid(&view, &HeatmapView::forbidRequested), pick(&view, &HeatmapView::layerPicked);
        QTest::keyClick(&view, Qt::Key_P);
        QTest::keyClick(&view, Qt::Key_F);
        QTest::keyClick(&view, Qt::Key_Space);
        QCOMPARE(pin.takeFirst().at(0).toInt(), 4);
        QCOMPARE(forbid.takeFirst().at(0).toInt(), 4);
        QCOMPARE(pick.takeFirst().at(0).toInt(), 4);
        QTest::keyClick(&view, Qt::Key_Left);
        QCOMPARE(view.currentIndex().column(), 3);
        QTest::keyClick(&view, Qt::Key_T);  // a letter of the page: the cursor must not jump
        QCOMPARE(view.currentIndex().column(), 3);
    }

    void copiesNumbers() {
        HeatmapView view(&m_theme, &m_model);
        const QStringList lines = view.tsv().split(QLatin1Char('\n'));
        QCOMPARE(lines[0].split(QLatin1Char('\t')).size(), 7);
        QCOMPARE(lines[1].split(QLatin1Char('\t')).at(3), QString());  // missing stays empty
        QCOMPARE(lines[1].split(QLatin1Char('\t')).at(6).toDouble(), 1.0);
    }

    void coloursFollowValuesAndMissingIsHatched() {
        HeatmapView view(&m_theme, &m_model);
        view.resize(600, 240);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        QCOMPARE(middleOf(view, 0, 0), m_theme.value(0));
        QCOMPARE(middleOf(view, 0, 5), m_theme.value(1));
        const QRect missing = view.visualRect(m_model.index(0, 2));
        const QImage shot = view.viewport()->grab(missing).toImage();
        QSet<QRgb> colours;
        for (int x = 2; x < shot.width() - 2; ++x) colours.insert(shot.pixel(x, shot.height() / 2));
        QVERIFY2(colours.size() >= 2, "a missing cell shows a pattern, not one colour");
    }

    void inkReadsOnEveryFill() {
        const auto luminance = [](const QColor& c) {
            const auto linear = [](double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
            return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
        };
        for (double t = 0; t <= 1.0; t += 0.05) {
            const double a = luminance(m_theme.value(t)), b = luminance(inkOn(m_theme.value(t)));
            const double contrast = (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
            QVERIFY2(contrast >= 4.5, qPrintable(QStringLiteral("at %1: %2").arg(t).arg(contrast)));
        }
    }
};

QTEST_MAIN(TestHeatmap)
#include "tst_heatmap.moc"
