// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QWidget>
#include <vector>

#include "ui/pages/page.h"

class QButtonGroup;
class QHBoxLayout;

namespace airframe::ui {

/// One step of the path: its number, its title, and a dot whose shape tells the state (ring = empty, half = running,
/// disc = ready, cross = failed).
class PathStep : public QAbstractButton {
    Q_OBJECT
  public:
    PathStep(const Theme* theme, int number, const QString& title, QWidget* parent);
    void setState(Page::State state);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

  protected:
    void paintEvent(QPaintEvent*) override;

  private:
    const Theme* m_theme;
    int m_number;
    Page::State m_state = Page::State::empty;
};

/// The path as a row of tabs, in the order of work.
class PathBar : public QWidget {
    Q_OBJECT
  public:
    explicit PathBar(const Theme* theme, QWidget* parent = nullptr);
    void addStep(const QString& title, const QString& tip);
    void setCurrent(int index);
    void setState(int index, Page::State state);
    void addCorner(QWidget* widget);  ///< at the right end

  Q_SIGNALS:
    void picked(int index);

  protected:
    void paintEvent(QPaintEvent*) override;

  private:
    const Theme* m_theme;
    std::vector<PathStep*> m_steps;
    QHBoxLayout* m_row;
    QButtonGroup* m_group;
};

}  // namespace airframe::ui
