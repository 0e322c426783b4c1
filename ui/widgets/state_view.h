// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QLabel;
class QPushButton;

namespace airframe::ui {

class Theme;

/// What a page shows while it has nothing else: a picture, one title, up to three lines that teach one thing, and one
/// button. Keeps itself in the middle of its space.
class StateView : public QWidget {
    Q_OBJECT
  public:
    explicit StateView(const Theme* theme, QWidget* parent = nullptr);
    /// `button` "" = none. The lines are plain text.
    void setTexts(const QString& title, const QStringList& lines, const QString& button = {});
    /// A placement drawn as a strip above the title; "" = none.
    void setPicture(const QString& placement);
    /// Why the button cannot be pressed now; "" = it can. Shown below the button.
    void setBlocked(const QString& reason);

  Q_SIGNALS:
    void activated();

  private:
    class Picture;
    Picture* m_picture;
    QLabel *m_title, *m_lines, *m_reason;
    QPushButton* m_button;
};

}  // namespace airframe::ui
