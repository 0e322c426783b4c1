// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/importance_page.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QJsonArray>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/study/placement.h"
#include "ui/engine_client.h"
#include "ui/models/background.h"
#include "ui/models/importance_model.h"
#include "ui/models/importance_rows.h"
#include "ui/models/numbers.h"
#include "ui/models/score_book.h"
#include "ui/models/search_plan.h"
#include "ui/models/task_names.h"
#include "ui/number_text.h"
#include "ui/resume.h"
#include "ui/selection.h"
#include "ui/theme.h"
#include "ui/widgets/error_card.h"
#include "ui/widgets/heatmap_view.h"
#include "ui/widgets/layer_profile.h"
#include "ui/widgets/layout.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/segment.h"
#include "ui/widgets/state_view.h"
#include "ui/widgets/task_chooser.h"
#include "ui/widgets/value_scale.h"

namespace airframe::ui {

ImportancePage::ImportancePage(const UiContext& context, QWidget* parent)
    : Page(context, parent),
      m_model(new ImportanceModel(this)),
      m_rows(importanceRows(this)),
      m_plan(SearchPlan::of(context.selection)),
      m_background(new Background(this)) {
    m_error = new ErrorCard(context.theme);
    m_empty = new StateView(context.theme);
    m_map = new HeatmapView(context.theme, m_model);
    m_table = new PlainTable(context.theme);
    m_table->setRows(m_rows);
    m_table->setAccessibleName(tr("Importance as a table"));
    m_table->fitColumns(1);
    m_profile = new LayerProfile(context.theme, m_model, m_map);
    m_picture = new QWidget;
    auto* picture = new QVBoxLayout(m_picture);
    picture->setContentsMargins(0, 0, 0, 0);
    picture->addWidget(m_map, 5);
    picture->addWidget(m_profile, 1);
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_picture);
    m_stack->addWidget(m_table);
    buildControls();

    const Card map = card();
    map.column->setContentsMargins(8, 8, 8, 8);
    map.column->addWidget(m_stack, 1);
    map.column->addWidget(m_footer);
    auto* column = pageColumn(this);
    auto* head = new QHBoxLayout;
    head->addWidget(label(tr("Importance"), "title"));
    head->addStretch(1);
    head->addWidget(m_tasks);
    head->addWidget(label(tr("Items"), "muted"));
    head->addWidget(m_items);
    head->addWidget(m_run);
    column->addLayout(head);
    column->addWidget(m_error);
    column->addWidget(m_summary);
    column->addWidget(m_controls);
    column->addWidget(m_empty, 1);
    column->addWidget(map.frame, 1);
    connectAll();
    fill();
}

void ImportancePage::buildControls() {
    m_view = new Segment(tr("View"), {tr("Only this layer full"), tr("Only this layer linear")});
    m_what = new Segment(tr("Show"), {tr("Value"), tr("Rank")});
    m_per_task = new QCheckBox(tr("Own colours per task"));
    m_per_task->setToolTip(tr("Each task spans the whole colour range: compares layers inside a task, not tasks"));
    m_as_table = new QCheckBox(tr("Table"));
    m_as_table->setToolTip(tr("The same numbers as a table with intervals (T)"));
    m_tasks = new TaskChooser;
    std::vector<std::string> ids;
    for (const TaskName& task : taskNames()) ids.push_back(task.id);
    m_tasks->setTasks(ids);
    m_tasks->setChosen({"language", "kv", "copy", "induction"});
    m_tasks->setToolTip(tr("Tasks to show, and to measure"));
    m_items = new QSpinBox;
    m_items->setRange(4, 4096);
    m_items->setValue(16);
    m_items->setAccessibleName(tr("Items per task"));
    m_items->setToolTip(tr("Items per task and candidate; more items, narrower intervals"));
    m_run = button(tr("Measure"), true);
    m_summary = label({});
    m_summary->setWordWrap(true);
    m_explain = label({}, "muted");
    m_explain->setWordWrap(true);
    m_counts = label({}, "muted");
    m_scale = new ValueScale(m_context.theme);

    m_controls = new QWidget;
    auto* controls = new QHBoxLayout(m_controls);
    controls->setContentsMargins(0, 0, 0, 0);
    controls->setSpacing(12);
    controls->addWidget(m_view);
    controls->addWidget(m_explain, 1);
    controls->addWidget(m_per_task);
    controls->addWidget(m_as_table);
    controls->addWidget(m_what);
    m_footer = new QWidget;
    auto* footer = new QHBoxLayout(m_footer);
    footer->setContentsMargins(8, 0, 8, 0);
    footer->addWidget(m_scale);
    footer->addStretch(1);
    footer->addWidget(m_counts);
}

void ImportancePage::connectAll() {
    connect(m_view, &Segment::changed, this, &ImportancePage::fill);
    connect(m_what, &Segment::changed, this, [this](int index) {
        m_model->setRanks(index == 1);
        fill();
    });
    connect(m_per_task, &QCheckBox::toggled, this, [this](bool on) {
        m_model->setPerTaskScale(on);
        fill();
    });
    connect(m_as_table, &QCheckBox::toggled, this, &ImportancePage::showTable);
    connect(m_tasks, &TaskChooser::changed, this, &ImportancePage::fill);
    connect(m_run, &QPushButton::clicked, this, &ImportancePage::run);
    connect(m_empty, &StateView::activated, this, &ImportancePage::run);
    connect(m_map, &HeatmapView::rowHeadClicked, this, [this](int row) { m_model->sortColumnsBy(m_model->sortedBy() == row ? -1 : row); });
    connect(m_map, &HeatmapView::layerPicked, m_context.selection, &Selection::setLayer);
    connect(m_context.selection, &Selection::layerChanged, m_map, &HeatmapView::setCurrentLayer);
    connect(m_context.selection, &Selection::layerChanged, m_profile, QOverload<>::of(&QWidget::update));
    connect(m_map->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& index) {
        if (m_map->hasFocus()) m_profile->setRow(index.row());  // the row a person walks on, else the mean
    });
    connect(m_map, &HeatmapView::pinRequested, m_plan, &SearchPlan::togglePin);
    connect(m_map, &HeatmapView::forbidRequested, m_plan, &SearchPlan::toggleForbid);
    connect(m_plan, &SearchPlan::choicesChanged, this, [this] { m_model->setMarks(m_plan->choices().pinned, m_plan->choices().forbidden); });
    const auto mine = [](const QString& op) { return op == QLatin1String("importance"); };
    EngineClient* engine = m_context.engine;
    connect(engine, &EngineClient::started, this, [this, mine](qint64, const QString& op, qint64) {
        if (mine(op)) m_error->clear();
        updateControls();
    });
    connect(engine, &EngineClient::failed, this, [this, mine](qint64, const QString& op, const QJsonObject& error) {
        if (mine(op)) m_error->show(Problem::fromEngine(tr("Measuring importance"), error));
        updateControls();
    });
    connect(engine, &EngineClient::finished, this, &ImportancePage::updateControls);
    connect(engine, &EngineClient::stopped, this, &ImportancePage::updateControls);
    connect(engine, &EngineClient::died, this, &ImportancePage::updateControls);
}

void ImportancePage::setSnapshot(const SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    fill();
}

std::string ImportancePage::view() const { return m_view->current() == 0 ? "one_full" : "one_linear"; }

QString ImportancePage::summary() const {
    if (!m_snapshot || m_snapshot->importance.empty()) return tr("Importance of the layers is not measured yet.");
    return importanceSummary(m_snapshot->importance, view());
}

void ImportancePage::fill() {
    const bool have = m_snapshot && !m_snapshot->importance.empty();
    const RunRow* last = m_snapshot ? m_snapshot->latestRun("importance") : nullptr;
    const State before = m_state;
    m_state = have ? State::ready : State::empty;
    if (last && (last->state == RunState::running || last->state == RunState::paused)) m_state = State::running;
    else if (last && last->state == RunState::failed) m_state = State::failed;

    m_empty->setVisible(!have);
    m_controls->setVisible(have);
    m_summary->setVisible(have);
    m_stack->parentWidget()->setVisible(have);
    if (have) {
        std::vector<ImportanceCell> cells;
        std::vector<std::string> measured;
        for (const ImportanceCell& cell : m_snapshot->importance) {
            if (cell.view == view()) cells.push_back(cell);
            measured.push_back(cell.task);
        }
        std::vector<std::string> offered = measured;
        for (const TaskName& task : taskNames()) offered.push_back(task.id);
        std::sort(offered.begin(), offered.end());
        offered.erase(std::unique(offered.begin(), offered.end()), offered.end());
        m_tasks->setTasks(inTaskOrder(offered));
        if (m_chosen_for != m_snapshot->uuid && !measured.empty()) {  // a study shows first what it has
            m_chosen_for = m_snapshot->uuid;
            m_tasks->setChosen({measured.begin(), measured.end()});
        }
        // Chosen tasks that were never measured would be rows of nothing but hatching.
        std::vector<std::string> shown;
        for (const std::string& id : m_tasks->chosenInOrder())
            if (std::find(measured.begin(), measured.end(), id) != measured.end()) shown.push_back(id);
        const auto tasks = importanceTasks(m_snapshot, view(), shown);
        askMeans();
        m_model->setMarks(m_plan->choices().pinned, m_plan->choices().forbidden);
        m_model->setCells(cells, m_means[view()], tasks, m_snapshot->model.layers);
        std::erase_if(cells, [&](const ImportanceCell& cell) { return std::find(shown.begin(), shown.end(), cell.task) == shown.end(); });
        m_rows->sync(cells);
        m_map->setCurrentLayer(m_context.selection->layer());
        int items = std::numeric_limits<int>::max();
        long long tokens = std::numeric_limits<long long>::max();
        bool counted = false;  // a task that another view has and this one lacks says nothing here
        for (const auto& task : tasks) {
            if (task.items == 0) continue;
            counted = true;
            items = std::min(items, task.items), tokens = std::min(tokens, task.tokens);
        }
        m_counts->setText(!counted ? QString() : tr("at least %1 items and %2 scored tokens per task and candidate · 95 % intervals")
                                                          .arg(countText(items), countText(static_cast<double>(tokens))));
        const auto [low, high] = m_model->scale(0);
        if (m_model->ranks()) m_scale->setEnds(tr("rank %1").arg(m_snapshot->model.layers), tr("rank 1"));
        else if (m_per_task->isChecked()) m_scale->setEnds(tr("least of the task"), tr("most of the task"));
        else m_scale->setEnds(tr("%1").arg(fixed(low, 2)), tr("%1 nats per token").arg(fixed(high, 2)));
        m_summary->setText(summary());
        m_map->setAccessibleDescription(summary());
    }
    m_explain->setText(m_view->current() == 0
                           ? tr("All other layers linear: how much loss does this layer's attention take away?")
                           : tr("All other layers full: how much loss does losing this layer's attention add?"));
    updateControls();
    if (m_state != before) Q_EMIT stateChanged();
}

void ImportancePage::askMeans() {
    std::string key = view();
    for (const std::string& id : m_tasks->chosenInOrder()) key += "," + id;
    if (m_means_of == m_snapshot.get() && m_means_key == key) return;
    if (m_means_key != key) m_means[view()].clear();
    m_means_of = m_snapshot.get();
    m_means_key = key;
    m_background->ask([snapshot = m_snapshot, which = view(), tasks = m_tasks->chosenInOrder()] { return importanceMeans(snapshot, which, tasks); },
                      [this, which = view()](std::vector<ImportanceCell> means) {
                          m_means[which] = std::move(means);
                          if (which == view()) fill();
                      });
}

void ImportancePage::run() {
    m_error->clear();
    QJsonArray tasks;
    for (const std::string& id : m_tasks->chosenInOrder()) tasks << QString::fromStdString(id);
    m_context.engine->request(QStringLiteral("importance"), {{QStringLiteral("tasks"), tasks}, {QStringLiteral("items"), m_items->value()}});
    updateControls();
}

void ImportancePage::updateControls() {
    const bool trained = m_snapshot && !m_snapshot->checkpoint_hash.empty();
    const bool running = m_context.engine->currentOp() == QLatin1String("importance") || m_state == State::running;
    const RunRow* last = m_snapshot ? m_snapshot->latestRun("importance") : nullptr;
    const bool resumable = last && (last->state == RunState::interrupted || last->state == RunState::stopped);
    QString blocked;
    if (!m_snapshot) blocked = tr("Open a study first");
    else if (m_snapshot->read_only) blocked = tr("This study is open read-only");
    else if (!trained) blocked = tr("Train the supernet first: without a linear alternative there is nothing to compare");
    m_run->setEnabled(blocked.isEmpty() && !running);
    m_run->setText(running ? tr("Measuring …") : resumable ? tr("Resume") : m_snapshot && !m_snapshot->importance.empty() ? tr("Measure again") : tr("Measure"));
    m_run->setToolTip(blocked.isEmpty() ? tr("Scores every layer in both views; what is known is not computed again") : blocked);
    m_run->setVisible(m_snapshot && !m_snapshot->importance.empty());
    if (m_snapshot && m_snapshot->model.layers > 0)
        m_empty->setPicture(QString::fromStdString(Placement::withFull(m_snapshot->model.layers, {m_snapshot->model.layers / 2}).text()));
    m_empty->setTexts(running ? tr("Measuring the first candidates …") : tr("Which layers need full attention?"),
                      {tr("Each layer is tried alone: full while all others are linear, and linear while all others are full."),
                       tr("The change in loss on each task tells how much the model needs that layer's attention."),
                       tr("Every score is paired with the base on the same items and comes with its interval.")},
                      running ? QString() : resumable ? tr("Resume") : tr("Measure importance"));
    m_empty->setBlocked(blocked);
}

void ImportancePage::showTable(bool on) {
    m_stack->setCurrentWidget(on ? static_cast<QWidget*>(m_table) : m_picture);
    (on ? static_cast<QWidget*>(m_table) : m_map)->setFocus();
}

void ImportancePage::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_T && event->modifiers() == Qt::NoModifier && m_controls->isVisible()) return m_as_table->toggle();
    Page::keyPressEvent(event);
}

}  // namespace airframe::ui
