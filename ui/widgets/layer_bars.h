// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <vector>

namespace airframe::ui {

class Theme;

/// One value per layer as upright bars over the layer numbers, from zero. The selected layer carries its value in
/// words; arrows, mouse and hover work as on a LayerStrip.
class LayerBars : public QWidget {
    Q_OBJECT
  public:
    explicit LayerBars(const Theme* theme, QWidget* parent = nullptr);
    void setValues(const std::vector<double>& values, const QString& unit);  ///< NaN = not known, drawn as a gap
    void setCurrentLayer(int layer);
    [[nodiscard]] QSize sizeHint() const override { return {600, 150}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {300, 110}; }

  Q_SIGNALS:
    void layerPicked(int layer);

  protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

  private:
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] int layerAt(double x) const;
    [[nodiscard]] QString valueText(int layer) const;
    const Theme* m_theme;
    std::vector<double> m_values;
    QString m_unit;
    int m_current = -1;
};

}  // namespace airframe::ui
