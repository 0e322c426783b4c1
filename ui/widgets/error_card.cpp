// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/error_card.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/theme.h"
#include "ui/widgets/layout.h"

namespace airframe::ui {

ErrorCard::ErrorCard(const Theme* theme, QWidget* parent) : QFrame(parent), m_theme(theme) {
    setObjectName(QStringLiteral("errorCard"));
    setAccessibleName(tr("Error"));
    m_tried = label({}, "heading");
    m_where = label({}, "muted");
    m_what = label({});
    m_hint = label({});
    for (QLabel* text : {m_tried, m_where, m_what, m_hint}) {
        text->setWordWrap(true);
        text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        text->setTextFormat(Qt::PlainText);
    }
    m_action = button({}, true);
    m_action->hide();
    auto* copy = button(tr("Copy details"));
    auto* dismiss = button(tr("Dismiss"));
    auto* rows = new QVBoxLayout;
    rows->setSpacing(4);
    for (QLabel* text : {m_tried, m_where, m_what, m_hint}) rows->addWidget(text);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(16, 12, 16, 12);
    row->setSpacing(8);
    row->addLayout(rows, 1);
    for (QPushButton* made : {m_action, copy, dismiss}) row->addWidget(made, 0, Qt::AlignTop);
    connect(m_action, &QPushButton::clicked, this, &ErrorCard::actionRequested);
    connect(copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_problem.details()); });
    connect(dismiss, &QPushButton::clicked, this, [this] {
        clear();
        Q_EMIT dismissed();
    });
    connect(theme, &Theme::changed, this, &ErrorCard::restyle);
    restyle();
    hide();
}

void ErrorCard::restyle() {
    setStyleSheet(QStringLiteral("#errorCard { background: %1; border: 1px solid %2; border-left: 4px solid %3; border-radius: 2px; }")
                      .arg(m_theme->surface().name(), m_theme->border().name(), m_theme->bad().name()));
}

void ErrorCard::show(const Problem& problem) {
    m_problem = problem;
    m_tried->setText(tr("%1 did not work").arg(problem.tried));
    m_where->setText(problem.where);
    m_what->setText(problem.what);
    m_hint->setText(problem.hint);
    m_tried->setVisible(!problem.tried.isEmpty());
    m_where->setVisible(!problem.where.isEmpty());
    m_hint->setVisible(!problem.hint.isEmpty());
    setAccessibleDescription(problem.details());
    setVisible(true);
}

void ErrorCard::clear() {
    m_problem = {};
    hide();
}

void ErrorCard::setAction(const QString& text) {
    m_action->setText(text);
    m_action->setVisible(!text.isEmpty());
}

}  // namespace airframe::ui
