// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/supernet_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <cmath>

#include "ui/actions.h"
#include "ui/engine_client.h"
#include "ui/layer_curves.h"
#include "ui/models/numbers.h"
#include "ui/number_text.h"
#include "ui/pages/train_form.h"
#include "ui/plots/curve_view.h"
#include "ui/resume.h"
#include "ui/selection.h"
#include "ui/theme.h"
#include "ui/widgets/error_card.h"
#include "ui/widgets/layer_bars.h"
#include "ui/widgets/layout.h"
#include "ui/widgets/state_view.h"

namespace airframe::ui {

SupernetPage::SupernetPage(const UiContext& context, QWidget* parent) : Page(context, parent) {
    m_error = new ErrorCard(context.theme);
    m_empty = new StateView(context.theme);
    m_full = new QWidget;
    m_form = new TrainForm;

    m_curves = new CurveView(context.theme);
    m_bars = new LayerBars(context.theme);
    m_bars->setAccessibleName(tr("Held-out error of each layer"));
    m_facts = label({}, "muted");
    m_facts->setTextFormat(Qt::PlainText);
    m_resume = button(tr("Resume"), true);
    auto* head = new QHBoxLayout;
    head->addWidget(label(tr("Supernet"), "title"));
    head->addSpacing(16);
    head->addWidget(m_facts, 1);
    head->addWidget(m_resume);
    const Card curves = card(tr("Error while learning: the mean bold, one line per layer"));
    curves.column->addWidget(m_curves, 1);
    const Card bars = card(tr("Held-out error by layer"));
    bars.column->addWidget(m_bars, 1);
    auto* full = new QVBoxLayout(m_full);
    full->setContentsMargins(0, 0, 0, 0);
    full->setSpacing(16);
    full->addLayout(head);
    auto* sides = new QHBoxLayout;
    sides->setSpacing(16);
    sides->addWidget(curves.frame, 3);
    sides->addWidget(bars.frame, 2);
    full->addLayout(sides, 1);

    const Card form = card();
    form.column->setContentsMargins(16, 12, 16, 12);
    form.column->addWidget(m_form);
    auto* column = pageColumn(this);
    column->addWidget(m_error);
    column->addWidget(m_empty, 1);
    column->addWidget(m_full, 1);
    column->addWidget(form.frame);

    connect(m_empty, &StateView::activated, this, &SupernetPage::train);
    connect(m_form, &TrainForm::trainRequested, this, &SupernetPage::train);
    connect(m_form, &TrainForm::changed, this, &SupernetPage::updateControls);
    connect(m_resume, &QPushButton::clicked, this, &SupernetPage::resume);
    connect(m_error, &ErrorCard::actionRequested, this, &SupernetPage::resume);
    connect(m_error, &ErrorCard::dismissed, this, [this] {
        const RunRow* run = m_snapshot ? m_snapshot->latestRun("train") : nullptr;
        if (run) m_dismissed_run = run->id;
        fill();
    });
    const auto mine = [this](const QString& op) { return op == QLatin1String("train"); };
    connect(context.engine, &EngineClient::started, this, [this, mine](qint64, const QString& op, qint64) {
        if (!mine(op)) return;
        m_error->clear();
        updateControls();
    });
    connect(context.engine, &EngineClient::failed, this, [this, mine](qint64, const QString& op, const QJsonObject& error) {
        if (!mine(op)) return;
        m_error->setAction({});
        m_error->show(Problem::fromEngine(tr("Training the supernet"), error));
        updateControls();
    });
    connect(context.engine, &EngineClient::finished, this, [this] { updateControls(); });
    connect(context.engine, &EngineClient::stopped, this, [this] { updateControls(); });
    connect(m_bars, &LayerBars::layerPicked, context.selection, &Selection::setLayer);
    connect(context.selection, &Selection::layerChanged, m_bars, &LayerBars::setCurrentLayer);
    connect(m_curves, &CurveView::layerPicked, context.selection, &Selection::setLayer);
    connect(context.selection, &Selection::layerChanged, m_curves, &CurveView::setCurrentLayer);
    connect(context.actions->add(QStringLiteral("model.train"), MenuId::model, tr("&Train the supernet")), &QAction::triggered,
            this, &SupernetPage::train);
    connect(context.actions->add(QStringLiteral("model.resume"), MenuId::model, tr("&Resume the last training")),
            &QAction::triggered, this, &SupernetPage::resume);
    fill();
}

void SupernetPage::setSnapshot(const SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    fill();
}

void SupernetPage::train() {
    if (!m_snapshot || m_context.engine->current() != 0 || !m_form->blocked().isEmpty()) return;
    m_error->clear();
    m_context.engine->request(QStringLiteral("train"), m_form->params());
    updateControls();
}

void SupernetPage::resume() {
    const RunRow* run = m_snapshot ? m_snapshot->latestRun("train") : nullptr;
    if (!run || m_context.engine->current() != 0) return;
    m_error->clear();
    resumeRun(*m_context.engine, *run);
    updateControls();
}

void SupernetPage::fill() {
    const RunRow* run = m_snapshot ? m_snapshot->latestRun("train") : nullptr;
    const State before = m_state;
    const bool alive = run && (run->state == RunState::running || run->state == RunState::paused);
    m_state = !run                                 ? State::empty
              : alive                              ? State::running
              : run->state == RunState::failed     ? State::failed
              : m_snapshot->checkpoints.empty()    ? State::failed
                                                   : State::ready;
    const std::vector<Curve> curves = run ? lossCurves(*m_snapshot, run->id) : std::vector<Curve>();
    m_empty->setVisible(curves.empty());
    m_full->setVisible(!curves.empty());
    if (run && run->state == RunState::failed && run->id != m_dismissed_run) {
        m_error->setAction({});
        m_error->show(Problem::fromJson(tr("Training the supernet"), run->error_json));
    }
    QStringList facts;
    if (!curves.empty()) {
        m_curves->setCurves(curves);
        const std::vector<double> held_out = heldOutErrors(*m_snapshot, run->id);
        m_bars->setValues(held_out, {});
        m_bars->parentWidget()->setVisible(!held_out.empty());
        const double tokens = curves.back().points.isEmpty() ? 0 : curves.back().points.last().x();
        facts << tr("%1 tokens").arg(countText(tokens));
        const double speed = latestValue(*m_snapshot, run->id, "tokens_per_s");
        if (std::isfinite(speed)) facts << speedText(speed);
        double sum = 0;
        int known = 0;
        for (const double error : held_out)
            if (std::isfinite(error)) sum += error, ++known;
        if (known > 0) facts << tr("held-out error %1").arg(fixed(sum / known));
        if (!m_snapshot->checkpoints.empty())
            facts << tr("checkpoint %1").arg(agoText(m_snapshot->checkpoints.back().created));
        m_curves->setSummary(tr("Training curves"), facts.join(QStringLiteral(", ")));
    }
    if (run && run->state == RunState::interrupted) facts << tr("interrupted");
    if (run && run->state == RunState::stopped) facts << tr("stopped, what was learned is kept");
    m_facts->setText(facts.join(QStringLiteral("  ·  ")));
    m_summary = !m_snapshot ? tr("No study is open.")
                : !run      ? tr("Nothing is trained yet.")
                            : tr("Supernet: %1.").arg(facts.join(QStringLiteral(", ")));
    updateControls();
    if (before != m_state) Q_EMIT stateChanged();
}

void SupernetPage::updateControls() {
    const RunRow* run = m_snapshot ? m_snapshot->latestRun("train") : nullptr;
    const bool busy = m_context.engine->current() != 0;
    const bool read_only = m_snapshot && m_snapshot->read_only;
    const bool resumable = run && (run->state == RunState::interrupted || run->state == RunState::stopped ||
                                   (run->state == RunState::failed && !m_snapshot->checkpoints.empty()));
    m_resume->setVisible(resumable && !busy);
    QString blocked = !m_snapshot  ? tr("Open a model or a study first.")
                      : read_only  ? tr("This study is read-only.")
                      : busy       ? tr("%1 is running.").arg(jobName(m_context.engine->currentOp()))
                                   : m_form->blocked();
    m_empty->setTexts(tr("A linear block beside every attention layer"),
                      {tr("The supernet keeps the model as it is and teaches each layer's linear block to do what its attention does."),
                       tr("Every placement of attention and linear layers is then one choice out of the same weights."),
                       tr("Nothing in the original changes; stop at any time, what was learned is kept.")},
                      tr("Train (%1)").arg(m_form->amountText()));
    if (m_snapshot) {
        QStringList blocks;
        for (int layer = 0; layer < m_snapshot->model.layers; ++layer)
            blocks << (layer % 2 == 0 ? QStringLiteral("attn") : QStringLiteral("jet"));
        m_empty->setPicture(blocks.join(QLatin1Char(',')));
    } else {
        m_empty->setPicture({});
    }
    m_empty->setBlocked(blocked);
    const bool shown_in_full = m_full->isVisibleTo(this);
    m_form->setEnabledButton(blocked.isEmpty(), shown_in_full ? tr("Train again") : QString());
    m_form->setToolTip(blocked);
}

}  // namespace airframe::ui
