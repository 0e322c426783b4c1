// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace airframe::ui {

class HeatmapView;
class ImportanceModel;

/// Paints one cell of the importance map. Owns nothing; lives with its view.
class HeatmapDelegate : public QStyledItemDelegate {
    Q_OBJECT
  public:
    HeatmapDelegate(const HeatmapView& view, const ImportanceModel& model, QObject* parent)
        : QStyledItemDelegate(parent), m_view(view), m_model(model) {}
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

  private:
    void paintInterval(QPainter& painter, const QRectF& box, const QModelIndex& index, const QColor& ink) const;
    const HeatmapView& m_view;
    const ImportanceModel& m_model;
};

/// Black or white, whichever reads better on `fill` (WCAG relative luminance).
[[nodiscard]] QColor inkOn(const QColor& fill);

}  // namespace airframe::ui
