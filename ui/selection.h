// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>
#include <QSet>

namespace airframe::ui {

/// What is hovered, selected and in the slots A and B, across all pages: the only talk between pages. Placements are
/// named by their canonical text. Setting a value that is already set emits nothing, so views may write in their own
/// slots without looping. GUI thread only.
class Selection : public QObject {
    Q_OBJECT
  public:
    explicit Selection(QObject* parent = nullptr);
    [[nodiscard]] QString hovered() const { return m_hovered; }      ///< "" = none
    [[nodiscard]] QString selected() const { return m_selected; }    ///< the current one, "" = none
    [[nodiscard]] QString slotA() const { return m_a; }              ///< the teacher by default
    [[nodiscard]] QString slotB() const { return m_b; }              ///< "" = empty
    [[nodiscard]] int layer() const { return m_layer; }              ///< selected layer, -1 = none
    void setHovered(const QString& placement);
    void setSelected(const QString& placement);
    void setSlotA(const QString& placement);
    void setSlotB(const QString& placement);
    void setLayer(int layer);

  Q_SIGNALS:
    void hoveredChanged(const QString& placement);
    void selectedChanged(const QString& placement);
    void slotsChanged();
    void layerChanged(int layer);

  private:
    QString m_hovered, m_selected, m_a, m_b;
    int m_layer = -1;
};

}  // namespace airframe::ui
