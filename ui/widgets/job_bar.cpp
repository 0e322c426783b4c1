// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/job_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>

#include "ui/engine_client.h"
#include "ui/number_text.h"
#include "ui/resume.h"
#include "ui/run_control.h"
#include "ui/widgets/layout.h"

namespace airframe::ui {

JobBar::JobBar(EngineClient* engine, QWidget* parent) : QWidget(parent), m_engine(engine) {
    setAccessibleName(tr("Running job"));
    m_what = label({});
    m_left = label({}, "muted");
    m_bar = new QProgressBar;
    m_bar->setTextVisible(false);
    m_bar->setFixedWidth(200);
    m_bar->setRange(0, 1000);
    m_bar->setAccessibleName(tr("Progress"));
    m_pause = button(tr("Pause"));
    m_pause->setToolTip(tr("Finishes the step at hand, then waits; keeps everything (Space)"));
    m_stop = new QToolButton;
    m_stop->setText(tr("Stop ▾"));
    m_stop->setAccessibleName(tr("Stop"));
    m_stop->setPopupMode(QToolButton::InstantPopup);
    m_stop->setFocusPolicy(Qt::StrongFocus);
    auto* menu = new QMenu(m_stop);
    menu->addAction(tr("Stop after this step, &keep the results"), this, &JobBar::stopKeeping);
    menu->addAction(tr("&Cancel now (the unfinished step is lost)"), this, &JobBar::cancelNow);
    m_stop->setMenu(menu);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(24, 4, 16, 4);
    row->setSpacing(16);
    row->addWidget(m_what);
    row->addWidget(m_bar);
    row->addWidget(m_left);
    row->addStretch();
    row->addWidget(m_pause);
    row->addWidget(m_stop);
    connect(m_pause, &QPushButton::clicked, this, &JobBar::togglePause);
    connect(engine, &EngineClient::started, this, [this](qint64, const QString& op, qint64) {
        m_phase = op;
        m_done = m_total = 0;
        m_unit.clear();
        m_note.clear();
        m_left_text.clear();
        m_state = QStringLiteral("running");
        refresh();
    });
    connect(engine, &EngineClient::progress, this, [this](qint64 id, const QJsonObject& progress) {
        if (id != m_engine->current()) return;
        m_phase = progress.value(QLatin1String("phase")).toString();
        m_done = progress.value(QLatin1String("done")).toDouble();
        m_total = progress.value(QLatin1String("total")).toDouble();
        m_unit = progress.value(QLatin1String("unit")).toString();
        m_note = progress.value(QLatin1String("note")).toString();
        m_left_text = leftText(progress.value(QLatin1String("left_low_s")).toDouble(-1),
                               progress.value(QLatin1String("left_high_s")).toDouble(-1));
        refresh();
    });
    connect(engine, &EngineClient::token, this, [this](qint64, const QJsonObject& token) {
        // Tokens come instead of progress, after the model was loaded.
        m_phase.clear();
        m_note = tr("%1 tokens").arg(token.value(QLatin1String("pos")).toInt() + 1);
        m_total = 0;
        m_left_text.clear();
        if (!m_slow.isActive()) m_slow.start();
    });
    m_slow.setSingleShot(true);
    m_slow.setInterval(100);
    connect(&m_slow, &QTimer::timeout, this, &JobBar::refresh);
    connect(engine, &EngineClient::stateChanged, this, [this](qint64, const QString& state) {
        m_state = state;
        refresh();
    });
    const auto over = [this](const QString& op, const QString& how) {
        m_last = QStringLiteral("%1: %2").arg(jobName(op), how);
        refresh();
    };
    connect(engine, &EngineClient::finished, this,
            [this, over](qint64, const QString& op, const QJsonObject&) { over(op, tr("done")); });
    connect(engine, &EngineClient::stopped, this,
            [this, over](qint64, const QString& op, const QJsonObject&) { over(op, tr("stopped, results kept")); });
    connect(engine, &EngineClient::failed, this,
            [this, over](qint64, const QString& op, const QJsonObject&) { over(op, tr("failed")); });
    refresh();
}

void JobBar::setSnapshot(const SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    refresh();
}

bool JobBar::busy() const {
    return m_engine->current() != 0;
}

QString JobBar::text() const {
    return m_what->text();
}

const RunRow* JobBar::foreignRun() const {
    if (!m_snapshot || busy()) return nullptr;
    for (auto run = m_snapshot->runs.rbegin(); run != m_snapshot->runs.rend(); ++run)
        if (run->state == RunState::running || run->state == RunState::paused) return &*run;
    return nullptr;
}

void JobBar::refresh() {
    const RunRow* foreign = foreignRun();
    const bool active = busy() || foreign;
    double done = m_done, total = m_total;
    QStringList parts;
    if (busy()) {
        parts << jobName(m_engine->currentOp());
        if (!m_phase.isEmpty() && m_phase != m_engine->currentOp()) parts << jobName(m_phase).toLower();
        if (m_state == QLatin1String("paused")) parts << tr("paused");
        if (m_state == QLatin1String("stopping")) parts << tr("stopping after this step");
    } else if (foreign) {
        parts << jobName(QString::fromStdString(foreign->kind)) << tr("runs in another process");
        if (foreign->state == RunState::paused) parts << tr("paused");
        done = foreign->done;
        total = foreign->total;
    }
    if (active && total > 0)
        parts << QStringLiteral("%1 / %2 %3").arg(countText(done), countText(total), busy() ? m_unit : QString()).trimmed();
    if (busy() && !m_note.isEmpty()) parts << m_note;
    m_what->setText(active ? parts.join(QStringLiteral(" · ")) : m_last.isEmpty() ? tr("Nothing is running") : m_last);
    m_left->setText(busy() && m_state != QLatin1String("paused") ? m_left_text : QString());
    m_bar->setVisible(active);
    if (total > 0) {
        m_bar->setRange(0, 1000);
        m_bar->setValue(static_cast<int>(1000 * std::min(1.0, done / total)));
    } else {
        m_bar->setRange(0, 0);
    }
    const bool is_paused = busy() ? m_engine->paused() : foreign && foreign->state == RunState::paused;
    m_pause->setText(is_paused ? tr("Resume") : tr("Pause"));
    m_pause->setVisible(active);
    m_stop->setVisible(active);
    m_stop->menu()->actions().last()->setEnabled(busy());
    if (busy() != m_was_busy) {
        m_was_busy = busy();
        Q_EMIT busyChanged(m_was_busy);
    }
}

void JobBar::togglePause() {
    if (busy()) {
        if (m_engine->paused()) m_engine->resume(m_engine->current());
        else m_engine->pause(m_engine->current());
    } else if (const RunRow* foreign = foreignRun()) {
        commandRun(QString::fromStdString(m_snapshot->path), foreign->id,
                   foreign->state == RunState::paused ? QStringLiteral("resume") : QStringLiteral("pause"));
    }
}

void JobBar::stopKeeping() {
    if (busy()) {
        m_engine->stop(m_engine->current());
        m_state = QStringLiteral("stopping");
        refresh();
    } else if (const RunRow* foreign = foreignRun()) {
        commandRun(QString::fromStdString(m_snapshot->path), foreign->id, QStringLiteral("stop"));
    }
}

void JobBar::cancelNow() {
    if (busy()) m_engine->cancel(m_engine->current());
}

}  // namespace airframe::ui
