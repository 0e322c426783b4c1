// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QChartView>
#include <QSize>
#include <QString>

namespace airframe::ui {

class Theme;

/// The one chart view of the program. Owns its QChart. It handles the mouse itself, because QChartView of Qt 6.4
/// dereferences null when a click meets no item; it has no rubber band and no OpenGL; it wears the theme and changes
/// with it; it takes the keyboard focus and shows that; and it has a name and a spoken summary. GUI thread only.
/// Series may be changed at any time except inside a slot of a series' own signal (queue the call there).
class PlotView : public QChartView {
    Q_OBJECT
  public:
    explicit PlotView(const Theme* theme, QWidget* parent = nullptr);
    /// What a screen reader says: the name of the plot and one sentence that sums it up.
    void setSummary(const QString& name, const QString& sentence);
    [[nodiscard]] QString summarySentence() const { return m_sentence; }
    /// Puts the theme on axes and series added since the last call. Emits restyled() for colours of series.
    void restyle();
    /// Writes the plot as SVG (true vectors) or PNG (twice the pixels), told from the file's name. Throws
    /// Failure(bad_input) for another ending or if the file cannot be written.
    void save(const QString& path, QSize size = {}) const;
    [[nodiscard]] const Theme& theme() const { return *m_theme; }
    /// A point of the viewport as values of the first series' axes.
    [[nodiscard]] QPointF valueAt(QPointF view_pos) const;

  Q_SIGNALS:
    void restyled();                       ///< set pens and brushes of series here: styling resets them
    void hovered(QPointF view_pos);        ///< pointer moved, no button
    void left();                           ///< pointer went away
    void clicked(QPointF view_pos, Qt::MouseButton button, Qt::KeyboardModifiers modifiers);
    void doubleClicked(QPointF view_pos);

  protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

  private:
    const Theme* m_theme;
    QString m_sentence;
};

}  // namespace airframe::ui
