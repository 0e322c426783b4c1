// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/strip_delegate.h"

#include <QApplication>
#include <QPainter>

#include "ui/models/row_table.h"
#include "ui/placement_text.h"
#include "ui/theme.h"
#include "ui/widgets/layer_strip.h"

namespace airframe::ui {

namespace {
constexpr int cell = 5, padding = 8;
}

void StripDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    item.state &= ~QStyle::State_HasFocus;  // the row is marked, not the cell
    item.state &= ~QStyle::State_Selected;  // the view tints the row below all cells
    const QVariant strip = index.data(StripRole);
    if (strip.isValid()) {
        painter->save();
        if (index.data(FadedRole).toBool()) painter->setOpacity(0.55);
        const double width = static_cast<double>(blocksOf(strip.toString()).size()) * cell;
        LayerStrip::paint(*painter, QRectF(option.rect.left() + padding, option.rect.top() + 4, std::min<double>(width, option.rect.width() - 2 * padding),
                                           option.rect.height() - 8), strip.toString(), m_theme);
        painter->restore();
        return;
    }
    item.palette.setColor(QPalette::Text, index.data(FadedRole).toBool() ? m_theme.mutedText() : m_theme.text());
    item.rect = option.rect.adjusted(4, 0, -4, 0);
    QApplication::style()->drawControl(QStyle::CE_ItemViewItem, &item, painter, nullptr);
}

QSize StripDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const QVariant strip = index.data(StripRole);
    if (!strip.isValid()) return QStyledItemDelegate::sizeHint(option, index) + QSize(8, 0);
    return {static_cast<int>(blocksOf(strip.toString()).size()) * cell + 2 * padding, 24};
}

}  // namespace airframe::ui
