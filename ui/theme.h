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
    [[nodiscard]] Scheme scheme() const { return m_scheme; }

    /// 1 is the normal size; presenter mode multiplies it. Takes effect at the next apply().
    void setTypeScale(double scale);
    [[nodiscard]] double typeScale() const { return m_type_scale; }
    [[nodiscard]] QFont bodyFont() const;
    [[nodiscard]] QFont titleFont() const;    ///< of a page
    [[nodiscard]] QFont headingFont() const;  ///< of a section or a card
    [[nodiscard]] QFont numberFont() const;   ///< body size; all digits are equally wide, so that columns line up

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
    Scheme m_scheme = Scheme::system;
    double m_type_scale = 1.0;
    double m_point_size = 10.0;
    QString m_family, m_number_family;
};

}  // namespace airframe::ui
