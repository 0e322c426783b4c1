// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"
#include "ui/problem.h"

class QVBoxLayout;

namespace airframe::ui {

class ErrorCard;
class StudyOpener;

/// The door: open, new, demo, recent studies, and runs of this study that were interrupted.
class StartPage : public Page {
    Q_OBJECT
  public:
    StartPage(const UiContext& context, QWidget* parent);
    void setSnapshot(const SnapshotPtr& snapshot) override;
    [[nodiscard]] State state() const override;
    [[nodiscard]] QString summary() const override;

  private:
    void fillRecents();
    void fillInterrupted();
    SnapshotPtr m_snapshot;
    ErrorCard* m_error;
    QWidget *m_recents_box, *m_interrupted_box;
    QVBoxLayout *m_recents, *m_interrupted;
    QString m_interrupted_key;  ///< what the rows show, so that they are rebuilt only when it changes
};

}  // namespace airframe::ui
