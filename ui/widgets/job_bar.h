// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

#include "ui/study_snapshot.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QToolButton;

namespace airframe::ui {

class EngineClient;

/// The status bar's face of the running job: what it does, how far it is, how long it may still take, Pause and Stop.
/// Runs of other processes (detached, command line) are shown from the study and commanded through it.
class JobBar : public QWidget {
    Q_OBJECT
  public:
    explicit JobBar(EngineClient* engine, QWidget* parent = nullptr);
    void setSnapshot(const SnapshotPtr& snapshot);
    void togglePause();
    void stopKeeping();
    void cancelNow();
    [[nodiscard]] bool busy() const;       ///< a job of this window's engine runs
    [[nodiscard]] QString text() const;

  Q_SIGNALS:
    void busyChanged(bool busy);

  private:
    void refresh();
    [[nodiscard]] const RunRow* foreignRun() const;
    EngineClient* m_engine;
    SnapshotPtr m_snapshot;
    QLabel *m_what, *m_left;
    QProgressBar* m_bar;
    QPushButton* m_pause;
    QToolButton* m_stop;
    QString m_state, m_last;
    double m_done = 0, m_total = 0;
    QString m_phase, m_unit, m_note, m_left_text;
    bool m_was_busy = false;
    QTimer m_slow;  ///< tokens are shown ten times a second, not each
};

}  // namespace airframe::ui
