// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/fit_bar.h"

#include <QPainter>

#include "ui/models/numbers.h"
#include "ui/theme.h"

namespace airframe::ui {

FitBar::FitBar(const Theme* theme, const QString& name, QWidget* parent) : QWidget(parent), m_theme(theme), m_name(name) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(theme, &Theme::changed, this, [this] {
        updateGeometry();
        update();
    });
}

void FitBar::setBytes(double weights, double cache, double activations, double available) {
    m_weights = weights;
    m_cache = cache;
    m_activations = activations;
    m_available = available;
    setAccessibleName(text());
    setToolTip(tr("≈ weights %1, cache %2, activations %3, of %4 free memory")
                   .arg(byteText(weights), byteText(cache), byteText(activations), byteText(available)));
    update();
}

QString FitBar::text() const {
    QString text = tr("%1  ≈ %2 of %3 free").arg(m_name, byteText(sum()), byteText(m_available));
    if (sum() > m_available) text += tr(" – does not fit");
    return text;
}

QSize FitBar::sizeHint() const {
    return {320, fontMetrics().height() + 18};
}

void FitBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool over = sum() > m_available;
    painter.setPen(over ? m_theme->warning() : m_theme->text());
    painter.drawText(QRectF(0, 0, width(), fontMetrics().height()), Qt::AlignLeft, text());
    const QRectF bar(0, height() - 12, width(), 10);
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme->border());
    painter.drawRoundedRect(bar, 4, 4);
    const double whole = std::max({m_available, sum(), 1.0});
    const QRectF weights(bar.left(), bar.top(), bar.width() * m_weights / whole, bar.height());
    const QRectF cache(weights.right(), bar.top(), bar.width() * m_cache / whole, bar.height());
    painter.setBrush(m_theme->block(QStringLiteral("attn")));
    painter.drawRoundedRect(weights, 4, 4);
    painter.setBrush(over ? m_theme->warning() : m_theme->accent());
    painter.drawRect(cache);
    painter.setBrush(over ? m_theme->warning() : m_theme->mutedText());
    painter.drawRect(QRectF(cache.right(), bar.top(), bar.width() * m_activations / whole, bar.height()));
}

}  // namespace airframe::ui
