// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/front_page.h"

#include <QComboBox>
#include <QFileDialog>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/study/placement.h"
#include "ui/engine_client.h"
#include "ui/models/background.h"
#include "ui/models/numbers.h"
#include "ui/models/search_plan.h"
#include "ui/number_text.h"
#include "ui/placement_text.h"
#include "ui/plots/front_plot.h"
#include "ui/selection.h"
#include "ui/theme.h"
#include "ui/widgets/error_card.h"
#include "ui/widgets/layer_strip.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/segment.h"
#include "ui/widgets/state_view.h"

namespace airframe::ui {
namespace {

constexpr int narrow_items = 64;  // of each task, where a search spends sixteen: half the interval

}  // namespace

void FrontPage::setSnapshot(const SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    fill();
}

QString FrontPage::summary() const { return m_data ? frontSummary(*m_data) : tr("Nothing has been measured yet."); }

MeasurementSet FrontPage::set() const {
    if (measured()) return m_sets[static_cast<std::size_t>(m_set->currentIndex())];
    return {{}, m_context_size->value(), m_batch->value(), 0, 0};
}

void FrontPage::fill() {
    const MeasurementSet before_set = set();
    m_sets = m_snapshot ? measurementSets(*m_snapshot) : std::vector<MeasurementSet>{};
    std::set<std::string> devices;
    for (const MeasurementSet& each : m_sets) devices.insert(each.device);
    {
        const QSignalBlocker quiet(m_set);
        const bool other = m_set->currentIndex() > 0 && m_set->currentIndex() == m_set->count() - 1;
        m_set->clear();
        for (const MeasurementSet& each : m_sets) {
            QString text = tr("batch %1, context %2 (%3 measured)").arg(each.batch).arg(countText(each.context)).arg(each.placements);
            if (devices.size() > 1) text += QStringLiteral(" · ") + QString::fromStdString(each.device);
            m_set->addItem(text);
            if (each == before_set) m_set->setCurrentIndex(m_set->count() - 1);
        }
        m_set->addItem(tr("another batch and context …"));
        // What was asked for with "another ..." becomes the shown set once its first result is there.
        const auto asked = std::find_if(m_sets.begin(), m_sets.end(), [&](const MeasurementSet& each) {
            return each.context == m_context_size->value() && each.batch == m_batch->value();
        });
        if (other) m_set->setCurrentIndex(asked == m_sets.end() || m_job == 0 ? m_set->count() - 1 : static_cast<int>(asked - m_sets.begin()));
    }
    const RunRow* run = m_snapshot ? m_snapshot->latestRun("throughput") : nullptr;
    const bool alive = run && (run->state == RunState::running || run->state == RunState::paused);
    const State before = m_state;
    m_state = alive ? State::running : !m_sets.empty() ? State::ready : run && run->state == RunState::failed ? State::failed : State::empty;
    m_full->setVisible(measured());
    m_empty->setVisible(!measured());
    m_set->setVisible(!m_sets.empty());
    m_new_set->setVisible(!measured());
    m_x->setVisible(measured());
    m_y->setVisible(measured());
    m_set->setToolTip(measured() ? tr("Measured on %1").arg(QString::fromStdString(set().device)) : QString());
    if (measured()) askData();
    updateControls();
    if (m_state != before) Q_EMIT stateChanged();
}

void FrontPage::askData() {
    m_background->ask([snapshot = m_snapshot, set = set(), by_cache = m_x->current() == 1, weights = m_plan->choices().weights] {
        return frontData(snapshot, set, by_cache, weights);
    }, [this](FrontData data) { showData(std::move(data)); });
}

void FrontPage::showData(FrontData data) {
    m_data = std::make_shared<const FrontData>(std::move(data));
    m_plot->setData(m_data, m_y->current() == 1);
    m_rows->sync(rowsOf(*m_data));
    m_table->showPlacement(m_context.selection->selected());
    QString text = frontSummary(*m_data);
    if (m_data->set.not_fitting > 0) text += QLatin1Char(' ') + tr("%n placement(s) did not fit in memory.", nullptr, m_data->set.not_fitting);
    m_summary->setText(text);
    showWhy();
    updateControls();
}

void FrontPage::showWhy() {
    const QString selected = m_context.selection->selected();
    const int index = m_data && !selected.isEmpty() ? m_data->indexOf(selected.toStdString()) : -1;
    m_strip->setVisible(!selected.isEmpty());
    m_strip->setPlacement(selected);
    if (selected.isEmpty()) m_why->setText(tr("Pick a point: arrows walk along the front, A and B put it in a slot."));
    else if (index < 0) m_why->setText(tr("%1 has no measurement here yet.").arg(placementName(selected)));
    else m_why->setText(QStringLiteral("%1. %2").arg(frontName(*m_data, index), whyDominated(*m_data, index)));
}

void FrontPage::openMeasureMenu() {
    QMenu menu(this);
    const QString selected = m_context.selection->selected();
    const auto entry = [&](const QString& text, const std::vector<std::string>& placements) {
        QStringList list;
        for (const std::string& each : placements) list << QString::fromStdString(each);
        menu.addAction(text, this, [this, list] { measure(list); })->setEnabled(!list.isEmpty());
    };
    entry(selected.isEmpty() ? tr("The selected placement (none)") : tr("The selected placement: %1").arg(placementName(selected)),
          selected.isEmpty() ? std::vector<std::string>{} : std::vector<std::string>{selected.toStdString()});
    const auto main = unmeasured(*m_snapshot, set(), false), all = unmeasured(*m_snapshot, set(), true);
    entry(tr("Original, all linear, kept candidates and controls without a measurement (%1)").arg(main.size()), main);
    entry(tr("Everything scored without a measurement (%1)").arg(all.size()), all);
    menu.addSeparator();
    menu.addAction(tr("Score the shown placements on %1 items of each task").arg(narrow_items), this, &FrontPage::scoreMore)
        ->setEnabled(m_data && !m_data->points.empty());
    menu.exec(m_measure->mapToGlobal(QPoint(0, m_measure->height())));
}

void FrontPage::scoreMore() {
    // On the tasks of the search, so that the points stay comparable with what it found.
    QJsonArray placements;
    for (const FrontPoint& point : m_data->points) placements << QString::fromStdString(point.placement);
    QJsonObject params{{QStringLiteral("placements"), placements}, {QStringLiteral("items"), narrow_items}};
    if (const RunRow* search = m_snapshot->latestRun("search")) {
        const auto asked = QJsonDocument::fromJson(QByteArray::fromStdString(search->params_json)).object();
        if (const QJsonArray tasks = asked.value(QLatin1String("tasks")).toArray(); !tasks.isEmpty()) params.insert(QStringLiteral("tasks"), tasks);
    }
    m_error->clear();
    m_score_job = m_context.engine->request(QStringLiteral("score"), params);
}

void FrontPage::measure(const QStringList& placements) {
    if (placements.isEmpty()) return;
    m_error->clear();
    for (const QString& placement : placements)
        if (!m_waiting.contains(placement)) m_waiting << placement;
    if (m_job == 0) measureNext();
}

void FrontPage::measureNext() {
    // One at a time, so that a stop ends them all and a search that is asked for meanwhile gets its turn.
    m_job = 0;
    if (!m_waiting.isEmpty()) {
        const MeasurementSet at = set();
        m_job = m_context.engine->request(QStringLiteral("throughput"), {{QStringLiteral("placement"), m_waiting.takeFirst()},
                                                                         {QStringLiteral("context"), at.context},
                                                                         {QStringLiteral("batch"), at.batch},
                                                                         {QStringLiteral("repeats"), m_repeats->value()}});
    }
    updateControls();
}

void FrontPage::savePlot() {
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the plot"), QStringLiteral("front.svg"), tr("Vector (*.svg);;Picture (*.png)"));
    if (path.isEmpty()) return;
    try {
        m_plot->save(path, m_plot->size());
    } catch (const Failure& failure) {
        const Error& error = failure.error();
        m_error->show({tr("Saving the plot"), QString::fromStdString(error.where), QString::fromStdString(error.what), QString::fromStdString(error.hint)});
    }
}

void FrontPage::updateControls() {
    const bool trained = m_snapshot && !m_snapshot->checkpoint_hash.empty();
    QString blocked;
    if (!m_snapshot) blocked = tr("Open a study first");
    else if (m_snapshot->read_only) blocked = tr("This study is open read-only");
    else if (!trained) blocked = tr("Train the supernet first: there is only the original to measure");
    m_measure->setEnabled(blocked.isEmpty());
    m_measure->setText(m_job != 0 ? tr("Measuring, %n more", nullptr, static_cast<int>(m_waiting.size())) : tr("Measure …"));
    m_measure->setToolTip(blocked.isEmpty() ? tr("Times placements on this machine (M)") : blocked);
    m_measure->setVisible(measured());
    m_save->setVisible(measured());
    const bool searched = m_snapshot && m_snapshot->latestRun("search");
    if (m_snapshot && m_snapshot->model.layers > 0)
        m_empty->setPicture(QString::fromStdString(Placement::uniform(m_snapshot->model.layers, std::min(6, m_snapshot->model.layers)).text()));
    m_empty->setTexts(m_job != 0 ? tr("Measuring the first placements …") : m_sets.empty() ? tr("What does each full layer cost?") : tr("Not measured with this batch and context yet"),
                      {tr("Every placement is timed on this machine: warm-up, then repeats, median and quartiles."),
                       tr("Together with the scores this gives the front: the placements that nothing beats in both."),
                       searched ? tr("Measured first: the original, all linear, what the search kept, and its controls.")
                                : tr("Search placements first to have more to compare than the original and all linear.")},
                      m_job != 0 ? QString() : tr("Measure"));
    m_empty->setBlocked(blocked);
}

void FrontPage::keyPressEvent(QKeyEvent* event) {
    if (event->modifiers() == Qt::NoModifier && m_full->isVisible()) {
        if (event->key() == Qt::Key_T) return (m_plot->hasFocus() ? static_cast<QWidget*>(m_table) : m_plot)->setFocus();
        if (event->key() == Qt::Key_M && m_measure->isEnabled()) return openMeasureMenu();
    }
    Page::keyPressEvent(event);
}

}  // namespace airframe::ui
