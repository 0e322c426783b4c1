// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/layer_profile.h"

#include <QHeaderView>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/models/importance_model.h"
#include "ui/models/numbers.h"
#include "ui/theme.h"
#include "ui/widgets/heatmap_view.h"

namespace airframe::ui {

LayerProfile::LayerProfile(const Theme* theme, const ImportanceModel* model, const HeatmapView* map, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_model(model), m_map(map) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Score of each layer with its interval"));
    connect(model, &QAbstractItemModel::modelReset, this, QOverload<>::of(&QWidget::update));
    connect(model, &QAbstractItemModel::dataChanged, this, QOverload<>::of(&QWidget::update));
    connect(model, &QAbstractItemModel::layoutChanged, this, QOverload<>::of(&QWidget::update));
    connect(theme, &Theme::changed, this, QOverload<>::of(&QWidget::update));
}

void LayerProfile::setRow(int row) {
    m_row = row;
    update();
}

void LayerProfile::paintEvent(QPaintEvent*) {
    const int rows = m_model->rowCount();
    if (rows == 0) return;
    const int row = m_row >= 0 && m_row < rows ? m_row : rows - 1;
    double low = 0, high = 0;
    for (int column = 0; column < m_model->columnCount(); ++column)
        if (const ImportanceCell* cell = m_model->cell(row, m_model->layerOf(column))) {
            low = std::min(low, cell->low);
            high = std::max(high, cell->high);
        }
    if (!(high > low)) return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QFontMetrics metrics(m_theme->bodyFont());
    const int left = m_map->viewport()->x();
    const QRectF plot(left, metrics.height() + 12, m_map->viewport()->width(), height() - metrics.height() - 20);
    const auto y = [&](double value) { return plot.bottom() - (value - low) / (high - low) * plot.height(); };

    painter.setFont(m_theme->bodyFont());
    painter.setPen(m_theme->mutedText());
    const QString name = row == rows - 1 ? tr("Mean of the tasks shown") : m_model->headerData(row, Qt::Vertical, Qt::DisplayRole).toString();
    painter.drawText(QRectF(left, 2, plot.width(), metrics.height()), Qt::AlignLeft | Qt::AlignVCenter, tr("%1: nats per token with 95 % interval").arg(name));

    painter.setFont(m_theme->numberFont());
    const double raw = (high - low) * metrics.height() * 2 / std::max(1.0, plot.height());
    const double unit = std::pow(10.0, std::floor(std::log10(raw)));
    const double step = unit * (raw / unit <= 1 ? 1 : raw / unit <= 2 ? 2 : raw / unit <= 5 ? 5 : 10);
    for (double tick = std::ceil(low / step) * step; tick <= high + 1e-12; tick += step) {
        painter.setPen(QPen(std::abs(tick) < step / 2 ? m_theme->mutedText() : m_theme->border(), 1));
        painter.drawLine(QPointF(plot.left(), y(tick)), QPointF(plot.right(), y(tick)));
        painter.setPen(m_theme->mutedText());
        painter.drawText(QRectF(0, y(tick) - metrics.height() / 2.0, left - 8, metrics.height()), Qt::AlignRight | Qt::AlignVCenter, fixed(tick, step < 0.1 ? 2 : 1));
    }
    for (int column = 0; column < m_model->columnCount(); ++column) {
        const int layer = m_model->layerOf(column);
        const ImportanceCell* cell = m_model->cell(row, layer);
        if (!cell) continue;
        const double x = left + m_map->columnViewportPosition(column) + m_map->columnWidth(column) / 2.0;
        const bool current = layer == m_map->currentLayer();
        const bool real = cell->low > 0 || cell->high < 0;  // the interval excludes zero
        const QColor color = current ? m_theme->accent() : real ? m_theme->text() : m_theme->mutedText();
        painter.setPen(QPen(color, current ? 2.5 : 1.5));
        painter.drawLine(QPointF(x, y(cell->low)), QPointF(x, y(cell->high)));
        painter.setPen(QPen(color, 1.5));
        painter.setBrush(real ? QBrush(color) : QBrush(m_theme->surface()));
        painter.drawEllipse(QPointF(x, y(cell->score)), 3.5, 3.5);
    }
}

}  // namespace airframe::ui
