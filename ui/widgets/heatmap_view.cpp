// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/heatmap_view.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <algorithm>

#include "ui/models/importance_model.h"
#include "ui/theme.h"
#include "ui/widgets/heatmap_delegate.h"
#include "ui/widgets/heatmap_header.h"

namespace airframe::ui {

namespace {
constexpr int narrowest_column = 20;
constexpr int lowest_row = 32, highest_row = 56;
}  // namespace

HeatmapView::HeatmapView(const Theme* theme, ImportanceModel* model, QWidget* parent)
    : QTableView(parent), m_theme(theme), m_model(model) {
    setModel(model);
    setItemDelegate(new HeatmapDelegate(*this, *model, this));
    auto* layers = new HeatmapHeader(Qt::Horizontal, *theme, *model, this);
    auto* tasks = new HeatmapHeader(Qt::Vertical, *theme, *model, this);
    setHorizontalHeader(layers);
    setVerticalHeader(tasks);
    setShowGrid(false);
    setMouseTracking(true);
    setSelectionMode(SingleSelection);
    setCornerButtonEnabled(false);
    setFrameShape(NoFrame);
    // It lies on a card: the frame of other tables would be a second one; the focus is shown by the current cell.
    setStyleSheet(QStringLiteral("QTableView, QTableView:focus { border: none; background: transparent; } "
                                 "QHeaderView, QTableCornerButton::section { background: transparent; border: none; }"));
    setHorizontalScrollMode(ScrollPerPixel);
    setVerticalScrollMode(ScrollPerPixel);
    setAccessibleName(tr("Importance of each layer for each task"));
    for (HeatmapHeader* header : {layers, tasks}) {
        header->setSectionsClickable(true);
        header->setHighlightSections(false);
        header->setSectionResizeMode(QHeaderView::Fixed);
        header->setMinimumSectionSize(8);
    }
    layers->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(layers, &QWidget::customContextMenuRequested, this, [this, layers](const QPoint& pos) {
        const int column = layers->logicalIndexAt(pos);
        if (column >= 0) menuFor(m_model->layerOf(column), layers->mapToGlobal(pos));
    });
    connect(layers, &QHeaderView::sectionClicked, this, [this](int column) { Q_EMIT layerPicked(m_model->layerOf(column)); });
    connect(tasks, &QHeaderView::sectionClicked, this, &HeatmapView::rowHeadClicked);
    connect(this, &QTableView::clicked, this, [this](const QModelIndex& index) { Q_EMIT layerPicked(m_model->layerOf(index.column())); });
    connect(model, &QAbstractItemModel::modelReset, this, &HeatmapView::layoutCells);
    connect(model, &QAbstractItemModel::layoutChanged, this, [this] { viewport()->update(); });
    connect(theme, &Theme::changed, this, &HeatmapView::layoutCells);
    layoutCells();
}

void HeatmapView::setCurrentLayer(int layer) {
    if (layer == m_layer) return;
    m_layer = layer;
    const int column = layer < 0 || layer >= m_model->columnCount() ? -1 : m_model->columnOf(layer);
    if (column >= 0 && currentIndex().column() != column && m_model->rowCount() > 0)
        setCurrentIndex(m_model->index(std::max(0, currentIndex().row()), column));
    viewport()->update();
    horizontalHeader()->viewport()->update();
}

QString HeatmapView::tsv() const {
    QString text = tr("task");
    for (int column = 0; column < m_model->columnCount(); ++column) text += QLatin1Char('\t') + QString::number(m_model->layerOf(column));
    for (int row = 0; row < m_model->rowCount(); ++row) {
        text += QLatin1Char('\n') + m_model->headerData(row, Qt::Vertical, Qt::DisplayRole).toString();
        for (int column = 0; column < m_model->columnCount(); ++column) {
            const QVariant value = m_model->index(row, column).data(ImportanceModel::ValueRole);
            text += QLatin1Char('\t') + (value.isValid() ? QString::number(value.toDouble(), 'g', 7) : QString());
        }
    }
    return text + QLatin1Char('\n');
}

int HeatmapView::layerUnderCursor() const {
    return currentIndex().isValid() ? m_model->layerOf(currentIndex().column()) : m_layer;
}

void HeatmapView::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) return QGuiApplication::clipboard()->setText(tsv());
    const int layer = layerUnderCursor();
    if (layer >= 0 && event->modifiers() == Qt::NoModifier) {
        switch (event->key()) {
            case Qt::Key_P: Q_EMIT pinRequested(layer); return;
            case Qt::Key_F: Q_EMIT forbidRequested(layer); return;
            case Qt::Key_Space: Q_EMIT layerPicked(layer); return;
            default: break;
        }
    }
    if (!event->text().isEmpty() && event->key() != Qt::Key_Tab && event->key() != Qt::Key_Backtab)
        return event->ignore();  // no search by typing: letters are the page's keys
    QTableView::keyPressEvent(event);
}

bool HeatmapView::event(QEvent* event) {
    // P, F and Space belong to the map while it has the focus, whatever the window uses them for.
    if (event->type() == QEvent::ShortcutOverride) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_P || key == Qt::Key_F || key == Qt::Key_Space) event->accept();
    }
    return QTableView::event(event);
}

void HeatmapView::contextMenuEvent(QContextMenuEvent* event) {
    const QModelIndex index = event->reason() == QContextMenuEvent::Keyboard ? currentIndex() : indexAt(event->pos());
    if (index.isValid()) menuFor(m_model->layerOf(index.column()), event->globalPos());
}

void HeatmapView::menuFor(int layer, const QPoint& global_pos) {
    QMenu menu(this);
    menu.addSection(tr("Layer %1").arg(layer));
    menu.addAction(m_model->pinned().count(layer) ? tr("Unpin\tP") : tr("Pin to full attention\tP"), this,
                   [this, layer] { Q_EMIT pinRequested(layer); });
    menu.addAction(m_model->forbidden().count(layer) ? tr("Allow full attention\tF") : tr("Forbid full attention\tF"), this,
                   [this, layer] { Q_EMIT forbidRequested(layer); });
    menu.addAction(tr("Copy the table\tCtrl+C"), this, [this] { QGuiApplication::clipboard()->setText(tsv()); });
    menu.exec(global_pos);
}

void HeatmapView::mouseMoveEvent(QMouseEvent* event) {
    QTableView::mouseMoveEvent(event);
    const QModelIndex index = indexAt(event->pos());
    if (index == m_hovered) return;
    m_hovered = index;
    viewport()->update();
}

void HeatmapView::leaveEvent(QEvent* event) {
    m_hovered = QModelIndex();
    viewport()->update();
    QTableView::leaveEvent(event);
}

void HeatmapView::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    layoutCells();
}

void HeatmapView::layoutCells() {
    const int columns = m_model->columnCount(), rows = m_model->rowCount();
    if (columns == 0 || rows == 0) return;
    // Whole pixels: what is left over goes to the first columns, so that the map ends where its frame does.
    const int width = viewport()->width(), each = std::max(narrowest_column, width / columns);
    for (int column = 0; column < columns; ++column)
        horizontalHeader()->resizeSection(column, each + (each * columns < width && column < width % columns ? 1 : 0));
    const int lowest = std::max(lowest_row, fontMetrics().height() * 2 + 6);
    verticalHeader()->setDefaultSectionSize(std::clamp(viewport()->height() / rows, lowest, std::max(lowest, highest_row)));
    setMaximumHeight(horizontalHeader()->sizeHint().height() + rows * std::max(lowest, highest_row) + 2 * frameWidth());
    viewport()->update();
}

}  // namespace airframe::ui
