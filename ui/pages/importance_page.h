// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

#include <map>
#include <string>
#include <vector>

#include "ui/models/row_table.h"

class QCheckBox;
class QLabel;
class QPushButton;
class QSpinBox;
class QStackedWidget;

namespace airframe::ui {

class Background;
class ErrorCard;
class HeatmapView;
class LayerProfile;
class ImportanceModel;
class PlainTable;
class SearchPlan;
class Segment;
class StateView;
class TaskChooser;
class ValueScale;

/// Which layers need their attention, for which task: the importance map, its table twin and the run that fills it.
class ImportancePage : public Page {
    Q_OBJECT
  public:
    ImportancePage(const UiContext& context, QWidget* parent);
    void setSnapshot(const SnapshotPtr& snapshot) override;
    [[nodiscard]] State state() const override { return m_state; }
    [[nodiscard]] QString summary() const override;
    [[nodiscard]] std::string view() const;  ///< "one_full" or "one_linear"

  protected:
    void keyPressEvent(QKeyEvent* event) override;

  private:
    void buildControls();
    void connectAll();
    void fill();          ///< snapshot or view changed
    void askMeans();      ///< mean row with its intervals, off the GUI thread
    void run();
    void updateControls();
    void showTable(bool on);
    SnapshotPtr m_snapshot;
    State m_state = State::empty;
    ImportanceModel* m_model;
    RowTable<ImportanceCell>* m_rows;
    SearchPlan* m_plan;
    Background* m_background;
    std::map<std::string, std::vector<ImportanceCell>> m_means;  ///< by view
    const void* m_means_of = nullptr;                            ///< the snapshot they were made from
    std::string m_chosen_for;  ///< uuid of the study whose measured tasks were chosen
    std::string m_means_key;
    ErrorCard* m_error;
    QStackedWidget* m_stack;
    StateView* m_empty;
    HeatmapView* m_map;
    LayerProfile* m_profile;
    QWidget* m_picture;
    PlainTable* m_table;
    Segment *m_view, *m_what;
    QCheckBox *m_per_task, *m_as_table;
    TaskChooser* m_tasks;
    QSpinBox* m_items;
    QPushButton* m_run;
    QLabel *m_summary, *m_explain, *m_counts;
    ValueScale* m_scale;
    QWidget* m_controls;
    QWidget* m_footer;
};

}  // namespace airframe::ui
