// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QWidget>

class QGridLayout;

namespace airframe::ui {

/// One fact: what it is, its value with unit, and what it means (tooltip, may be empty).
struct Fact {
    QString name, value, meaning;
};

/// Facts in columns, names muted on the left, values right-aligned in figures of equal width.
class FactGrid : public QWidget {
    Q_OBJECT
  public:
    explicit FactGrid(int columns, QWidget* parent = nullptr);
    void setFacts(const QList<Fact>& facts);
    [[nodiscard]] QString asText() const;  ///< for the clipboard: one "name<tab>value" a line

  private:
    int m_columns;
    QList<Fact> m_facts;
    QGridLayout* m_grid;
};

}  // namespace airframe::ui
