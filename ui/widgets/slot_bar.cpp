// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/slot_bar.h"

#include <QGridLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>

#include "ui/models/numbers.h"
#include "ui/number_text.h"
#include "ui/placement_text.h"
#include "ui/selection.h"
#include "ui/slot_facts.h"
#include "ui/theme.h"
#include "ui/widgets/layer_strip.h"
#include "ui/widgets/layout.h"

namespace airframe::ui {

SlotBar::SlotBar(const Theme* theme, Selection* selection, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_selection(selection) {
    setAccessibleName(tr("Slots A and B"));
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(24, 8, 24, 8);
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(2);
    for (int i = 0; i < 2; ++i) {
        Row& row = m_rows[static_cast<std::size_t>(i)];
        row.badge = label(i == 0 ? QStringLiteral("A") : QStringLiteral("B"));
        row.badge->setFixedWidth(24);
        row.badge->setAlignment(Qt::AlignCenter);
        row.strip = new LayerStrip(theme, this);
        row.none = label({}, "muted");
        row.name = label({});
        row.gain = label({}, "number");
        row.speed = label({}, "number");
        row.ratio = label({}, "number");
        row.cache = label({}, "number");
        int column = 0;
        grid->addWidget(row.badge, i, column++);
        grid->addWidget(row.none, i, column);
        grid->addWidget(row.strip, i, column++);
        grid->addWidget(row.name, i, column++);
        for (QLabel* number : {row.gain, row.speed, row.ratio, row.cache}) {
            number->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
            grid->addWidget(number, i, column++);
        }
    }
    m_setting = label({}, "muted");
    grid->addWidget(m_setting, 0, 7, 2, 1, Qt::AlignVCenter);
    for (int i = 0; i < 2; ++i) grid->setRowMinimumHeight(i, m_rows[0].strip->sizeHint().height());
    grid->setColumnStretch(1, 3);
    grid->setColumnStretch(2, 2);
    connect(selection, &Selection::slotsChanged, this, &SlotBar::fill);
    connect(selection, &Selection::layerChanged, this, [this](int layer) {
        for (Row& row : m_rows) row.strip->setCurrentLayer(layer);
    });
    connect(theme, &Theme::changed, this, &SlotBar::restyle);
    restyle();
    fill();
}

void SlotBar::restyle() {
    const QString on = m_theme->dark() ? QStringLiteral("#0f141b") : QStringLiteral("#ffffff");
    for (int i = 0; i < 2; ++i) {
        const QColor color = i == 0 ? m_theme->slotA() : m_theme->slotB();
        m_rows[static_cast<std::size_t>(i)].badge->setStyleSheet(
            QStringLiteral("background: %1; color: %2; border-radius: 4px; font-weight: 700; padding: 2px;").arg(color.name(), on));
    }
    update();
}

void SlotBar::setSnapshot(const SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    fill();
}

void SlotBar::fill() {
    const QString a = m_selection->slotA(), b = m_selection->slotB();
    const SlotFacts facts = slotFacts(m_snapshot, a, b);
    const QString setting = facts.context > 0 ? tr("Measured with %1 tokens of context, batch %2")
                                                    .arg(countText(facts.context), countText(facts.batch))
                                              : QString();
    m_setting->setText(facts.context > 0 ? tr("at %1 × %2").arg(countText(facts.context), countText(facts.batch)) : QString());
    m_setting->setToolTip(setting);
    for (int i = 0; i < 2; ++i) {
        Row& row = m_rows[static_cast<std::size_t>(i)];
        const QString& placement = i == 0 ? a : b;
        const SlotFacts::One& one = i == 0 ? facts.a : facts.b;
        row.strip->setPlacement(placement);
        row.strip->setCompareTo(i == 1 ? a : QString());
        row.strip->setVisible(!placement.isEmpty());
        row.none->setVisible(placement.isEmpty());
        row.none->setText(m_snapshot ? tr("empty: select a placement and press %1").arg(row.badge->text()) : tr("no study open"));
        row.name->setText(placementName(placement));
        row.gain->setText(one.gain ? tr("%1 nats").arg(signedFixed(one.gain->mean)) : QString());
        row.gain->setToolTip(one.gain ? tr("Gain over all linear, nats per token; 95 % interval %1")
                                            .arg(intervalText(one.gain->low, one.gain->high))
                                      : QString());
        QString speed, ratio, cache;
        if (one.measurement) {
            speed = speedText(one.measurement->decode_tps.median);
            cache = byteText(static_cast<double>(one.measurement->cache_bytes));
            const bool both = facts.a.measurement && facts.b.measurement && facts.a.measurement->decode_tps.median > 0;
            if (i == 1 && both)
                ratio = tr("%1×").arg(facts.b.measurement->decode_tps.median / facts.a.measurement->decode_tps.median, 0, 'f', 2);
        }
        row.speed->setText(speed);
        row.speed->setToolTip(speed.isEmpty() ? QString() : tr("Decode speed over the whole batch. %1").arg(setting));
        row.ratio->setText(ratio);
        row.ratio->setToolTip(tr("Decode speed of B over that of A"));
        row.cache->setText(cache);
        row.cache->setToolTip(cache.isEmpty() ? QString() : tr("Bytes of cache and recurrent state. %1").arg(setting));
    }
}

void SlotBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setPen(m_theme->border());
    painter.drawLine(0, height() - 1, width(), height() - 1);
}

void SlotBar::mousePressEvent(QMouseEvent* event) {
    const bool upper = event->position().y() < height() / 2.0;
    const QString placement = upper ? m_selection->slotA() : m_selection->slotB();
    if (!placement.isEmpty()) m_selection->setSelected(placement);
}

}  // namespace airframe::ui
