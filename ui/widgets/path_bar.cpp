// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/path_bar.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPainter>

#include "ui/theme.h"

namespace airframe::ui {

namespace {

constexpr int dot = 9;
constexpr int padding = 12;

QString stateWord(Page::State state) {
    switch (state) {
        case Page::State::empty: return PathStep::tr("nothing yet");
        case Page::State::running: return PathStep::tr("running");
        case Page::State::ready: return PathStep::tr("ready");
        case Page::State::failed: return PathStep::tr("failed");
    }
    return {};
}

void paintDot(QPainter& painter, const QRectF& box, Page::State state, const Theme& theme) {
    switch (state) {
        case Page::State::empty:
            painter.setPen(QPen(theme.mutedText(), 1.3));
            painter.setBrush(Qt::NoBrush);
            painter.drawEllipse(box.adjusted(0.7, 0.7, -0.7, -0.7));
            return;
        case Page::State::running:
            painter.setPen(QPen(theme.accent(), 1.3));
            painter.setBrush(Qt::NoBrush);
            painter.drawEllipse(box.adjusted(0.7, 0.7, -0.7, -0.7));
            painter.setPen(Qt::NoPen);
            painter.setBrush(theme.accent());
            painter.drawPie(box.adjusted(0.7, 0.7, -0.7, -0.7), 90 * 16, 180 * 16);
            return;
        case Page::State::ready:
            painter.setPen(Qt::NoPen);
            painter.setBrush(theme.good());
            painter.drawEllipse(box);
            return;
        case Page::State::failed:
            painter.setPen(QPen(theme.bad(), 2, Qt::SolidLine, Qt::RoundCap));
            painter.drawLine(box.topLeft() + QPointF(1, 1), box.bottomRight() - QPointF(1, 1));
            painter.drawLine(box.topRight() + QPointF(-1, 1), box.bottomLeft() + QPointF(1, -1));
            return;
    }
}

}  // namespace

PathStep::PathStep(const Theme* theme, int number, const QString& title, QWidget* parent)
    : QAbstractButton(parent), m_theme(theme), m_number(number) {
    setText(title);
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
    setState(Page::State::empty);
}

void PathStep::setState(Page::State state) {
    m_state = state;
    setAccessibleName(tr("Step %1, %2, %3").arg(m_number).arg(text(), stateWord(state)));
    update();
}

QSize PathStep::sizeHint() const {
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    const QFontMetrics metrics(bold);
    return {metrics.horizontalAdvance(QString::number(m_number) + QLatin1Char(' ') + text()) + dot + 8 + 2 * padding,
            metrics.height() + 22};
}

void PathStep::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = rect();
    if (underMouse() && !isChecked()) {
        QColor wash = m_theme->accent();
        wash.setAlphaF(0.08f);
        painter.fillRect(area, wash);
    }
    const QFontMetrics metrics(font());
    QFont number_font = font();
    QFont title_font = font();
    if (isChecked()) title_font.setWeight(QFont::DemiBold);
    const QString number = QString::number(m_number);
    const double number_width = metrics.horizontalAdvance(number + QLatin1Char(' '));
    painter.setFont(number_font);
    painter.setPen(m_theme->mutedText());
    painter.drawText(area.adjusted(padding, 0, 0, -2), Qt::AlignVCenter | Qt::AlignLeft, number);
    painter.setFont(title_font);
    painter.setPen(isChecked() ? m_theme->text() : m_theme->mutedText());
    painter.drawText(area.adjusted(padding + number_width, 0, 0, -2), Qt::AlignVCenter | Qt::AlignLeft, text());
    const QRectF box(area.right() - padding - dot, area.center().y() - dot / 2.0 - 1, dot, dot);
    paintDot(painter, box, m_state, *m_theme);
    if (isChecked()) painter.fillRect(QRectF(area.left() + 4, area.bottom() - 3, area.width() - 8, 3), m_theme->accent());
    if (hasFocus()) {
        painter.setPen(QPen(m_theme->accent(), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(area.adjusted(2, 4, -2, -6), 4, 4);
    }
}

PathBar::PathBar(const Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    m_group = new QButtonGroup(this);
    m_group->setExclusive(true);
    m_row = new QHBoxLayout(this);
    m_row->setContentsMargins(12, 0, 16, 0);
    m_row->setSpacing(0);
    m_row->addStretch();
    setAccessibleName(tr("Path"));
    connect(m_group, &QButtonGroup::idClicked, this, &PathBar::picked);
    connect(theme, &Theme::changed, this, [this] {
        for (PathStep* step : m_steps) {
            step->updateGeometry();
            step->update();
        }
    });
}

void PathBar::addStep(const QString& title, const QString& tip) {
    const int index = static_cast<int>(m_steps.size());
    auto* step = new PathStep(m_theme, index + 1, title, this);
    step->setToolTip(tr("%1 (Alt+%2)").arg(tip).arg(index + 1));
    m_group->addButton(step, index);
    m_row->insertWidget(index, step);
    m_steps.push_back(step);
}

void PathBar::setCurrent(int index) {
    m_steps.at(static_cast<std::size_t>(index))->setChecked(true);
}

void PathBar::setState(int index, Page::State state) {
    m_steps.at(static_cast<std::size_t>(index))->setState(state);
}

void PathBar::addCorner(QWidget* widget) {
    m_row->addWidget(widget);
}

void PathBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), m_theme->surface());
    painter.setPen(m_theme->border());
    painter.drawLine(0, height() - 1, width(), height() - 1);
}

}  // namespace airframe::ui
