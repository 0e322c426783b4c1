// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/value_scale.h"

#include <QPainter>

#include "ui/theme.h"

namespace airframe::ui {

namespace {
constexpr int bar_width = 144, bar_height = 10, gap = 8;
}

ValueScale::ValueScale(const Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, QOverload<>::of(&QWidget::update));
}

void ValueScale::setEnds(const QString& low, const QString& high) {
    m_low = low;
    m_high = high;
    setAccessibleName(tr("Colours from %1 to %2; hatched cells are not measured").arg(low, high));
    updateGeometry();
    update();
}

QSize ValueScale::sizeHint() const {
    const QFontMetrics metrics(m_theme->bodyFont());
    return {metrics.horizontalAdvance(m_low) + metrics.horizontalAdvance(m_high) + bar_width + 7 * gap + 14 +
                metrics.horizontalAdvance(tr("missing")) + gap, metrics.height() + 4};
}

void ValueScale::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QFontMetrics metrics(m_theme->bodyFont());
    painter.setFont(m_theme->bodyFont());
    painter.setPen(m_theme->mutedText());
    int x = 0;
    const auto label = [&](const QString& text) {
        const int width = metrics.horizontalAdvance(text) + 2;
        painter.drawText(QRect(x, 0, width, height()), Qt::AlignLeft | Qt::AlignVCenter, text);
        x += width + gap;
    };
    label(m_low);
    for (int i = 0; i < bar_width; ++i)
        painter.fillRect(x + i, (height() - bar_height) / 2, 1, bar_height, m_theme->value(i / (bar_width - 1.0)));
    x += bar_width + gap;
    label(m_high);
    painter.fillRect(QRect(x + gap, (height() - bar_height) / 2, 14, bar_height), QBrush(m_theme->mutedText(), Qt::BDiagPattern));
    x += gap + 14 + gap;
    label(tr("missing"));
}

}  // namespace airframe::ui
