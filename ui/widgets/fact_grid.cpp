// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/fact_grid.h"

#include <QGridLayout>
#include <QLabel>

#include "ui/widgets/layout.h"

namespace airframe::ui {

FactGrid::FactGrid(int columns, QWidget* parent) : QWidget(parent), m_columns(columns) {
    m_grid = new QGridLayout(this);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(16);
    m_grid->setVerticalSpacing(6);
}

void FactGrid::setFacts(const QList<Fact>& facts) {
    m_facts = facts;
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const int rows = (static_cast<int>(facts.size()) + m_columns - 1) / m_columns;
    for (int i = 0; i < facts.size(); ++i) {
        const int row = i % std::max(rows, 1), column = i / std::max(rows, 1);
        QLabel* name = label(facts[i].name, "muted");
        QLabel* value = label(facts[i].value, "number");
        value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        name->setToolTip(facts[i].meaning);
        value->setToolTip(facts[i].meaning);
        m_grid->addWidget(name, row, column * 3);
        m_grid->addWidget(value, row, column * 3 + 1);
        if (column + 1 < m_columns) m_grid->setColumnMinimumWidth(column * 3 + 2, 24);
        m_grid->setColumnStretch(column * 3 + 1, 1);
    }
}

QString FactGrid::asText() const {
    QStringList lines;
    for (const Fact& fact : m_facts) lines << fact.name + QLatin1Char('\t') + fact.value;
    return lines.join(QLatin1Char('\n'));
}

}  // namespace airframe::ui
