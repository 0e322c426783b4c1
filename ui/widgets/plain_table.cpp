// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/plain_table.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QSortFilterProxyModel>

#include "ui/models/row_table.h"
#include "ui/theme.h"
#include "ui/widgets/strip_delegate.h"

namespace airframe::ui {

PlainTable::PlainTable(const Theme* theme, QWidget* parent) : QTableView(parent), m_proxy(new QSortFilterProxyModel(this)) {
    m_proxy->setSortRole(SortRole);
    m_proxy->setDynamicSortFilter(true);
    setItemDelegate(new StripDelegate(*theme, this));
    setSelectionBehavior(SelectRows);
    setSelectionMode(SingleSelection);
    setShowGrid(false);
    setWordWrap(false);
    setMouseTracking(true);
    setHorizontalScrollMode(ScrollPerPixel);
    setTabKeyNavigation(false);
    setFrameShape(NoFrame);
    verticalHeader()->hide();
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setMinimumSectionSize(24);
    const auto restyle = [this, theme] {
        setFont(theme->numberFont());
        verticalHeader()->setDefaultSectionSize(QFontMetrics(theme->bodyFont()).height() + 12);
        // A tint instead of the full accent: strips and muted numbers stay readable in the selected row.
        const QColor tint = theme->accent();
        setStyleSheet(QStringLiteral("QTableView { border: 2px solid transparent; selection-background-color: rgba(%1, %2, %3, 46); "
                                     "selection-color: %4; } QTableView:focus { border-color: %5; }")
                          .arg(tint.red()).arg(tint.green()).arg(tint.blue()).arg(theme->text().name(), theme->accent().name()));
    };
    restyle();
    connect(theme, &Theme::changed, this, restyle);
}

void PlainTable::setRows(QAbstractItemModel* rows) {
    m_proxy->setSourceModel(rows);
    setModel(m_proxy);
    horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);  // as the rows come until a head is clicked
    setSortingEnabled(true);
}

QString PlainTable::placementOf(const QModelIndex& index) const { return index.isValid() ? index.data(PlacementRole).toString() : QString(); }

void PlainTable::showPlacement(const QString& placement) {
    if (!model() || placementOf(currentIndex()) == placement) return;
    m_showing = true;
    QModelIndex found;
    for (int row = 0; row < m_proxy->rowCount() && !placement.isEmpty(); ++row)
        if (placementOf(m_proxy->index(row, 0)) == placement) {
            found = m_proxy->index(row, std::max(0, currentIndex().column()));
            break;
        }
    if (found.isValid()) setCurrentIndex(found);
    else selectionModel()->clear();
    m_showing = false;
}

QString PlainTable::tsv() const {
    QStringList lines;
    if (!model()) return {};
    QStringList heads;
    for (int column = 0; column < m_proxy->columnCount(); ++column) heads << m_proxy->headerData(column, Qt::Horizontal).toString();
    lines << heads.join(QLatin1Char('\t'));
    for (int row = 0; row < m_proxy->rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < m_proxy->columnCount(); ++column) {
            // Numbers go out as numbers; texts as they are shown.
            const QVariant value = m_proxy->index(row, column).data(SortRole);
            cells << (value.typeId() == QMetaType::Double ? QString::number(value.toDouble(), 'g', 9)
                                                          : m_proxy->index(row, column).data().toString());
        }
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

void PlainTable::fitColumns(int column) {
    for (int i = 0; i < m_proxy->columnCount(); ++i)
        horizontalHeader()->setSectionResizeMode(i, i == column ? QHeaderView::Stretch : QHeaderView::ResizeToContents);
}

void PlainTable::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) return QGuiApplication::clipboard()->setText(tsv());
    const QString placement = placementOf(currentIndex());
    if ((event->key() == Qt::Key_A || event->key() == Qt::Key_B) && event->modifiers() == Qt::NoModifier && !placement.isEmpty())
        return Q_EMIT slotRequested(placement, event->key() == Qt::Key_A ? QLatin1Char('A') : QLatin1Char('B'));
    if (!event->text().isEmpty() && event->text().at(0).isPrint()) return event->ignore();  // letters are the page's keys
    QTableView::keyPressEvent(event);
}

bool PlainTable::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && !placementOf(currentIndex()).isEmpty()) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if ((key->key() == Qt::Key_A || key->key() == Qt::Key_B) && key->modifiers() == Qt::NoModifier) event->accept();
    }
    return QTableView::event(event);
}

void PlainTable::mouseMoveEvent(QMouseEvent* event) {
    QTableView::mouseMoveEvent(event);
    Q_EMIT placementHovered(placementOf(indexAt(event->pos())));
}

void PlainTable::leaveEvent(QEvent* event) {
    QTableView::leaveEvent(event);
    Q_EMIT placementHovered({});
}

void PlainTable::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QTableView::currentChanged(current, previous);
    const QString placement = placementOf(current);
    if (!m_showing && !placement.isEmpty()) Q_EMIT placementPicked(placement);
}

}  // namespace airframe::ui
