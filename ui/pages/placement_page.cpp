// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/placement_page.h"

#include <QJsonArray>
#include <QKeyEvent>
#include <QLabel>
#include <QCheckBox>
#include <QComboBox>
#include <QPushButton>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTimer>
#include <algorithm>
#include <set>

#include "core/study/placement.h"
#include "ui/engine_client.h"
#include "ui/models/background.h"
#include "ui/models/numbers.h"
#include "ui/models/queue_model.h"
#include "ui/models/score_book.h"
#include "ui/models/search_plan.h"
#include "ui/models/steer_run.h"
#include "ui/models/task_names.h"
#include "ui/number_text.h"
#include "ui/run_control.h"
#include "ui/selection.h"
#include "ui/theme.h"
#include "ui/widgets/beam_tree.h"
#include "ui/widgets/error_card.h"
#include "ui/widgets/layer_strip.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/queue_view.h"
#include "ui/widgets/segment.h"
#include "ui/widgets/state_view.h"
#include "ui/widgets/steer_panel.h"
#include "ui/widgets/task_chooser.h"

namespace airframe::ui {

namespace {

std::size_t steeringRows(const StudySnapshot& snapshot, std::int64_t run) {
    return static_cast<std::size_t>(std::count_if(snapshot.controls.begin(), snapshot.controls.end(), [&](const ControlRow& row) {
        return row.run_id == run && row.kind == "steer";
    }));
}

}  // namespace

void PlacementPage::setSnapshot(const SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    fill();
}

const RunRow* PlacementPage::shownRun() const {
    if (!m_snapshot) return nullptr;
    const qint64 wanted = m_runs->currentData().toLongLong();
    for (const RunRow& run : m_snapshot->runs)
        if (run.id == wanted) return &run;
    return m_snapshot->latestRun("search");
}

bool PlacementPage::live() const {
    const RunRow* run = shownRun();
    return run && (run->state == RunState::running || run->state == RunState::paused);
}

SearchChoices PlacementPage::runChoices() const {
    const RunRow* run = shownRun();
    return run ? choicesOf(*run, m_snapshot->controls, m_snapshot->model.layers) : SearchChoices();
}

QString PlacementPage::summary() const {
    return m_result.rounds.nodes.empty() ? tr("No placement has been searched yet.") : searchVerdict(m_result);
}

void PlacementPage::fill() {
    // The list of searches; the newest is shown unless a person chose another.
    const bool follow_newest = m_runs->currentIndex() <= 0;
    std::vector<const RunRow*> searches;
    if (m_snapshot)
        for (const RunRow& run : m_snapshot->runs)
            if (run.kind == "search") searches.insert(searches.begin(), &run);
    const qint64 chosen = m_runs->currentData().toLongLong();
    {
        const QSignalBlocker quiet(m_runs);
        m_runs->clear();
        for (const RunRow* run : searches) {
            const SearchChoices choices = choicesOf(*run, m_snapshot->controls, m_snapshot->model.layers);
            m_runs->addItem(tr("Search %1: %2 full, width %3").arg(run->id).arg(choices.budget).arg(choices.width), QVariant::fromValue<qint64>(run->id));
            if (!follow_newest && run->id == chosen) m_runs->setCurrentIndex(m_runs->count() - 1);
        }
    }
    m_runs->setVisible(searches.size() > 1);

    const RunRow* run = shownRun();
    const bool have = run != nullptr && std::any_of(m_snapshot->proposals.begin(), m_snapshot->proposals.end(), [&](const ProposalRow& row) { return row.run_id == run->id; });
    const State before = m_state;
    m_state = !run ? State::empty : live() ? State::running : run->state == RunState::failed ? State::failed : have ? State::ready : State::empty;
    m_full->setVisible(have);
    m_empty->setVisible(!have);
    if (m_snapshot && m_snapshot->model.layers > 0) {
        const int layers = m_snapshot->model.layers;
        m_budget->setMaximum(layers);
        const ScoreBook book(m_snapshot);
        m_steer->setModel(layers, book.allLinear().empty() ? "jet" : Placement::parse(book.allLinear())[0]);
        // Weights of tasks that the candidates were scored on; before a search those that it will use.
        std::set<std::string> scored;
        if (have)
            for (const ProposalRow& row : m_snapshot->proposals)
                if (row.run_id == run->id && row.state == "done")
                    for (const std::string& id : book.tasks(row.placement)) scored.insert(id);
        m_steer->setTasks(scored.empty() ? m_tasks->chosenInOrder() : inTaskOrder({scored.begin(), scored.end()}));
    }
    if (live()) {
        const bool waiting = m_sent_after && steeringRows(*m_snapshot, run->id) <= *m_sent_after;
        if (!waiting) {  // else the row of what was sent has not come yet, and the old choices would flash up
            m_sent_after.reset();
            m_plan->setBase(runChoices(), m_live_run == run->id);
            m_live_run = run->id;
        }
    }
    if (have) {
        m_queue_model->setQueue(m_snapshot->proposals, run->id);
        std::vector<ControlRow> log;
        for (const ControlRow& row : m_snapshot->controls)
            if (row.run_id == run->id) log.push_back(row);
        if (!m_log_rows) {
            m_log_rows = steeringLog(this, m_snapshot->model.layers);
            m_log->setRows(m_log_rows);
            m_log->fitColumns(2);
        }
        m_log_rows->sync(std::move(log));
        askResult();
    }
    followPlan();
    if (m_state != before) Q_EMIT stateChanged();
}

void PlacementPage::askResult() {
    const RunRow* run = shownRun();
    if (!run) return;
    m_asked_weights = m_plan->choices().weights;
    m_background->ask([snapshot = m_snapshot, id = run->id, weights = m_plan->choices().weights, own = runChoices().weights] {
        return searchResult(snapshot, id, weights, own);
    }, [this](SearchResult result) { showResult(std::move(result)); });
}

void PlacementPage::showResult(SearchResult result) {
    m_result = std::move(result);
    m_tree->setRounds(m_result.rounds);
    m_tree->setMarked(m_context.selection->hovered(), m_context.selection->selected());
    m_beam_rows->sync(m_result.rounds.nodes);
    m_control_rows->sync(m_result.lines);
    m_table->showPlacement(m_context.selection->selected());
    m_best->setPlacement(QString::fromStdString(m_result.best));
    m_best->setVisible(!m_result.best.empty());
    m_verdict->setText(searchVerdict(m_result));
    m_note->setText(m_result.reranked ? tr("Re-ranked by your weights from stored scores; what each round kept is history and stays.") : QString());
    m_note->setVisible(m_result.reranked);
    m_tree->setAccessibleDescription(summary());
}

void PlacementPage::followPlan() {
    const SearchChoices& choices = m_plan->choices();
    {
        const QSignalBlocker quiet_budget(m_budget), quiet_width(m_width);
        m_budget->setValue(choices.budget);
        m_width->setValue(choices.width);
    }
    m_tree->setMarks(choices.pinned, choices.forbidden);
    m_steer->setCurrentLayer(m_context.selection->layer());
    if (choices.weights != m_asked_weights) askResult();
    askPreview();
    updateControls();
}

void PlacementPage::askPreview() {
    const RunRow* run = shownRun();
    const Steering steering = steeringBetween(m_plan->base(), m_plan->choices());
    if (!run || !live() || !m_plan->changed()) {
        m_preview_background->ask([] { return 0; }, [](int) {});  // voids an answer that is on its way
        const SearchChoices& choices = m_plan->choices();
        QStringList parts;
        if (!choices.pinned.empty()) parts << tr("pinned %1").arg(layerList({choices.pinned.begin(), choices.pinned.end()}));
        if (!choices.forbidden.empty()) parts << tr("forbidden %1").arg(layerList({choices.forbidden.begin(), choices.forbidden.end()}));
        m_steer->setPreview(live() ? tr("Change something: what it would do to the search is shown here before it is applied.")
                            : parts.isEmpty() ? tr("The next search starts free of pins and bans.")
                                              : tr("The next search: %1.").arg(parts.join(QStringLiteral("; "))));
        return;
    }
    m_preview_background->ask([snapshot = m_snapshot, id = run->id, now = m_plan->base(), steering] { return previewSteering(*snapshot, id, now, steering); },
                              [this, what = steeringText(steering)](const QString& effect) { m_steer->setPreview(tr("%1: %2").arg(what, effect)); });
}

void PlacementPage::run() {
    m_error->clear();
    const SearchChoices& choices = m_plan->choices();
    QJsonArray tasks, pins, bans;
    for (const std::string& id : m_tasks->chosenInOrder()) tasks << QString::fromStdString(id);
    for (const int layer : choices.pinned) pins << layer;
    for (const int layer : choices.forbidden) bans << layer;
    QJsonObject params{{QStringLiteral("full_layers"), choices.budget}, {QStringLiteral("width"), choices.width},
                       {QStringLiteral("tasks"), tasks}, {QStringLiteral("items"), m_items->value()}, {QStringLiteral("seed"), m_seed->value()}};
    if (!pins.isEmpty()) params.insert(QStringLiteral("pin"), pins);
    if (!bans.isEmpty()) params.insert(QStringLiteral("forbid"), bans);
    m_runs->setCurrentIndex(0);
    m_context.engine->request(QStringLiteral("search"), params);
    updateControls();
}

void PlacementPage::send(const Steering& steering) {
    const RunRow* run = shownRun();
    if (!run || !live()) return;
    steerRun(*m_context.engine, *m_snapshot, run->id, steering);
    m_sent_after = steeringRows(*m_snapshot, run->id);
}

void PlacementPage::apply() {
    if (!live() || !m_plan->changed()) return;
    send(steeringBetween(m_plan->base(), m_plan->choices()));
    m_plan->setBase(m_plan->choices(), false);
}

void PlacementPage::updateControls() {
    const bool trained = m_snapshot && !m_snapshot->checkpoint_hash.empty();
    const bool ours = m_context.engine->currentOp() == QLatin1String("search");
    const RunRow* last = m_snapshot ? m_snapshot->latestRun("search") : nullptr;
    const bool alive = last && (last->state == RunState::running || last->state == RunState::paused);
    const bool paused = ours ? m_context.engine->paused() : last && last->state == RunState::paused;
    QString blocked;
    if (!m_snapshot) blocked = tr("Open a study first");
    else if (m_snapshot->read_only) blocked = tr("This study is open read-only");
    else if (!trained) blocked = tr("Train the supernet first: without a linear alternative there is nothing to place");
    else if (static_cast<int>(m_plan->choices().pinned.size()) > m_plan->choices().budget) blocked = tr("More layers are pinned than full layers wanted");
    const bool resumable = last && last->state == RunState::interrupted;
    m_run->setEnabled(blocked.isEmpty() && !ours && !alive);
    m_run->setText(resumable ? tr("Resume") : tr("Search"));
    m_run->setToolTip(blocked.isEmpty() ? tr("Starts a beam search; candidates that are known are not evaluated again") : blocked);
    m_pause->setText(paused ? tr("Resume") : tr("Pause"));
    m_pause->setVisible(ours || alive);
    m_stop->setVisible(ours || alive);
    m_run->setVisible(!(ours || alive));
    for (QWidget* widget : {static_cast<QWidget*>(m_items), static_cast<QWidget*>(m_seed), static_cast<QWidget*>(m_tasks)})
        widget->setEnabled(!ours && !alive);
    m_steer->setRunning(live());
    if (m_snapshot && m_snapshot->model.layers > 0)
        m_empty->setPicture(QString::fromStdString(Placement::uniform(m_snapshot->model.layers, std::min(m_plan->choices().budget, m_snapshot->model.layers)).text()));
    const SearchChoices& choices = m_plan->choices();
    const int layers = m_snapshot ? m_snapshot->model.layers : 0;
    int candidates = 0;  // at most: without repeats among the children of different parents
    for (int full = static_cast<int>(choices.pinned.size()); full < choices.budget; ++full)
        candidates += (full == static_cast<int>(choices.pinned.size()) ? 1 : choices.width) * std::max(0, layers - full - static_cast<int>(choices.forbidden.size()));
    m_empty->setTexts(paused ? tr("Paused") : ours ? tr("Measuring the controls first …") : tr("Where should the few full-attention layers be?"),
                      {tr("The search starts with all layers linear and makes one more layer full in each round,"),
                       tr("keeping the best %1. Placements of the same size chosen blindly are measured beside it.").arg(choices.width),
                       layers > 0 ? tr("With %1 full layers it scores at most %2 candidates.").arg(choices.budget).arg(candidates) : QString()},
                      ours ? QString() : resumable ? tr("Resume the search") : tr("Search"));
    m_empty->setBlocked(blocked);
}

void PlacementPage::showTable(bool on) {
    m_views->setCurrentWidget(on ? static_cast<QWidget*>(m_table) : m_tree);
    m_views->currentWidget()->setFocus();
}

void PlacementPage::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_T && event->modifiers() == Qt::NoModifier && m_full->isVisible()) return m_as_table->toggle();
    if (event->matches(QKeySequence::Undo)) return m_plan->undoStack()->undo();
    if (event->matches(QKeySequence::Redo)) return m_plan->undoStack()->redo();
    Page::keyPressEvent(event);
}

}  // namespace airframe::ui
