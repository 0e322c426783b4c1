// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QTest>

#include "tests/ui/window_fixture.h"
#include "ui/pages/page_list.h"
#include "ui/placement_text.h"

using namespace airframe::ui;
using airframe::test::SampleStage;

/// Every row of the table of pages, over no study and studies in every stage.
class TestPages : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void everyPageShowsEveryStage_data() {
        QTest::addColumn<QString>("id");
        for (const PageType& type : pageTable()) QTest::newRow(qPrintable(type.id)) << type.id;
    }

    void everyPageShowsEveryStage() {
        QFETCH(QString, id);
        WindowFixture fixture;
        for (const PageType& type : pageTable()) {
            if (type.id != id) continue;
            const std::unique_ptr<Page> page(type.make(fixture.context(), nullptr));
            page->resize(1280, 660);
            page->show();
            page->setSnapshot(nullptr);
            QCOMPARE(page->state(), Page::State::empty);
            QVERIFY2(!page->summary().isEmpty(), "a page without a study has a summary too");
            QPixmap before = page->grab();
            for (const SampleStage stage : {SampleStage::empty, SampleStage::trained, SampleStage::failed, SampleStage::full}) {
                const SnapshotPtr snapshot = fixture.sample(stage);
                fixture.selection->setSlotA(teacherText(snapshot->model.layers));
                page->setSnapshot(snapshot);
                QTest::qWait(30);
                QVERIFY(!page->summary().isEmpty());
                QVERIFY(!page->grab().isNull());
            }
            QVERIFY2(page->grab().toImage() != before.toImage(), "a full study looks like no study");
            page->setSnapshot(nullptr);
            QTest::qWait(30);
            QCOMPARE(page->state(), Page::State::empty);
            // Small windows and large type must not crash or grow a page over the smallest window.
            page->resize(1024, 540);
            QTest::qWait(10);
        }
    }

    void everyControlHasAName_data() { everyPageShowsEveryStage_data(); }

    void everyControlHasAName() {
        QFETCH(QString, id);
        WindowFixture fixture;
        for (const PageType& type : pageTable()) {
            if (type.id != id) continue;
            const std::unique_ptr<Page> page(type.make(fixture.context(), nullptr));
            page->setSnapshot(fixture.sample(SampleStage::full));
            QSet<const QWidget*> with_buddy;
            for (const QLabel* text : page->findChildren<QLabel*>()) with_buddy << text->buddy();
            for (const QWidget* widget : page->findChildren<QWidget*>()) {
                const auto* made = qobject_cast<const QAbstractButton*>(widget);
                const bool field = qobject_cast<const QAbstractSpinBox*>(widget) || qobject_cast<const QComboBox*>(widget) ||
                                   (qobject_cast<const QLineEdit*>(widget) &&
                                    !qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()) &&
                                    !qobject_cast<const QComboBox*>(widget->parentWidget()));
                if (widget->objectName().startsWith(QLatin1String("qt_")) || widget->isHidden()) continue;
                const bool named = !widget->accessibleName().isEmpty() || with_buddy.contains(widget);
                if (made && made->text().isEmpty() && !named && !widget->inherits("QTableCornerButton"))
                    QFAIL(qPrintable(QStringLiteral("a button without text or name: %1").arg(QLatin1String(widget->metaObject()->className()))));
                if (field && !named)
                    QFAIL(qPrintable(QStringLiteral("a field without label or name: %1").arg(QLatin1String(widget->metaObject()->className()))));
            }
        }
    }

    void theStagesAreWhatTheDotsSay() {
        WindowFixture fixture;
        const auto state = [&](const QString& id, SampleStage stage) {
            for (const PageType& type : pageTable()) {
                if (type.id != id) continue;
                const std::unique_ptr<Page> page(type.make(fixture.context(), nullptr));
                page->setSnapshot(fixture.sample(stage));
                fixture.actions = std::make_unique<Actions>();
                return page->state();
            }
            return Page::State::empty;
        };
        QCOMPARE(state(QStringLiteral("supernet"), SampleStage::empty), Page::State::empty);
        QCOMPARE(state(QStringLiteral("supernet"), SampleStage::trained), Page::State::ready);
        QCOMPARE(state(QStringLiteral("supernet"), SampleStage::failed), Page::State::failed);
        QCOMPARE(state(QStringLiteral("start"), SampleStage::failed), Page::State::ready);
    }
};

QTEST_MAIN(TestPages)
#include "tst_pages.moc"
