// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QLabel;
class QPushButton;

namespace airframe::ui {

class Theme;

/// One line across the window about the whole study (read-only, engine died), with at most one thing to do. Hidden
/// while it has nothing to say; never modal.
class Banner : public QFrame {
    Q_OBJECT
  public:
    enum class Kind { info, warning };
    explicit Banner(const Theme* theme, QWidget* parent = nullptr);
    void tell(Kind kind, const QString& text, const QString& action = {});
    [[nodiscard]] QString text() const;

  Q_SIGNALS:
    void activated();

  private:
    void restyle();
    const Theme* m_theme;
    Kind m_kind = Kind::info;
    QLabel* m_text;
    QPushButton* m_action;
};

}  // namespace airframe::ui
