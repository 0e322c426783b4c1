// SPDX-License-Identifier: GPL-3.0-or-later
// The beam tree by mouse and keys.
#include <QSignalSpy>
#include <QTest>

#include "support/sample_snapshot.h"
#include "ui/theme.h"
#include "ui/widgets/beam_tree.h"

using namespace airframe;
using namespace airframe::ui;

class TestBeamTree : public QObject {
    Q_OBJECT
    Theme m_theme;
    SnapshotPtr m_snapshot;

    /// A tree whose picks come back to it, as the selection hub does.
    struct Tree : BeamTree {
        explicit Tree(const Theme* theme, const SnapshotPtr& snapshot) : BeamTree(theme) {
            resize(900, 500);
            setRounds(beamRounds(snapshot->proposals, 7));
            connect(this, &BeamTree::nodePicked, this, [this](const QString& placement) { selected = placement, setMarked({}, placement); });
            show();
        }
        QString selected;
        const BeamNode& node(int index) const { return rounds().nodes[static_cast<std::size_t>(index)]; }
    };

  private Q_SLOTS:
    void initTestCase() {
        m_theme.apply(*qApp, Theme::Scheme::light);
        m_snapshot = test::SampleSnapshot().make();
    }

    void everyShownNodeIsFoundWhereItIs() {
        Tree tree(&m_theme, m_snapshot);
        int shown = 0;
        for (int i = 0; i < static_cast<int>(tree.rounds().nodes.size()); ++i) {
            const QRect rect = tree.nodeRect(i);
            if (rect.isEmpty()) continue;
            ++shown;
            QCOMPARE(tree.nodeAt(rect.center()), i);
        }
        QVERIFY(shown > 10);
        QCOMPARE(tree.nodeAt({1, 1}), -1);
        QTest::mouseClick(tree.viewport(), Qt::LeftButton, {}, {2, 490});  // an empty place
        QCOMPARE(tree.selected, QString());
    }

    void arrowsWalkTheTree() {
        Tree tree(&m_theme, m_snapshot);
        const int best = tree.rounds().best;
        QTest::mouseClick(tree.viewport(), Qt::LeftButton, {}, tree.nodeRect(best).center());
        QCOMPARE(tree.selected.toStdString(), tree.node(best).placement);
        QTest::keyClick(&tree, Qt::Key_Left);
        QCOMPARE(tree.selected.toStdString(), tree.node(best).parent);
        QTest::keyClick(&tree, Qt::Key_BracketLeft);
        const auto& columns = tree.rounds().columns;
        QCOMPARE(tree.selected.toStdString(), tree.node(columns[columns.size() - 3].nodes.front()).placement);
        QTest::keyClick(&tree, Qt::Key_BracketRight);
        QTest::keyClick(&tree, Qt::Key_Down);
        QCOMPARE(tree.selected.toStdString(), tree.node(columns[columns.size() - 2].nodes[1]).placement);
    }

    void keysAskForWhatTheySay() {
        Tree tree(&m_theme, m_snapshot);
        const int best = tree.rounds().best;
        QTest::mouseClick(tree.viewport(), Qt::LeftButton, {}, tree.nodeRect(best).center());
        QSignalSpy pin(&tree, &BeamTree::pinRequested), drop(&tree, &BeamTree::dropRequested), slot(&tree, &BeamTree::slotRequested);
        QTest::keyClick(&tree, Qt::Key_P);
        QTest::keyClick(&tree, Qt::Key_D);
        QTest::keyClick(&tree, Qt::Key_B);
        QCOMPARE(pin.takeFirst().at(0).toInt(), tree.node(best).added.front());
        QCOMPARE(drop.takeFirst().at(0).toString(), tree.selected);
        QCOMPARE(slot.takeFirst().at(1).toChar(), QChar('B'));
    }

    void walkingDownReachesFoldedNodes() {
        Tree tree(&m_theme, m_snapshot);
        const auto& column = tree.rounds().columns.back();
        QVERIFY2(tree.nodeRect(column.nodes.back()).isEmpty(), "the last cut candidate is folded away");
        tree.setMarked({}, QString::fromStdString(tree.node(column.nodes.front()).placement));
        Q_EMIT tree.nodePicked(QString::fromStdString(tree.node(column.nodes.front()).placement));
        for (std::size_t i = 1; i < column.nodes.size(); ++i) QTest::keyClick(&tree, Qt::Key_Down);
        QCOMPARE(tree.selected.toStdString(), tree.node(column.nodes.back()).placement);
        QVERIFY(!tree.nodeRect(column.nodes.back()).isEmpty());
    }

    void emptyTreeTakesEverything() {
        BeamTree tree(&m_theme);
        tree.resize(400, 300);
        tree.show();
        for (const int key : {Qt::Key_Left, Qt::Key_Down, Qt::Key_Return, Qt::Key_P, Qt::Key_BracketRight}) QTest::keyClick(&tree, static_cast<Qt::Key>(key));
        QTest::mouseClick(tree.viewport(), Qt::LeftButton);
        QVERIFY(!tree.grab().isNull());
    }
};

QTEST_MAIN(TestBeamTree)
#include "tst_beam_tree.moc"
