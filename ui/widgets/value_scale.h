// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace airframe::ui {

class Theme;

/// The legend of a colour map: a gradient between two labelled ends, and the mark for a missing value.
class ValueScale : public QWidget {
    Q_OBJECT
  public:
    explicit ValueScale(const Theme* theme, QWidget* parent = nullptr);
    void setEnds(const QString& low, const QString& high);
    [[nodiscard]] QSize sizeHint() const override;

  protected:
    void paintEvent(QPaintEvent*) override;

  private:
    const Theme* m_theme;
    QString m_low, m_high;
};

}  // namespace airframe::ui
