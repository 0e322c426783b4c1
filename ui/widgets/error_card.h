// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include "ui/problem.h"

class QLabel;
class QPushButton;

namespace airframe::ui {

class Theme;

/// An error where it happened, without a dialog: what was tried, which file or field, what was found, what to do now;
/// *Copy details*, *Dismiss*, and, if one is set, a button that does the next step. Hidden while there is no problem.
class ErrorCard : public QFrame {
    Q_OBJECT
  public:
    explicit ErrorCard(const Theme* theme, QWidget* parent = nullptr);
    void show(const Problem& problem);
    void clear();
    void setAction(const QString& text);  ///< "" = no button
    [[nodiscard]] const Problem& problem() const { return m_problem; }

  Q_SIGNALS:
    void actionRequested();
    void dismissed();

  private:
    void restyle();
    const Theme* m_theme;
    Problem m_problem;
    QLabel *m_tried, *m_where, *m_what, *m_hint;
    QPushButton* m_action;
};

}  // namespace airframe::ui
