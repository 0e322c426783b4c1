// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/queue_view.h"

#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include "ui/models/numbers.h"
#include "ui/models/queue_model.h"
#include "ui/models/row_table.h"
#include "ui/theme.h"
#include "ui/widgets/layer_strip.h"

namespace airframe::ui {

namespace {

/// Number, layers, strip, and who asked for it.
class QueueDelegate : public QStyledItemDelegate {
  public:
    QueueDelegate(const Theme& theme, const QueueModel& model, QObject* parent)
        : QStyledItemDelegate(parent), m_theme(theme), m_model(model) {}

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {200, QFontMetrics(m_theme.bodyFont()).height() + 28};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        if (option.state & QStyle::State_Selected) {
            QColor tint = m_theme.accent();
            tint.setAlphaF(0.18F);
            painter->fillRect(option.rect, tint);
        }
        const QString placement = index.data(PlacementRole).toString();
        const int text = QFontMetrics(m_theme.bodyFont()).height();
        const QRect line(option.rect.left() + 8, option.rect.top() + 4, option.rect.width() - 16, text);
        painter->setFont(m_theme.numberFont());
        painter->setPen(m_theme.mutedText());
        painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter, QString::number(index.row() + 1));
        painter->setPen(m_theme.text());
        const std::vector<int> full = fullLayerList(placement);
        painter->drawText(line.adjusted(28, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                          full.empty() ? QueueView::tr("all linear") : QueueView::tr("full %1").arg(layerList(full)));
        if (m_model.byPerson(index.row())) {
            painter->setPen(m_theme.accent());
            painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, QueueView::tr("yours"));
        }
        LayerStrip::paint(*painter, QRectF(line.left() + 28, line.bottom() + 3, line.width() - 28, 14), placement, m_theme);
        painter->restore();
    }

  private:
    const Theme& m_theme;
    const QueueModel& m_model;
};

}  // namespace

QueueView::QueueView(const Theme* theme, QueueModel* model, QWidget* parent) : QListView(parent), m_theme(theme), m_model(model) {
    setModel(model);
    setItemDelegate(new QueueDelegate(*theme, *model, this));
    setDragDropMode(InternalMove);
    setDefaultDropAction(Qt::MoveAction);
    setSelectionMode(SingleSelection);
    setUniformItemSizes(true);
    setAccessibleName(tr("Queue of candidates"));
    setAccessibleDescription(tr("Drag or Ctrl+Up and Ctrl+Down reorder, Delete drops, Enter evaluates next"));
    connect(theme, &Theme::changed, this, [this] { doItemsLayout(); });
}

void QueueView::keyPressEvent(QKeyEvent* event) {
    const int row = currentIndex().row();
    const QString placement = m_model->placementAt(row);
    const bool control = event->modifiers() & Qt::ControlModifier;
    if (!placement.isEmpty()) {
        switch (event->key()) {
            case Qt::Key_Delete: return Q_EMIT dropRequested(placement);
            case Qt::Key_Return:
            case Qt::Key_Enter: return Q_EMIT runNextRequested(placement);
            case Qt::Key_Up:
                if (control) return m_model->move(row, row - 1);
                break;
            case Qt::Key_Down:
                if (control) return m_model->move(row, row + 1);
                break;
            default: break;
        }
    }
    QListView::keyPressEvent(event);
}

void QueueView::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QListView::currentChanged(current, previous);
    if (current.isValid()) Q_EMIT placementPicked(m_model->placementAt(current.row()));
}

void QueueView::paintEvent(QPaintEvent* event) {
    QListView::paintEvent(event);
    if (m_model->rowCount() > 0) return;
    QPainter painter(viewport());
    painter.setPen(m_theme->mutedText());
    painter.drawText(viewport()->rect().adjusted(16, 16, -16, -16), Qt::AlignCenter | Qt::TextWordWrap,
                     tr("Nothing waits.\nWhile a search runs, the candidates it will evaluate next stand here."));
}

}  // namespace airframe::ui
