// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/selection.h"

namespace airframe::ui {

Selection::Selection(QObject* parent) : QObject(parent) {}

void Selection::setHovered(const QString& placement) {
    if (m_hovered == placement) return;
    m_hovered = placement;
    Q_EMIT hoveredChanged(placement);
}

void Selection::setSelected(const QString& placement) {
    if (m_selected == placement) return;
    m_selected = placement;
    Q_EMIT selectedChanged(placement);
}

void Selection::setSlotA(const QString& placement) {
    if (m_a == placement) return;
    m_a = placement;
    Q_EMIT slotsChanged();
}

void Selection::setSlotB(const QString& placement) {
    if (m_b == placement) return;
    m_b = placement;
    Q_EMIT slotsChanged();
}

void Selection::setLayer(int layer) {
    if (m_layer == layer) return;
    m_layer = layer;
    Q_EMIT layerChanged(layer);
}

}  // namespace airframe::ui
