// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

class QFrame;
class QLabel;
class QPushButton;
class QVBoxLayout;
class QWidget;

namespace airframe::ui {

// The few shapes every page is made of, so that pages look alike. The caller's layout takes ownership.

/// role: "title", "heading", "muted", "number" or nothing; see style_sheet.h.
[[nodiscard]] QLabel* label(const QString& text, const char* role = nullptr);
[[nodiscard]] QPushButton* button(const QString& text, bool primary = false);
/// A framed surface with a heading ("" = none) and a column to put things into.
struct Card {
    QFrame* frame;
    QVBoxLayout* column;
};
[[nodiscard]] Card card(const QString& heading = {});
/// The column of a page: margins and spacing of the grid.
[[nodiscard]] QVBoxLayout* pageColumn(QWidget* page);

}  // namespace airframe::ui
