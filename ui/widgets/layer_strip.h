// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSet>
#include <QString>
#include <QStringList>
#include <QWidget>

class QPainter;

namespace airframe::ui {

class Theme;

/// The face of every placement: one glyph per layer (full attention filled, linear hollow, window hatched), the same in
/// tables, tree, tooltips, slots. Pinned layers carry a lock, forbidden ones a bar, differences an outline.
class LayerStrip : public QWidget {
    Q_OBJECT
  public:
    explicit LayerStrip(const Theme* theme, QWidget* parent = nullptr);
    void setPlacement(const QString& canonical_text);
    void setCompareTo(const QString& canonical_text);  ///< outlines the layers that differ; "" = none
    void setMarks(const QSet<int>& pinned, const QSet<int>& forbidden);
    void setCurrentLayer(int layer);
    void setInteractive(bool on);  ///< arrows and mouse pick a layer
    void setNumbered(bool on);     ///< layer numbers below the glyphs, and glyphs as wide as there is room
    [[nodiscard]] QString placement() const { return m_text; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    /// Draws a strip into `rect`: for delegates, plots and the tree.
    static void paint(QPainter& painter, const QRectF& rect, const QString& canonical_text, const Theme& theme);

  Q_SIGNALS:
    void layerPicked(int layer);
    void layerActivated(int layer);  ///< double click or Enter
    void pinRequested(int layer);    ///< key P
    void forbidRequested(int layer); ///< key F

  protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseDoubleClickEvent(QMouseEvent*) override;
    void keyPressEvent(QKeyEvent*) override;
    bool event(QEvent*) override;

  private:
    [[nodiscard]] int layerAt(const QPointF& pos) const;
    [[nodiscard]] QRectF glyphArea() const;
    [[nodiscard]] double widestCell() const;
    const Theme* m_theme;
    QString m_text, m_compare;
    QStringList m_blocks, m_compare_blocks;
    QSet<int> m_pinned, m_forbidden;
    int m_current = -1;
    bool m_interactive = false, m_numbered = false;
};

}  // namespace airframe::ui
