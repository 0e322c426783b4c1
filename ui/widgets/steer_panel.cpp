// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/steer_panel.h"

#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QVBoxLayout>

#include "core/study/placement.h"
#include "ui/models/numbers.h"
#include "ui/models/search_plan.h"
#include "ui/models/task_names.h"
#include "ui/theme.h"
#include "ui/widgets/layer_strip.h"
#include "ui/widgets/layout.h"

namespace airframe::ui {

namespace {
constexpr int slider_steps = 8;         // of a weight of 2
constexpr double per_step = 0.25;
QSet<int> toQSet(const std::set<int>& values) { return {values.begin(), values.end()}; }
}  // namespace

SteerPanel::SteerPanel(const Theme* theme, SearchPlan* plan, QWidget* parent) : QWidget(parent), m_theme(theme), m_plan(plan) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 12, 12, 12);
    column->setSpacing(8);

    column->addWidget(label(tr("Layers"), "heading"));
    m_locks = new LayerStrip(theme, this);
    m_locks->setInteractive(true);
    m_locks->setAccessibleName(tr("Layers to pin or forbid"));
    column->addWidget(m_locks);
    auto* layer_row = new QHBoxLayout;
    m_layer_label = label(tr("Pick a layer"), "muted");
    m_pin = button(tr("Pin"));
    m_forbid = button(tr("Forbid"));
    m_pin->setToolTip(tr("This layer is full attention in every candidate (P)"));
    m_forbid->setToolTip(tr("This layer is never full attention (F)"));
    layer_row->addWidget(m_layer_label, 1);
    layer_row->addWidget(m_pin);
    layer_row->addWidget(m_forbid);
    column->addLayout(layer_row);

    column->addSpacing(8);
    auto* weight_row = new QHBoxLayout;
    weight_row->addWidget(label(tr("Task weights"), "heading"), 1);
    m_equal = button(tr("Equal"));
    m_equal->setToolTip(tr("All tasks count alike"));
    weight_row->addWidget(m_equal);
    column->addLayout(weight_row);
    m_weights = new QGridLayout;
    m_weights->setHorizontalSpacing(8);
    m_weights->setVerticalSpacing(4);
    m_weights->setColumnStretch(1, 1);
    column->addLayout(m_weights);

    column->addSpacing(8);
    column->addWidget(label(tr("Your own placement"), "heading"));
    m_own_strip = new LayerStrip(theme, this);
    m_own_strip->setInteractive(true);
    m_own_strip->setAccessibleName(tr("Your own placement: click or Enter switches a layer"));
    m_own_strip->installEventFilter(this);
    column->addWidget(m_own_strip);
    auto* own_row = new QHBoxLayout;
    m_own_label = label({}, "muted");
    m_own_label->setWordWrap(true);
    m_evaluate = button(tr("Evaluate next"));
    own_row->addWidget(m_own_label, 1);
    own_row->addWidget(m_evaluate);
    column->addLayout(own_row);

    column->addStretch(1);
    m_preview = label({}, "muted");
    m_preview->setWordWrap(true);
    column->addWidget(m_preview);
    auto* apply_row = new QHBoxLayout;
    m_undo = button(tr("Undo"));
    m_apply = button(tr("Apply"), true);
    apply_row->addWidget(m_undo);
    apply_row->addStretch(1);
    apply_row->addWidget(m_apply);
    column->addLayout(apply_row);

    connect(m_locks, &LayerStrip::layerPicked, this, &SteerPanel::layerPicked);
    connect(m_locks, &LayerStrip::pinRequested, plan, &SearchPlan::togglePin);
    connect(m_locks, &LayerStrip::forbidRequested, plan, &SearchPlan::toggleForbid);
    connect(m_pin, &QPushButton::clicked, this, [this] { m_plan->togglePin(m_layer); });
    connect(m_forbid, &QPushButton::clicked, this, [this] { m_plan->toggleForbid(m_layer); });
    connect(m_own_strip, &LayerStrip::layerPicked, this, [this](int layer) {
        if (m_own_pressed) toggleOwn(layer);  // arrows only walk
    });
    connect(m_own_strip, &LayerStrip::layerActivated, this, &SteerPanel::toggleOwn);
    connect(m_evaluate, &QPushButton::clicked, this, [this] { Q_EMIT evaluateNextRequested(ownPlacement()); });
    connect(m_equal, &QPushButton::clicked, this, [this] {
        SearchChoices choices = m_plan->choices();
        choices.weights.clear();
        m_plan->setChoices(choices, tr("equal weights"));
    });
    connect(m_undo, &QPushButton::clicked, plan->undoStack(), &QUndoStack::undo);
    connect(m_apply, &QPushButton::clicked, this, &SteerPanel::applyRequested);
    connect(plan, &SearchPlan::choicesChanged, this, &SteerPanel::follow);
    connect(plan->undoStack(), &QUndoStack::indexChanged, this, &SteerPanel::updateButtons);
    follow();
}

void SteerPanel::setModel(int layers, const std::string& base_block) {
    if (layers == m_layers && base_block == m_base_block) return;
    m_layers = layers;
    m_base_block = base_block;
    m_own.clear();
    follow();
}

void SteerPanel::setTasks(const std::vector<std::string>& tasks) {
    if (tasks == m_tasks) return;
    m_tasks = tasks;
    while (QLayoutItem* item = m_weights->takeAt(0)) {
        if (item->widget()) item->widget()->deleteLater();
        delete item;
    }
    m_sliders.clear();
    m_values.clear();
    for (int row = 0; row < static_cast<int>(tasks.size()); ++row) {
        const std::string id = tasks[static_cast<std::size_t>(row)];
        auto* name = label(taskLabel(id));
        auto* slider = new QSlider(Qt::Horizontal, this);
        auto* value = label({}, "number");
        slider->setRange(0, slider_steps);
        slider->setPageStep(1);
        slider->setAccessibleName(tr("Weight of %1").arg(taskLabel(id)));
        slider->setToolTip(taskExplanation(id));
        name->setBuddy(slider);
        value->setMinimumWidth(QFontMetrics(m_theme->numberFont()).horizontalAdvance(QStringLiteral("0.00")));
        value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        m_weights->addWidget(name, row, 0);
        m_weights->addWidget(slider, row, 1);
        m_weights->addWidget(value, row, 2);
        m_sliders.insert(QString::fromStdString(id), slider);
        m_values.insert(QString::fromStdString(id), value);
        connect(slider, &QSlider::valueChanged, this, [this, id](int step) {
            if (m_following) return;
            SearchChoices choices = m_plan->choices();
            if (choices.weights.empty())
                for (const std::string& task : m_tasks) choices.weights[task] = 1;
            choices.weights[id] = step * per_step;
            m_plan->setChoices(choices, tr("weight of %1").arg(taskLabel(id)));
        });
    }
    follow();
}

void SteerPanel::setCurrentLayer(int layer) {
    m_layer = layer < m_layers ? layer : -1;
    m_locks->setCurrentLayer(m_layer);
    updateButtons();
}

void SteerPanel::setRunning(bool running) {
    m_running = running;
    updateButtons();
}

void SteerPanel::setPreview(const QString& text) { m_preview->setText(text); }

QString SteerPanel::ownPlacement() const {
    return QString::fromStdString(Placement::withFull(m_layers, {m_own.begin(), m_own.end()}, m_base_block).text());
}

bool SteerPanel::eventFilter(QObject* watched, QEvent* event) {
    // The strip tells of a click and of an arrow key alike; only the click switches the layer.
    if (watched == m_own_strip) {
        if (event->type() == QEvent::MouseButtonPress) m_own_pressed = true;
        if (event->type() == QEvent::MouseButtonRelease || event->type() == QEvent::KeyPress) m_own_pressed = false;
    }
    return QWidget::eventFilter(watched, event);
}

void SteerPanel::toggleOwn(int layer) {
    if (!m_own.erase(layer)) m_own.insert(layer);
    follow();
}

void SteerPanel::follow() {
    m_following = true;
    const SearchChoices& choices = m_plan->choices();
    if (m_layers > 0) {
        const std::vector<int> pinned(choices.pinned.begin(), choices.pinned.end());
        m_locks->setPlacement(QString::fromStdString(Placement::withFull(m_layers, pinned, m_base_block).text()));
        m_locks->setMarks(toQSet(choices.pinned), toQSet(choices.forbidden));
        m_own_strip->setPlacement(ownPlacement());
    }
    m_own_label->setText(m_own.empty() ? tr("Click layers to make them full") : tr("%n full layer(s)", nullptr, static_cast<int>(m_own.size())));
    for (auto it = m_sliders.begin(); it != m_sliders.end(); ++it) {
        const auto found = choices.weights.find(it.key().toStdString());
        const double weight = choices.weights.empty() ? 1 : found == choices.weights.end() ? 0 : found->second;
        it.value()->setValue(static_cast<int>(weight / per_step + 0.5));
        m_values[it.key()]->setText(fixed(weight, 2));
    }
    m_following = false;
    updateButtons();
}

void SteerPanel::updateButtons() {
    const SearchChoices& choices = m_plan->choices();
    m_layer_label->setText(m_layer < 0 ? tr("Pick a layer") : tr("Layer %1").arg(m_layer));
    m_pin->setEnabled(m_layer >= 0);
    m_forbid->setEnabled(m_layer >= 0);
    m_pin->setText(choices.pinned.count(m_layer) ? tr("Unpin") : tr("Pin"));
    m_forbid->setText(choices.forbidden.count(m_layer) ? tr("Allow") : tr("Forbid"));
    m_equal->setEnabled(!choices.weights.empty());
    m_evaluate->setEnabled(m_running && !m_own.empty());
    m_evaluate->setToolTip(m_running ? tr("Puts it at the head of the queue") : tr("Start a search first: it evaluates your placement next"));
    m_undo->setEnabled(m_plan->undoStack()->canUndo());
    m_undo->setToolTip(m_plan->undoStack()->canUndo() ? tr("Undo: %1 (Ctrl+Z)").arg(m_plan->undoStack()->undoText()) : QString());
    m_apply->setEnabled(m_running && m_plan->changed());
    m_apply->setToolTip(m_running ? tr("Sends the choices to the search") : tr("No search runs: the choices go into the next one"));
}

}  // namespace airframe::ui
