// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/command_palette.h"

#include <QGuiApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

#include "ui/actions.h"

namespace airframe::ui {

namespace {

QString plainText(const QAction& action) {
    QString text = action.text();
    text.remove(QLatin1Char('&'));
    return text;
}

/// Every typed word begins a word of the text, or the letters appear in it in order.
bool matches(const QString& text, const QString& typed) {
    qsizetype at = 0;
    for (const QChar c : typed) {
        if (c.isSpace()) continue;
        at = text.indexOf(c, at, Qt::CaseInsensitive);
        if (at < 0) return false;
        ++at;
    }
    return true;
}

}  // namespace

CommandPalette::CommandPalette(const Actions* actions, QWidget* window)
    : QFrame(window, Qt::Popup), m_actions(actions) {
    setProperty("card", true);
    m_field = new QLineEdit;
    m_field->setPlaceholderText(tr("Type a command"));
    m_field->setAccessibleName(tr("Command"));
    m_list = new QListWidget;
    m_list->setAccessibleName(tr("Commands"));
    m_list->setFocusPolicy(Qt::NoFocus);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->setSpacing(8);
    column->addWidget(m_field);
    column->addWidget(m_list);
    m_field->installEventFilter(this);
    connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_field, &QLineEdit::returnPressed, this, &CommandPalette::run);
    connect(m_list, &QListWidget::itemClicked, this, [this] { run(); });
    resize(520, 420);
}

void CommandPalette::open() {
    const QWidget* window = parentWidget();
    const QPoint middle = window->mapToGlobal(QPoint((window->width() - width()) / 2, 72));
    move(middle);
    m_field->clear();
    filter({});
    show();
    m_field->setFocus();
}

void CommandPalette::filter(const QString& text) {
    m_list->clear();
    QList<QAction*> exact, loose;
    for (QAction* action : m_actions->all()) {
        if (!action->isEnabled() || action->text().isEmpty()) continue;
        const QString plain = plainText(*action);
        if (plain.contains(text, Qt::CaseInsensitive)) exact << action;
        else if (matches(plain, text)) loose << action;
    }
    for (QAction* action : exact + loose) {
        const QString keys = action->shortcut().toString(QKeySequence::NativeText);
        auto* item = new QListWidgetItem(plainText(*action) + (keys.isEmpty() ? QString() : QStringLiteral("    ") + keys), m_list);
        item->setData(Qt::UserRole, action->objectName());
        item->setToolTip(action->statusTip());
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::run() {
    const QListWidgetItem* item = m_list->currentItem();
    if (!item) return;
    QAction* action = m_actions->action(item->data(Qt::UserRole).toString());
    hide();
    if (action) action->trigger();
}

QStringList CommandPalette::shown() const {
    QStringList texts;
    for (int row = 0; row < m_list->count(); ++row) texts << m_list->item(row)->text();
    return texts;
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Down || key == Qt::Key_Up || key == Qt::Key_PageDown || key == Qt::Key_PageUp) {
            QCoreApplication::sendEvent(m_list, event);
            return true;
        }
        if (key == Qt::Key_Escape) {
            hide();
            return true;
        }
    }
    return QFrame::eventFilter(watched, event);
}

}  // namespace airframe::ui
