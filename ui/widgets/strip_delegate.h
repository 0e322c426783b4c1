// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace airframe::ui {

class Theme;

/// Draws cells that hold a placement as a layer strip and mutes rows that are faded; everything else as usual.
class StripDelegate : public QStyledItemDelegate {
    Q_OBJECT
  public:
    StripDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), m_theme(theme) {}
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

  private:
    const Theme& m_theme;
};

}  // namespace airframe::ui
