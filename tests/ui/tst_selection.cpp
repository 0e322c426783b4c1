// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTest>

#include "ui/selection.h"

using airframe::ui::Selection;

class TestSelection : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void tellsOfAChangeOnce() {
        Selection selection;
        QSignalSpy hovered(&selection, &Selection::hoveredChanged);
        QSignalSpy selected(&selection, &Selection::selectedChanged);
        QSignalSpy slots_(&selection, &Selection::slotsChanged);
        QSignalSpy layer(&selection, &Selection::layerChanged);
        for (int twice = 0; twice < 2; ++twice) {
            selection.setHovered(QStringLiteral("jet*30"));
            selection.setSelected(QStringLiteral("jet*29,attn"));
            selection.setSlotA(QStringLiteral("attn*30"));
            selection.setSlotB(QStringLiteral("jet*29,attn"));
            selection.setLayer(7);
        }
        QCOMPARE(hovered.size(), 1);
        QCOMPARE(selected.size(), 1);
        QCOMPARE(slots_.size(), 2);
        QCOMPARE(layer.size(), 1);
        QCOMPARE(selection.hovered(), QStringLiteral("jet*30"));
        QCOMPARE(selection.selected(), QStringLiteral("jet*29,attn"));
        QCOMPARE(selection.slotA(), QStringLiteral("attn*30"));
        QCOMPARE(selection.slotB(), QStringLiteral("jet*29,attn"));
        QCOMPARE(selection.layer(), 7);
    }

    void aViewThatWritesBackDoesNotLoop() {
        Selection selection;
        int calls = 0;
        connect(&selection, &Selection::selectedChanged, this, [&](const QString& placement) {
            ++calls;
            selection.setSelected(placement);
        });
        selection.setSelected(QStringLiteral("jet*30"));
        QCOMPARE(calls, 1);
    }
};

QTEST_APPLESS_MAIN(TestSelection)
#include "tst_selection.moc"
