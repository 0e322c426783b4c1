// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

#include "ui/study_opener.h"

namespace airframe::ui {

class Theme;

/// A recent study as one wide button: file name, model and state, strip. A missing file is shown as missing.
class RecentRow : public QAbstractButton {
    Q_OBJECT
  public:
    RecentRow(const Theme* theme, const RecentStudy& recent, QWidget* parent = nullptr);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] bool missing() const { return m_missing; }

  protected:
    void paintEvent(QPaintEvent*) override;

  private:
    const Theme* m_theme;
    RecentStudy m_recent;
    bool m_missing;
};

}  // namespace airframe::ui
