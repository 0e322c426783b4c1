// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/segment.h"

#include <QAbstractButton>
#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPushButton>

#include "ui/widgets/layout.h"

namespace airframe::ui {

Segment::Segment(const QString& name, const QStringList& choices, QWidget* parent)
    : QWidget(parent), m_group(new QButtonGroup(this)) {
    setAccessibleName(name);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    for (int i = 0; i < choices.size(); ++i) {
        auto* choice = button(choices[i]);
        choice->setCheckable(true);
        choice->setAccessibleName(QStringLiteral("%1: %2").arg(name, choices[i]));
        m_group->addButton(choice, i);
        row->addWidget(choice);
    }
    m_group->button(0)->setChecked(true);
    connect(m_group, &QButtonGroup::idToggled, this, [this](int id, bool on) {
        if (on) Q_EMIT changed(id);
    });
}

int Segment::current() const { return m_group->checkedId(); }

void Segment::setCurrent(int index) { m_group->button(index)->setChecked(true); }

void Segment::setTips(const QStringList& tips) {
    for (int i = 0; i < tips.size() && m_group->button(i); ++i) m_group->button(i)->setToolTip(tips[i]);
}

}  // namespace airframe::ui
