// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace airframe::ui {

class Theme;

/// Does it fit: weights, cache and activations as parts of the memory that is free, with the sum in words. Over the end it
/// turns to the warning colour and says so.
class FitBar : public QWidget {
    Q_OBJECT
  public:
    FitBar(const Theme* theme, const QString& name, QWidget* parent = nullptr);
    void setBytes(double weights, double cache, double activations, double available);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {240, sizeHint().height()}; }
    [[nodiscard]] QString text() const;
    [[nodiscard]] double sum() const { return m_weights + m_cache + m_activations; }

  protected:
    void paintEvent(QPaintEvent*) override;

  private:
    const Theme* m_theme;
    QString m_name;
    double m_weights = 0, m_cache = 0, m_activations = 0, m_available = 0;
};

}  // namespace airframe::ui
