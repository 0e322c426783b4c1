// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

class QLabel;
class QPushButton;

namespace airframe::ui {

class CurveView;
class ErrorCard;
class LayerBars;
class StateView;
class TrainForm;

/// Trains the linear blocks and shows how they learn: loss of every layer and the mean, held-out error per layer, speed
/// and checkpoints.
class SupernetPage : public Page {
    Q_OBJECT
  public:
    SupernetPage(const UiContext& context, QWidget* parent);
    void setSnapshot(const SnapshotPtr& snapshot) override;
    [[nodiscard]] State state() const override { return m_state; }
    [[nodiscard]] QString summary() const override { return m_summary; }

  private:
    void train();
    void resume();
    void fill();
    void updateControls();
    SnapshotPtr m_snapshot;
    StateView* m_empty;
    QWidget* m_full;
    CurveView* m_curves;
    LayerBars* m_bars;
    QLabel* m_facts;
    QPushButton* m_resume;
    TrainForm* m_form;
    ErrorCard* m_error;
    State m_state = State::empty;
    QString m_summary;
    std::int64_t m_dismissed_run = 0;  ///< a failed run whose card was closed
};

}  // namespace airframe::ui
