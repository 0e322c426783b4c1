// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/style_sheet.h"

#include "ui/theme.h"

namespace airframe::ui {

namespace {

const char* const source = R"(
QToolTip { color: @text; background: @surface; border: 1px solid @border; padding: 6px; }
QFrame[card="true"] { background: @surface; border: 1px solid @border; border-radius: 6px; }
QLabel[role="title"] { font-size: @title; font-weight: 600; }
QLabel[role="heading"] { font-size: @heading; font-weight: 600; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="number"] { font-family: "@numbers"; }
QPushButton { background: @surface; border: 1px solid @border; border-radius: 5px; padding: 5px 14px; min-height: 20px; }
QPushButton:hover { border-color: @muted; background: @hover; }
QPushButton:pressed, QPushButton:checked { background: @pressed; border-color: @accent; }
QPushButton:focus { border: 2px solid @accent; padding: 4px 13px; }
QPushButton:disabled { color: @faint; background: @window; border-color: @border; }
QPushButton[primary="true"] { background: @accent; color: @onAccent; border-color: @accent; font-weight: 600; }
QPushButton[primary="true"]:hover { background: @accentHover; }
QPushButton[primary="true"]:focus { border: 2px solid @text; }
QPushButton[primary="true"]:disabled { background: @border; color: @muted; border-color: @border; }
QToolButton { border: 1px solid transparent; border-radius: 5px; padding: 4px 8px; }
QToolButton:hover { background: @hover; border-color: @border; }
QToolButton:pressed, QToolButton:checked { background: @pressed; }
QToolButton:focus { border: 2px solid @accent; padding: 3px 7px; }
QToolButton::menu-indicator { image: none; }
QLineEdit, QPlainTextEdit, QTextEdit, QListView, QTreeView, QTableView {
    background: @surface; border: 1px solid @border; border-radius: 5px; selection-background-color: @accent;
    selection-color: @onAccent; }
QLineEdit { padding: 4px 6px; min-height: 20px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QListView:focus, QTreeView:focus, QTableView:focus {
    border: 2px solid @accent; }
QLineEdit:focus { padding: 3px 5px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid @muted; border-radius: 3px; background: @surface; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url(:/icons/check-@mode.svg); }
QCheckBox::indicator:focus { border: 2px solid @accent; }
QCheckBox::indicator:disabled { border-color: @border; }
QComboBox, QAbstractSpinBox { min-height: 24px; }
QTableWidget::item { border: none; padding: 0 5px; }
QHeaderView::section { background: @window; color: @muted; border: none; border-bottom: 1px solid @border; padding: 5px 8px; }
QMenuBar { background: @window; padding: 2px 8px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: @pressed; }
QMenu { background: @surface; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 6px 28px 6px 24px; border-radius: 4px; }
QMenu::item:selected { background: @pressed; color: @text; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QSplitter::handle { background: transparent; }
QProgressBar { background: @track; border: none; border-radius: 4px; min-height: 8px; max-height: 8px; }
QProgressBar::chunk { background: @accent; border-radius: 4px; }
QStatusBar { background: @surface; border-top: 1px solid @border; }
QStatusBar::item { border: none; }
)";

QString mixed(const QColor& a, const QColor& b, double t) {
    return QColor::fromRgbF(static_cast<float>(a.redF() + (b.redF() - a.redF()) * t),
                            static_cast<float>(a.greenF() + (b.greenF() - a.greenF()) * t),
                            static_cast<float>(a.blueF() + (b.blueF() - a.blueF()) * t))
        .name();
}

}  // namespace

QString styleSheet(const Theme& theme) {
    const auto points = [](const QFont& font) { return QString::number(font.pointSizeF(), 'f', 1) + QStringLiteral("pt"); };
    // Longer names first where one name starts with another.
    const std::vector<std::pair<QString, QString>> values = {
        {QStringLiteral("@accentHover"), mixed(theme.accent(), theme.text(), 0.15)},
        {QStringLiteral("@accent"), theme.accent().name()},
        {QStringLiteral("@onAccent"), theme.dark() ? QStringLiteral("#0f141b") : QStringLiteral("#ffffff")},
        {QStringLiteral("@surface"), theme.surface().name()},
        {QStringLiteral("@window"), theme.window().name()},
        {QStringLiteral("@border"), theme.border().name()},
        {QStringLiteral("@mode"), theme.dark() ? QStringLiteral("dark") : QStringLiteral("light")},
        {QStringLiteral("@muted"), theme.mutedText().name()},
        {QStringLiteral("@faint"), mixed(theme.mutedText(), theme.surface(), 0.4)},
        {QStringLiteral("@hover"), mixed(theme.surface(), theme.accent(), 0.07)},
        {QStringLiteral("@pressed"), mixed(theme.surface(), theme.accent(), 0.16)},
        {QStringLiteral("@track"), mixed(theme.surface(), theme.text(), 0.1)},
        {QStringLiteral("@text"), theme.text().name()},
        {QStringLiteral("@title"), points(theme.titleFont())},
        {QStringLiteral("@heading"), points(theme.headingFont())},
        {QStringLiteral("@numbers"), theme.numberFont().family()},
    };
    QString sheet = QString::fromLatin1(source);
    for (const auto& [name, value] : values) sheet.replace(name, value);
    return sheet;
}

}  // namespace airframe::ui
