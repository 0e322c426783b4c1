// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/layout.h"

#include <QFrame>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace airframe::ui {

QLabel* label(const QString& text, const char* role) {
    // A mnemonic's underline parts letters that are kerned ("Te"), so that it is painted wider than Qt counts: a thin space is room.
    auto* made = new QLabel(text.contains(QLatin1Char('&')) ? text + QChar(0x2009) : text);
    if (role) made->setProperty("role", QLatin1String(role));
    return made;
}

QPushButton* button(const QString& text, bool primary) {
    auto* made = new QPushButton(text);
    made->setAutoDefault(true);  // Enter presses it, not only Space
    if (primary) made->setProperty("primary", true);
    return made;
}

Card card(const QString& heading) {
    auto* frame = new QFrame;
    frame->setProperty("card", true);
    auto* column = new QVBoxLayout(frame);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(8);
    if (!heading.isEmpty()) column->addWidget(label(heading, "heading"));
    return {frame, column};
}

QVBoxLayout* pageColumn(QWidget* page) {
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(24, 16, 24, 16);
    column->setSpacing(16);
    return column;
}

}  // namespace airframe::ui
