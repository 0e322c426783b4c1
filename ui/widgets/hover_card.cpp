// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/hover_card.h"

#include <QPainter>
#include <algorithm>

#include "ui/placement_text.h"
#include "ui/theme.h"
#include "ui/widgets/layer_strip.h"

namespace airframe::ui {

namespace {
constexpr int padding = 12, gap = 8, strip_cell = 10, strip_height = 14, away = 16;
}

HoverCard::HoverCard(const Theme* theme, QWidget* view) : QWidget(view), m_theme(theme) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
    hide();
}

void HoverCard::setContent(const QString& title, const QString& placement, const QStringList& lines) {
    m_title = title;
    m_placement = placement;
    m_lines = lines;
    resize(sizeHint());
    update();
}

int HoverCard::nameWidth() const {
    const QFontMetrics metrics(m_theme->bodyFont());
    int width = 0;
    for (const QString& line : m_lines)
        if (line.contains(QLatin1Char('\t'))) width = std::max(width, metrics.horizontalAdvance(line.section(QLatin1Char('\t'), 0, 0)));
    return width;
}

QSize HoverCard::sizeHint() const {
    const QFontMetrics body(m_theme->bodyFont()), numbers(m_theme->numberFont()), heading(m_theme->headingFont());
    int width = heading.horizontalAdvance(m_title);
    width = std::max(width, static_cast<int>(blocksOf(m_placement).size()) * strip_cell);
    const int names = nameWidth();
    for (const QString& line : m_lines)
        width = std::max(width, line.contains(QLatin1Char('\t'))
                                    ? names + 2 * gap + numbers.horizontalAdvance(line.section(QLatin1Char('\t'), 1))
                                    : body.horizontalAdvance(line));
    int height = heading.height();
    if (!m_placement.isEmpty()) height += gap + strip_height;
    if (!m_lines.isEmpty()) height += gap + static_cast<int>(m_lines.size()) * (body.height() + 2);
    return {width + 2 * padding, height + 2 * padding};
}

void HoverCard::showAt(QPoint anchor) {
    const QSize room = parentWidget()->size();
    int x = anchor.x() + away, y = anchor.y() + away;
    if (x + width() > room.width()) x = anchor.x() - away - width();
    if (y + height() > room.height()) y = anchor.y() - away - height();
    move(std::clamp(x, 0, std::max(0, room.width() - width())), std::clamp(y, 0, std::max(0, room.height() - height())));
    show();
    raise();
}

void HoverCard::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_theme->mutedText(), 1));
    painter.setBrush(m_theme->surface());
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    const QFontMetrics body(m_theme->bodyFont()), heading(m_theme->headingFont());
    int y = padding;
    painter.setFont(m_theme->headingFont());
    painter.setPen(m_theme->text());
    painter.drawText(QRect(padding, y, width() - 2 * padding, heading.height()), Qt::AlignLeft | Qt::AlignVCenter, m_title);
    y += heading.height();
    if (!m_placement.isEmpty()) {
        const double strip = static_cast<double>(blocksOf(m_placement).size()) * strip_cell;
        LayerStrip::paint(painter, QRectF(padding, y + gap, strip, strip_height), m_placement, *m_theme);
        y += gap + strip_height;
    }
    y += gap;
    const int names = nameWidth();
    for (const QString& line : m_lines) {
        const QRect area(padding, y, width() - 2 * padding, body.height());
        painter.setFont(m_theme->bodyFont());
        painter.setPen(m_theme->mutedText());
        painter.drawText(area, Qt::AlignLeft | Qt::AlignVCenter, line.section(QLatin1Char('\t'), 0, 0));
        if (line.contains(QLatin1Char('\t'))) {
            painter.setFont(m_theme->numberFont());
            painter.setPen(m_theme->text());
            painter.drawText(area.adjusted(names + 2 * gap, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, line.section(QLatin1Char('\t'), 1));
        }
        y += body.height() + 2;
    }
}

}  // namespace airframe::ui
