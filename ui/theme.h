// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QObject>
#include <QPalette>

class QApplication;
class QChart;

namespace airframe::ui {

/// Colours and sizes of everything we paint ourselves, in a light and a dark form. One object, owned by main; widgets
/// repaint on changed(). Okabe-Ito for categories, cividis for values: both tested for colour-blind readers.
class Theme : public QObject {
    Q_OBJECT
  public:
    enum class Scheme { system, light, dark };
    explicit Theme(QObject* parent = nullptr);
    void apply(QApplication& app, Scheme scheme);  ///< palette, style sheet and font
    [[nodiscard]] bool dark() const;

    [[nodiscard]] QColor window() const;      ///< page background
    [[nodiscard]] QColor surface() const;     ///< cards, plots
    [[nodiscard]] QColor border() const;
    [[nodiscard]] QColor text() const;
    [[nodiscard]] QColor mutedText() const;   ///< contrast at least 4.5 on surface
    [[nodiscard]] QColor accent() const;
    [[nodiscard]] QColor good() const;
    [[nodiscard]] QColor warning() const;
    [[nodiscard]] QColor bad() const;
    [[nodiscard]] QColor block(const QString& id) const;  ///< "attn", "jet", ... ; drawn with block glyphs, never colour alone
    [[nodiscard]] QColor slotA() const;
    [[nodiscard]] QColor slotB() const;
    [[nodiscard]] QColor category(int index) const;       ///< Okabe-Ito, cycled
    [[nodiscard]] QColor value(double zero_to_one) const; ///< cividis
    [[nodiscard]] int spacing() const { return 8; }       ///< pixels, the grid everything is laid out on
    void styleChart(QChart& chart) const;                 ///< pens, brushes and fonts of axes, legend and background

  Q_SIGNALS:
    void changed();

  private:
    bool m_dark = false;
};

}  // namespace airframe::ui
