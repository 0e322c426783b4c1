// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

#include <QComboBox>
#include <QStringList>
#include <memory>

#include "ui/models/front_rows.h"

class QLabel;
class QPushButton;
class QSpinBox;
class QStackedWidget;

namespace airframe::ui {

class Background;
class ErrorCard;
class FrontPlot;
class LayerStrip;
class PlainTable;
class SearchPlan;
class Segment;
class StateView;

/// Accuracy against speed or memory: the plot, its table twin, and the measurements that feed them.
class FrontPage : public Page {
    Q_OBJECT
  public:
    FrontPage(const UiContext& context, QWidget* parent);
    void setSnapshot(const SnapshotPtr& snapshot) override;
    [[nodiscard]] State state() const override { return m_state; }
    [[nodiscard]] QString summary() const override;

  protected:
    void keyPressEvent(QKeyEvent* event) override;

  private:
    QWidget* buildHead();
    void connectViews();
    void connectEngine();
    void fill();
    void askData();                           ///< joins and bootstraps off the GUI thread
    void showData(FrontData data);
    void showWhy();
    void measure(const QStringList& placements);
    void measureNext();
    void openMeasureMenu();
    void scoreMore();
    void savePlot();
    void updateControls();
    [[nodiscard]] bool measured() const { return m_set->currentIndex() >= 0 && m_set->currentIndex() < static_cast<int>(m_sets.size()); }
    [[nodiscard]] MeasurementSet set() const;  ///< the chosen one, or what the spin boxes ask for
    SnapshotPtr m_snapshot;
    State m_state = State::empty;
    std::shared_ptr<const FrontData> m_data;
    std::vector<MeasurementSet> m_sets;
    QStringList m_waiting;                     ///< placements still to be measured
    qint64 m_job = 0;                          ///< the measurement that runs for us
    qint64 m_score_job = 0;                    ///< the scoring that runs for us
    SearchPlan* m_plan;
    Background* m_background;
    RowTable<FrontRow>* m_rows;
    ErrorCard* m_error;
    StateView* m_empty;
    QWidget *m_full, *m_new_set;
    FrontPlot* m_plot;
    PlainTable* m_table;
    Segment *m_x, *m_y;
    QComboBox* m_set;
    QSpinBox *m_context_size, *m_batch, *m_repeats;
    QPushButton *m_measure, *m_save;
    QLabel *m_summary, *m_why;
    LayerStrip* m_strip;
};

}  // namespace airframe::ui
