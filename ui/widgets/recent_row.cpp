// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/recent_row.h"

#include <QFileInfo>
#include <QPainter>

#include "ui/theme.h"
#include "ui/widgets/layer_strip.h"

namespace airframe::ui {

namespace {

constexpr int strip_width = 320;

}  // namespace

RecentRow::RecentRow(const Theme* theme, const RecentStudy& recent, QWidget* parent)
    : QAbstractButton(parent), m_theme(theme), m_recent(recent), m_missing(!QFileInfo::exists(recent.path)) {
    setText(QFileInfo(recent.path).fileName());
    setToolTip(recent.path);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Open %1").arg(text()));
    setAccessibleDescription(m_missing ? tr("the file is missing") : recent.state);
}

QSize RecentRow::sizeHint() const {
    return {560, 2 * QFontMetrics(m_theme->bodyFont()).height() + 24};
}

void RecentRow::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = QRectF(rect()).adjusted(1, 1, -1, -1);
    if (underMouse() || hasFocus()) {
        QColor wash = m_theme->accent();
        wash.setAlphaF(0.08f);
        painter.setBrush(wash);
        painter.setPen(hasFocus() ? QPen(m_theme->accent(), 2) : QPen(Qt::NoPen));
        painter.drawRoundedRect(area, 5, 5);
    }
    const bool narrow = width() < 700;
    const double strip_left = narrow ? area.right() : area.right() - strip_width - 12;
    const QFontMetrics metrics(m_theme->bodyFont());
    const QRectF top(area.left() + 12, area.top() + 8, strip_left - area.left() - 24, metrics.height());
    QFont strong = m_theme->bodyFont();
    strong.setWeight(QFont::DemiBold);
    painter.setFont(strong);
    painter.setPen(m_missing ? m_theme->mutedText() : m_theme->text());
    painter.drawText(top, Qt::AlignLeft | Qt::AlignVCenter, text());
    painter.setFont(m_theme->bodyFont());
    painter.setPen(m_missing ? m_theme->warning() : m_theme->mutedText());
    const QString state = m_missing ? tr("missing: %1").arg(m_recent.path)
                                    : m_recent.model + QStringLiteral(" · ") + m_recent.state;
    painter.drawText(top.translated(0, metrics.height() + 6), Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(state, Qt::ElideRight, static_cast<int>(top.width())));
    if (!narrow && !m_missing)
        LayerStrip::paint(painter, QRectF(strip_left, area.top(), strip_width, area.height()), m_recent.strip, *m_theme);
}

}  // namespace airframe::ui
