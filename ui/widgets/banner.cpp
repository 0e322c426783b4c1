// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/banner.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "ui/theme.h"
#include "ui/widgets/layout.h"

namespace airframe::ui {

Banner::Banner(const Theme* theme, QWidget* parent) : QFrame(parent), m_theme(theme) {
    setObjectName(QStringLiteral("banner"));
    m_text = label({});
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_action = button({}, true);
    auto* dismiss = button(tr("Dismiss"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(24, 8, 24, 8);
    row->setSpacing(8);
    row->addWidget(m_text, 1);
    row->addWidget(m_action);
    row->addWidget(dismiss);
    connect(m_action, &QPushButton::clicked, this, [this] {
        hide();
        Q_EMIT activated();
    });
    connect(dismiss, &QPushButton::clicked, this, &QWidget::hide);
    connect(theme, &Theme::changed, this, &Banner::restyle);
    restyle();
    hide();
}

void Banner::tell(Kind kind, const QString& text, const QString& action) {
    m_kind = kind;
    m_text->setText(text);
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    setAccessibleName(text);
    restyle();
    show();
}

QString Banner::text() const {
    return m_text->text();
}

void Banner::restyle() {
    const QColor edge = m_kind == Kind::warning ? m_theme->warning() : m_theme->accent();
    setStyleSheet(QStringLiteral("#banner { background: %1; border: none; border-left: 4px solid %2; border-bottom: 1px solid %3; }")
                      .arg(m_theme->surface().name(), edge.name(), m_theme->border().name()));
}

}  // namespace airframe::ui
