// SPDX-License-Identifier: GPL-3.0-or-later
// How the placement page is put together; what it does is in placement_page.cpp.
#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/engine_client.h"
#include "ui/models/background.h"
#include "ui/models/queue_model.h"
#include "ui/models/search_plan.h"
#include "ui/models/task_names.h"
#include "ui/pages/placement_page.h"
#include "ui/run_control.h"
#include "ui/selection.h"
#include "ui/theme.h"
#include "ui/widgets/beam_tree.h"
#include "ui/widgets/error_card.h"
#include "ui/widgets/layer_strip.h"
#include "ui/widgets/layout.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/queue_view.h"
#include "ui/widgets/segment.h"
#include "ui/widgets/state_view.h"
#include "ui/widgets/steer_panel.h"
#include "ui/widgets/task_chooser.h"

namespace airframe::ui {

namespace {
constexpr int side_width = 352;

QSpinBox* spin(int low, int high, int value, const QString& name, const QString& tip) {
    auto* box = new QSpinBox;
    box->setRange(low, high);
    box->setValue(value);
    box->setAccessibleName(name);
    box->setToolTip(tip);
    return box;
}
}  // namespace

PlacementPage::PlacementPage(const UiContext& context, QWidget* parent)
    : Page(context, parent),
      m_plan(SearchPlan::of(context.selection)),
      m_background(new Background(this)),
      m_preview_background(new Background(this)),
      m_queue_model(new QueueModel(this)),
      m_beam_rows(beamRows(this)),
      m_control_rows(controlLines(this)) {
    const Theme* theme = context.theme;
    m_error = new ErrorCard(theme);
    m_empty = new StateView(theme);
    m_verdict = label({});
    m_verdict->setWordWrap(true);
    m_note = label({}, "muted");
    m_best = new LayerStrip(theme);
    m_best->setAccessibleName(tr("Best placement"));
    m_best->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_tree = new BeamTree(theme);
    m_table = new PlainTable(theme);
    m_table->setRows(m_beam_rows);
    m_table->setAccessibleName(tr("Candidates of the search as a table"));
    m_table->fitColumns(6);
    m_views = new QStackedWidget;
    m_views->addWidget(m_tree);
    m_views->addWidget(m_table);

    auto* column = pageColumn(this);
    column->addWidget(buildHead());
    column->addWidget(m_error);
    column->addWidget(m_empty, 1);
    m_full = new QWidget;
    auto* full = new QVBoxLayout(m_full);
    full->setContentsMargins(0, 0, 0, 0);
    full->setSpacing(8);
    auto* best_row = new QHBoxLayout;
    best_row->setSpacing(16);
    best_row->addWidget(m_best);
    best_row->addWidget(m_verdict, 1);
    best_row->addWidget(m_as_table);
    full->addLayout(best_row);
    full->addWidget(m_note);
    auto* middle = new QHBoxLayout;
    middle->setSpacing(16);
    const Card tree = card();
    tree.column->setContentsMargins(4, 4, 4, 4);
    tree.column->addWidget(m_views, 1);
    middle->addWidget(tree.frame, 1);
    middle->addWidget(buildSide());
    full->addLayout(middle, 1);
    column->addWidget(m_full, 1);
    connectViews();
    connectEngine();
    fill();
}

QWidget* PlacementPage::buildHead() {
    m_options = new QWidget;
    auto* row = new QHBoxLayout(m_options);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_runs = new QComboBox;
    m_runs->setAccessibleName(tr("Which search to show"));
    m_budget = spin(1, 512, 6, tr("Full layers"), tr("Full-attention layers wanted"));
    m_width = spin(1, 64, 4, tr("Width"), tr("Candidates kept after each round"));
    m_items = spin(4, 4096, 16, tr("Items per task"), tr("Items per task and candidate; more items, narrower intervals"));
    m_seed = spin(0, 999999, 0, tr("Seed"), tr("Of the random controls and the intervals"));
    m_tasks = new TaskChooser;
    std::vector<std::string> ids;
    for (const TaskName& task : taskNames()) ids.push_back(task.id);
    m_tasks->setTasks(ids);
    m_tasks->setChosen({"language", "kv", "copy", "induction"});
    m_tasks->setToolTip(tr("Tasks that candidates are scored on"));
    m_run = button(tr("Search"), true);
    m_pause = button(tr("Pause"));
    m_stop = button(tr("Stop"));
    m_pause->setToolTip(tr("Finishes the running candidate, then waits"));
    m_stop->setToolTip(tr("Ends the search; every score is kept"));
    m_as_table = new QCheckBox(tr("Table"));
    m_as_table->setToolTip(tr("The same candidates as a table (T)"));
    row->addWidget(label(tr("Placement"), "title"));
    row->addSpacing(8);
    row->addWidget(m_runs);
    row->addStretch(1);
    const auto named = [&](const QString& name, QWidget* widget) {
        row->addWidget(label(name, "muted"));
        row->addWidget(widget);
    };
    named(tr("Full layers"), m_budget);
    named(tr("Width"), m_width);
    row->addWidget(m_tasks);
    named(tr("Items"), m_items);
    named(tr("Seed"), m_seed);
    for (QPushButton* each : {m_run, m_pause, m_stop}) row->addWidget(each);
    return m_options;
}

QWidget* PlacementPage::buildSide() {
    const Theme* theme = m_context.theme;
    m_side_choice = new Segment(tr("Side panel"), {tr("Steer"), tr("Queue"), tr("Log"), tr("Controls")});
    m_side_choice->setObjectName(QStringLiteral("side"));
    m_side_choice->setTips({tr("Pins, bans, weights, your own placement"), tr("What is evaluated next"), tr("Who steered when, and what it changed"),
                            tr("Placements of the same size chosen without a search")});
    m_side_choice->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_steer = new SteerPanel(theme, m_plan);
    m_queue = new QueueView(theme, m_queue_model);
    m_queue->setFrameShape(QFrame::NoFrame);
    m_log = new PlainTable(theme);
    m_log->setAccessibleName(tr("Steering log"));
    m_controls = new PlainTable(theme);
    m_controls->setRows(m_control_rows);
    m_controls->setAccessibleName(tr("The found placement beside its controls"));
    m_controls->fitColumns(3);
    m_side = new QStackedWidget;
    for (QWidget* panel : {static_cast<QWidget*>(m_steer), static_cast<QWidget*>(m_queue), static_cast<QWidget*>(m_log), static_cast<QWidget*>(m_controls)})
        m_side->addWidget(panel);
    const Card side = card();
    side.column->setContentsMargins(8, 8, 8, 8);
    side.column->addWidget(m_side_choice);
    side.column->addWidget(m_side, 1);
    side.frame->setFixedWidth(side_width);
    return side.frame;
}

void PlacementPage::connectViews() {
    Selection* selection = m_context.selection;
    connect(m_side_choice, &Segment::changed, m_side, &QStackedWidget::setCurrentIndex);
    connect(m_as_table, &QCheckBox::toggled, this, &PlacementPage::showTable);
    connect(m_runs, &QComboBox::currentIndexChanged, this, &PlacementPage::fill);
    connect(m_budget, &QSpinBox::valueChanged, this, [this](int value) {
        SearchChoices choices = m_plan->choices();
        choices.budget = value;
        m_plan->setChoices(choices, tr("full layers"));
    });
    connect(m_width, &QSpinBox::valueChanged, this, [this](int value) {
        SearchChoices choices = m_plan->choices();
        choices.width = value;
        m_plan->setChoices(choices, tr("width"));
    });
    connect(m_plan, &SearchPlan::choicesChanged, this, &PlacementPage::followPlan);
    connect(m_tasks, &TaskChooser::changed, this, &PlacementPage::fill);

    connect(m_tree, &BeamTree::nodeHovered, selection, &Selection::setHovered);
    connect(m_tree, &BeamTree::nodePicked, selection, &Selection::setSelected);
    connect(m_tree, &BeamTree::pinRequested, m_plan, &SearchPlan::togglePin);
    connect(m_tree, &BeamTree::forbidRequested, m_plan, &SearchPlan::toggleForbid);
    const auto slot = [selection](const QString& placement, QChar which) {
        if (which == QLatin1Char('A')) selection->setSlotA(placement);
        else selection->setSlotB(placement);
    };
    connect(m_tree, &BeamTree::slotRequested, this, slot);
    const auto steer = [this](std::vector<Placement> Steering::*field) {
        return [this, field](const QString& placement) {
            Steering steering;
            (steering.*field).push_back(Placement::parse(placement.toStdString()));
            send(steering);
        };
    };
    connect(m_tree, &BeamTree::dropRequested, this, steer(&Steering::drop));
    connect(m_tree, &BeamTree::evaluateNextRequested, this, steer(&Steering::add));
    connect(m_steer, &SteerPanel::evaluateNextRequested, this, steer(&Steering::add));
    connect(m_queue, &QueueView::dropRequested, this, steer(&Steering::drop));
    connect(m_queue, &QueueView::runNextRequested, this, steer(&Steering::order));
    connect(m_queue_model, &QueueModel::orderRequested, this, [this](const QStringList& placements) {
        Steering steering;
        for (const QString& placement : placements) steering.order.push_back(Placement::parse(placement.toStdString()));
        send(steering);
    });
    connect(m_steer, &SteerPanel::applyRequested, this, &PlacementPage::apply);
    connect(m_steer, &SteerPanel::layerPicked, selection, &Selection::setLayer);
    connect(selection, &Selection::layerChanged, m_steer, &SteerPanel::setCurrentLayer);
    for (PlainTable* table : {m_table, m_controls}) {
        connect(table, &PlainTable::placementPicked, selection, &Selection::setSelected);
        connect(table, &PlainTable::placementHovered, selection, &Selection::setHovered);
        connect(table, &PlainTable::slotRequested, this, slot);
        connect(selection, &Selection::selectedChanged, table, &PlainTable::showPlacement);
    }
    connect(m_queue, &QueueView::placementPicked, selection, &Selection::setSelected);
    const auto mark = [this, selection] { m_tree->setMarked(selection->hovered(), selection->selected()); };
    connect(selection, &Selection::hoveredChanged, this, mark);
    connect(selection, &Selection::selectedChanged, this, mark);
}

void PlacementPage::connectEngine() {
    EngineClient* engine = m_context.engine;
    const auto mine = [](const QString& op) { return op == QLatin1String("search"); };
    connect(m_run, &QPushButton::clicked, this, &PlacementPage::run);
    connect(m_empty, &StateView::activated, this, &PlacementPage::run);
    connect(m_pause, &QPushButton::clicked, this, [this, engine, mine] {
        if (mine(engine->currentOp())) engine->paused() ? engine->resume(engine->current()) : engine->pause(engine->current());
        else if (const RunRow* run = shownRun())
            commandRun(QString::fromStdString(m_snapshot->path), run->id, run->state == RunState::paused ? QStringLiteral("resume") : QStringLiteral("pause"));
    });
    connect(m_stop, &QPushButton::clicked, this, [this, engine, mine] {
        if (mine(engine->currentOp())) engine->stop(engine->current());
        else if (const RunRow* run = shownRun()) commandRun(QString::fromStdString(m_snapshot->path), run->id, QStringLiteral("stop"));
    });
    connect(engine, &EngineClient::started, this, [this, engine, mine](qint64 id, const QString& op, qint64) {
        if (mine(op)) {
            m_error->clear();
            // The search has no option for weights: they go in as its first steering, and so into its log.
            Steering weights;
            weights.weights = m_plan->choices().weights;
            if (!weights.weights.empty()) engine->steer(id, QJsonDocument::fromJson(QByteArray::fromStdString(weights.json())).object());
        }
        updateControls();
    });
    connect(engine, &EngineClient::failed, this, [this, mine](qint64, const QString& op, const QJsonObject& error) {
        if (mine(op)) m_error->show(Problem::fromEngine(tr("Searching placements"), error));
        updateControls();
    });
    connect(engine, &EngineClient::stateChanged, this, &PlacementPage::updateControls);
    connect(engine, &EngineClient::finished, this, &PlacementPage::updateControls);
    connect(engine, &EngineClient::stopped, this, &PlacementPage::updateControls);
    connect(engine, &EngineClient::died, this, &PlacementPage::updateControls);
}

}  // namespace airframe::ui
