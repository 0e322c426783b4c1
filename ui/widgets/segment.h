// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>
#include <QWidget>

class QButtonGroup;

namespace airframe::ui {

/// A few choices side by side of which one holds: "value | rank". Arrows move inside it. GUI thread.
class Segment : public QWidget {
    Q_OBJECT
  public:
    /// `name` is what a screen reader calls the whole.
    Segment(const QString& name, const QStringList& choices, QWidget* parent = nullptr);
    [[nodiscard]] int current() const;
    void setCurrent(int index);
    void setTips(const QStringList& tips);

  Q_SIGNALS:
    void changed(int index);

  private:
    QButtonGroup* m_group;
};

}  // namespace airframe::ui
