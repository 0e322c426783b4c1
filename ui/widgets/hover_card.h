// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

namespace airframe::ui {

class Theme;

/// A tooltip that can draw: a title, the layer strip of a placement and lines of "name: value". A child of the view it
/// belongs to; lets the mouse through. GUI thread.
class HoverCard : public QWidget {
    Q_OBJECT
  public:
    HoverCard(const Theme* theme, QWidget* view);
    /// `lines` hold name and value separated by a tab; a line without a tab is drawn whole.
    void setContent(const QString& title, const QString& placement, const QStringList& lines);
    /// Shows it beside `anchor` (view coordinates) where it fits without covering it.
    void showAt(QPoint anchor);
    [[nodiscard]] QSize sizeHint() const override;

  protected:
    void paintEvent(QPaintEvent*) override;

  private:
    [[nodiscard]] int nameWidth() const;
    const Theme* m_theme;
    QString m_title, m_placement;
    QStringList m_lines;
};

}  // namespace airframe::ui
