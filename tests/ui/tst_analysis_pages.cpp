// SPDX-License-Identifier: GPL-3.0-or-later
// Importance, Placement and Front over no study, an empty one and a full one; what they ask of the engine; pictures of
// each for a person to look at (into $AIRFRAME_SHOTS if that is set).
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>
#include <QThreadPool>
#include <QTimer>

#include "support/sample_snapshot.h"
#include "ui/actions.h"
#include "ui/engine_client.h"
#include "ui/models/search_plan.h"
#include "ui/pages/front_page.h"
#include "ui/pages/importance_page.h"
#include "ui/pages/placement_page.h"
#include "ui/plots/front_plot.h"
#include "ui/selection.h"
#include "ui/study_reader.h"
#include "ui/theme.h"
#include "ui/widgets/beam_tree.h"
#include "ui/widgets/heatmap_view.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/segment.h"
#include "ui/widgets/state_view.h"

using namespace airframe;
using namespace airframe::ui;

class TestAnalysisPages : public QObject {
    Q_OBJECT
    Theme m_theme;
    QTemporaryDir m_folder;

    /// Pages with what they are given; the engine is a program that writes down what it is told.
    struct Window {
        Window(const Theme& theme, const QString& folder)
            : log(folder + QStringLiteral("/requests.%1").arg(++count)), engine(program(folder, log)) {
            context = {&selection, &engine, nullptr, const_cast<Theme*>(&theme), &actions};
        }
        static QString program(const QString& folder, const QString& log) {
            QFile script(folder + QStringLiteral("/engine.%1").arg(count));
            if (!script.open(QIODevice::WriteOnly)) qFatal("no temporary file");
            script.write("#!/bin/sh\nexec cat > " + log.toUtf8() + "\n");
            script.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
            return script.fileName();
        }
        QString requests() const {
            QFile file(log);
            return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
        }
        static inline int count = 0;
        QString log;
        Selection selection;
        Actions actions;
        EngineClient engine;
        UiContext context;
    };

    template <class P>
    std::unique_ptr<P> page(Window& window, const SnapshotPtr& snapshot) {
        auto made = std::make_unique<P>(window.context, nullptr);
        made->resize(1280, 640);
        made->setSnapshot(snapshot);
        made->show();
        settle();
        return made;
    }

    static void settle() {
        QThreadPool::globalInstance()->waitForDone();
        QCoreApplication::processEvents();
        QThreadPool::globalInstance()->waitForDone();
        QCoreApplication::processEvents();
    }

    static SnapshotPtr trainedOnly() {
        auto snapshot = std::make_shared<StudySnapshot>();
        snapshot->model.layers = 12;
        snapshot->model.hash = "model";
        snapshot->checkpoint_hash = "checkpoint";
        return snapshot;
    }

    template <class P>
    void states() {
        Window window(m_theme, m_folder.path());
        for (const SnapshotPtr& snapshot : {SnapshotPtr(), std::make_shared<const StudySnapshot>(), trainedOnly()}) {
            const auto made = page<P>(window, snapshot);
            QVERIFY(made->state() == Page::State::empty);
            auto* empty = made->template findChild<StateView*>();
            QVERIFY(empty && empty->isVisible());
            auto* button = empty->template findChild<QPushButton*>();
            QCOMPARE(button->isEnabled(), snapshot && !snapshot->checkpoint_hash.empty());
            QVERIFY(!made->summary().isEmpty());
        }
        auto before = test::SampleSnapshot().make();
        const auto made = page<P>(window, before);
        QVERIFY(made->state() == Page::State::ready);
        QVERIFY(!made->template findChild<StateView*>()->isVisible());
        made->setSnapshot(nullptr);  // the study was closed
        settle();
        QVERIFY(made->state() == Page::State::empty);
    }

  private Q_SLOTS:
    void initTestCase() {
        qRegisterMetaType<SnapshotPtr>();
        m_theme.apply(*qApp, Theme::Scheme::light);
    }

    void importanceStates() { states<ImportancePage>(); }
    void placementStates() { states<PlacementPage>(); }
    void frontStates() { states<FrontPage>(); }

    void importanceAsksAndMarks() {
        Window window(m_theme, m_folder.path());
        const auto made = page<ImportancePage>(window, trainedOnly());
        Q_EMIT made->findChild<StateView*>()->activated();
        QTRY_VERIFY(window.requests().contains(QStringLiteral("\"importance\"")));
        QVERIFY(window.requests().contains(QStringLiteral("\"items\":16")));
        made->setSnapshot(test::SampleSnapshot().make());
        settle();
        auto* map = made->findChild<HeatmapView*>();
        map->setCurrentIndex(map->model()->index(0, 5));
        QTest::keyClick(map, Qt::Key_P);
        QCOMPARE(SearchPlan::of(&window.selection)->choices().pinned, std::set<int>{5});
        QTest::keyClick(map, Qt::Key_Space);
        QCOMPARE(window.selection.layer(), 5);
        window.selection.setLayer(2);
        QCOMPARE(map->currentLayer(), 2);
        QTest::keyClick(map, Qt::Key_T);
        QVERIFY(made->findChild<PlainTable*>()->isVisible());
    }

    void placementAsksWithItsChoices() {
        Window window(m_theme, m_folder.path());
        const auto made = page<PlacementPage>(window, trainedOnly());
        SearchPlan::of(&window.selection)->togglePin(4);
        Q_EMIT made->findChild<StateView*>()->activated();
        QTRY_VERIFY(window.requests().contains(QStringLiteral("\"search\"")));
        QVERIFY2(window.requests().contains(QStringLiteral("\"pin\":[4]")), qPrintable(window.requests()));
    }

    void weightsRerankAtOnce() {
        Window window(m_theme, m_folder.path());
        const auto made = page<PlacementPage>(window, test::SampleSnapshot().make());
        auto* tree = made->findChild<BeamTree*>();
        const double before = tree->rounds().nodes[static_cast<std::size_t>(tree->rounds().best)].score;
        auto* slider = made->findChild<QSlider*>();
        QVERIFY(slider);
        slider->setValue(0);
        settle();
        const double after = tree->rounds().nodes[static_cast<std::size_t>(tree->rounds().best)].score;
        QVERIFY(before != after);
        QVERIFY(window.requests().isEmpty());  // no engine needed
        SearchPlan::of(&window.selection)->undoStack()->undo();
        settle();
        QCOMPARE(tree->rounds().nodes[static_cast<std::size_t>(tree->rounds().best)].score, before);
    }

    void frontMeasuresOneAfterTheOther() {
        Window window(m_theme, m_folder.path());
        const auto made = page<FrontPage>(window, trainedOnly());
        Q_EMIT made->findChild<StateView*>()->activated();
        QTRY_VERIFY(window.requests().contains(QStringLiteral("attn*12")));
        QVERIFY(window.requests().contains(QStringLiteral("\"repeats\":5")));
        QCOMPARE(window.requests().count(QStringLiteral("\"throughput\"")), 1);
    }

    void frontScoresWhatItShows() {
        Window window(m_theme, m_folder.path());
        const SnapshotPtr snapshot = test::SampleSnapshot().make();
        const auto front = page<FrontPage>(window, snapshot);
        QTimer::singleShot(100, &window.selection, [] {
            auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
            QVERIFY(menu);
            menu->actions().last()->trigger();
            menu->close();
        });
        QTest::keyClick(front.get(), Qt::Key_M);
        QTRY_VERIFY(window.requests().contains(QStringLiteral("\"score\"")));
        QVERIFY(window.requests().contains(QStringLiteral("\"items\":64")));
        QVERIFY(window.requests().contains(QString::fromStdString(snapshot->measurements.front().placement)));
    }

    void oneSelectionForAll() {
        Window window(m_theme, m_folder.path());
        const SnapshotPtr snapshot = test::SampleSnapshot().make();
        const auto front = page<FrontPage>(window, snapshot);
        const auto placement = page<PlacementPage>(window, snapshot);
        const auto& rounds = placement->findChild<BeamTree*>()->rounds();
        const QString best = QString::fromStdString(rounds.nodes[static_cast<std::size_t>(rounds.best)].placement);
        window.selection.setSelected(best);
        auto* table = front->findChild<PlainTable*>();
        QVERIFY(table->currentIndex().isValid());
        auto* plot = front->findChild<FrontPlot*>();
        QTest::keyClick(plot, Qt::Key_End);
        QVERIFY(window.selection.selected() != best);
        QTest::keyClick(plot, Qt::Key_B);
        QCOMPARE(window.selection.slotB(), window.selection.selected());
    }

    void pictures_data() {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<QSize>("size");
        QTest::newRow("light-1280") << false << QSize(1280, 640);
        QTest::newRow("dark-1280") << true << QSize(1280, 640);
        QTest::newRow("light-1920") << false << QSize(1920, 900);
        QTest::newRow("dark-1920") << true << QSize(1920, 900);
    }

    void pictures() {
        QFETCH(bool, dark);
        QFETCH(QSize, size);
        m_theme.apply(*qApp, dark ? Theme::Scheme::dark : Theme::Scheme::light);
        Window window(m_theme, m_folder.path());
        test::SampleSnapshot sample;
        sample.layers = 30;
        sample.budget = 6;
        sample.width = 4;
        sample.items = 24;
        sample.tasks = {"language", "kv", "copy", "letters"};
        const SnapshotPtr full = sample.make();
        const QString folder = qEnvironmentVariable("AIRFRAME_SHOTS");
        const auto shoot = [&](const char* name, Page& made) {
            made.resize(size);
            settle();
            const QPixmap shot = made.grab();
            QVERIFY(!shot.isNull());
            if (!folder.isEmpty()) QVERIFY(shot.save(QStringLiteral("%1/%2-%3.png").arg(folder, QLatin1String(name), QLatin1String(QTest::currentDataTag()))));
            for (const QLabel* label : made.findChildren<QLabel*>())
                if (label->isVisibleTo(&made) && !label->wordWrap() && !label->text().isEmpty())
                    QVERIFY2(label->width() >= label->sizeHint().width(), qPrintable(QStringLiteral("clipped: %1").arg(label->text())));
        };
        SearchPlan* plan = SearchPlan::of(&window.selection);
        plan->togglePin(5);
        plan->toggleForbid(11);
        window.selection.setLayer(20);
        window.selection.setSlotA(QStringLiteral("attn*30"));
        const auto importance = page<ImportancePage>(window, full);
        shoot("importance", *importance);
        const auto placement = page<PlacementPage>(window, full);
        const auto& rounds = placement->findChild<BeamTree*>()->rounds();
        const QString best = QString::fromStdString(rounds.nodes[static_cast<std::size_t>(rounds.best)].placement);
        window.selection.setSlotB(best);
        window.selection.setSelected(best);
        shoot("placement", *placement);
        const auto front = page<FrontPage>(window, full);
        shoot("front", *front);
        sample.running = true;
        placement->setSnapshot(sample.make());
        settle();
        QVERIFY(placement->state() == Page::State::running);
        placement->findChild<Segment*>(QStringLiteral("side"))->setCurrent(1);
        shoot("placement-queue", *placement);
        placement->findChild<Segment*>(QStringLiteral("side"))->setCurrent(3);
        shoot("placement-controls", *placement);
        m_theme.apply(*qApp, Theme::Scheme::light);
    }
};

QTEST_MAIN(TestAnalysisPages)
#include "tst_analysis_pages.moc"
