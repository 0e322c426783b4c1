// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

#include <map>
#include <optional>
#include <string>

#include "ui/models/row_table.h"
#include "ui/models/search_choices.h"
#include "ui/models/search_result.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;
class QStackedWidget;

namespace airframe::ui {

class Background;
class BeamTree;
class ErrorCard;
class LayerStrip;
class PlainTable;
class QueueModel;
class QueueView;
class SearchPlan;
class Segment;
class StateView;
class SteerPanel;
class TaskChooser;

/// The search for a placement: its tree, its queue, its controls, and everything a person can steer.
class PlacementPage : public Page {
    Q_OBJECT
  public:
    PlacementPage(const UiContext& context, QWidget* parent);
    void setSnapshot(const SnapshotPtr& snapshot) override;
    [[nodiscard]] State state() const override { return m_state; }
    [[nodiscard]] QString summary() const override;

  protected:
    void keyPressEvent(QKeyEvent* event) override;

  private:
    QWidget* buildHead();
    QWidget* buildSide();
    void connectViews();
    void connectEngine();
    void fill();
    void followPlan();
    void askResult();     ///< scores, ranks and leads, off the GUI thread
    void showResult(SearchResult result);
    void askPreview();
    void run();
    void apply();
    void send(const Steering& steering);
    void updateControls();
    void showTable(bool on);
    [[nodiscard]] const RunRow* shownRun() const;
    [[nodiscard]] bool live() const;  ///< the shown search runs or is paused
    [[nodiscard]] SearchChoices runChoices() const;
    SnapshotPtr m_snapshot;
    State m_state = State::empty;
    SearchResult m_result;
    std::map<std::string, double> m_asked_weights;  ///< that the last result was asked for
    SearchPlan* m_plan;
    Background *m_background, *m_preview_background;
    std::int64_t m_live_run = 0;                 ///< the run whose choices the plan is counted from
    std::optional<std::size_t> m_sent_after;     ///< steering rows there were when the last choice was sent
    QueueModel* m_queue_model;
    RowTable<BeamNode>* m_beam_rows;
    RowTable<ControlLine>* m_control_rows;
    RowTable<ControlRow>* m_log_rows = nullptr;
    ErrorCard* m_error;
    StateView* m_empty;
    QWidget *m_full, *m_options;
    QComboBox* m_runs;
    QSpinBox *m_budget, *m_width, *m_items, *m_seed;
    TaskChooser* m_tasks;
    QPushButton *m_run, *m_pause, *m_stop;
    QLabel *m_verdict, *m_note;
    LayerStrip* m_best;
    BeamTree* m_tree;
    PlainTable *m_table, *m_controls, *m_log;
    QStackedWidget *m_views, *m_side;
    Segment* m_side_choice;
    QCheckBox* m_as_table;
    SteerPanel* m_steer;
    QueueView* m_queue;
};

}  // namespace airframe::ui
