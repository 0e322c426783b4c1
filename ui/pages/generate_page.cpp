// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/generate_page.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/actions.h"
#include "ui/engine_client.h"
#include "ui/number_text.h"
#include "ui/resume.h"
#include "ui/selection.h"
#include "ui/theme.h"
#include "ui/widgets/error_card.h"
#include "ui/widgets/generation_pane.h"
#include "ui/widgets/layout.h"
#include "ui/widgets/state_view.h"

namespace airframe::ui {

namespace {

constexpr int most_tokens = 4096;

QString choicesText(const GeneratedToken& token) {
    QStringList rows;
    for (const GeneratedToken::Choice& choice : token.top.mid(0, 5)) {
        QString shown = choice.text;
        shown.replace(QLatin1Char('\n'), QStringLiteral("⏎")).replace(QLatin1Char(' '), QStringLiteral("␣"));
        rows << QStringLiteral("<td style='padding-right:20px'>%1&nbsp;<b>%2&nbsp;%</b></td>")
                    .arg(shown.toHtmlEscaped())
                    .arg(100 * choice.probability, 0, 'f', 1);
    }
    return QStringLiteral("<table><tr>%1</tr></table>").arg(rows.join(QString()));
}

}  // namespace

GeneratePage::GeneratePage(const UiContext& context, QWidget* parent) : Page(context, parent) {
    m_slots[0].name = QStringLiteral("A");
    m_slots[1].name = QStringLiteral("B");
    m_error = new ErrorCard(context.theme);
    auto* column = pageColumn(this);
    column->addWidget(m_error);
    column->addWidget(buildControls());
    auto* sides = new QHBoxLayout;
    sides->setSpacing(16);
    for (Slot& slot : m_slots) slot.pane = new GenerationPane(context.theme, slot.name);
    m_pick_b = new StateView(context.theme);
    m_pick_b->setTexts(tr("Pick B on the Front"), {tr("Select a placement there, or in any table or tree, and press B.")},
                       tr("Go to the Front"));
    m_side_b = new QStackedWidget;
    m_side_b->addWidget(m_pick_b);
    m_side_b->addWidget(m_slots[1].pane);
    sides->addWidget(m_slots[0].pane, 1);
    sides->addWidget(m_side_b, 1);
    column->addLayout(sides, 1);
    column->addWidget(buildDifference());

    connect(m_pick_b, &StateView::activated, this, [this] {
        if (QAction* front = m_context.actions->action(QStringLiteral("page.front"))) front->trigger();
    });
    connect(context.selection, &Selection::slotsChanged, this, &GeneratePage::showSlots);
    connectEngine();

    Actions& actions = *context.actions;
    const auto add = [&](const char* id, const QString& text, const QKeySequence& keys, auto act) {
        connect(actions.add(QLatin1String(id), MenuId::generate, text, keys), &QAction::triggered, this, act);
    };
    add("generate.both", tr("Write with &both"), QKeySequence(Qt::CTRL | Qt::Key_Return), [this] { run(true, true); });
    add("generate.a", tr("Write with &A only"), {}, [this] { run(true, false); });
    add("generate.b", tr("Write with B &only"), {}, [this] { run(false, true); });
    add("generate.stop", tr("&Stop writing"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Period), [this] { stop(); });
    add("generate.next", tr("&Next difference"), QKeySequence(Qt::Key_N), [this] {
        const int next = nextDifference(m_slots[0].pane->tokens(), m_slots[1].pane->tokens(), m_at + 1);
        showDifference(next >= 0 ? next : nextDifference(m_slots[0].pane->tokens(), m_slots[1].pane->tokens()));
    });
    add("generate.greedy", tr("Always the &likeliest token"), QKeySequence(Qt::Key_L), [this] { m_temperature->setValue(0); });
    showSlots();
    showDifference(-1);
}

QWidget* GeneratePage::buildControls() {
    const Card controls = card();
    auto* prompt_label = label(tr("&Prompt"), "muted");
    m_prompt = new QPlainTextEdit(tr("Once upon a time"));
    m_prompt->setTabChangesFocus(true);
    m_prompt->document()->setDocumentMargin(8);
    m_prompt->setFixedHeight(3 * fontMetrics().lineSpacing() + 24);
    prompt_label->setBuddy(m_prompt);
    const auto field = [](auto* box, auto low, auto high, auto value, const QString& name) {
        box->setRange(low, high);
        box->setValue(value);
        box->setAccessibleName(name);
        return box;
    };
    m_seed = field(new QSpinBox, 0, 2147483647, 42, tr("Seed"));
    m_temperature = field(new QDoubleSpinBox, 0.0, 5.0, 0.7, tr("Temperature"));
    m_temperature->setSingleStep(0.1);
    m_temperature->setToolTip(tr("0 always takes the likeliest token"));
    m_top_p = field(new QDoubleSpinBox, 0.01, 1.0, 0.9, tr("Top-p"));
    m_top_p->setSingleStep(0.05);
    m_top_k = field(new QSpinBox, 0, 1000, 0, tr("Top-k"));
    m_top_k->setSpecialValueText(tr("all"));
    m_tokens = field(new QSpinBox, 1, most_tokens, 96, tr("Tokens"));
    m_chat = new QCheckBox(tr("C&hat"));
    m_chat->setToolTip(tr("Puts the prompt into the model's chat template"));
    m_both = button(tr("Write with both"), true);
    m_only_a = button(tr("A"));
    m_only_a->setAccessibleName(tr("Write with A only"));
    m_only_b = button(tr("B"));
    m_only_b->setAccessibleName(tr("Write with B only"));
    m_stop = button(tr("Stop"));
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    const auto add_field = [row](const QString& name, QWidget* box) {
        auto* named = label(name, "muted");
        named->setBuddy(box);
        row->addWidget(named);
        row->addWidget(box);
        row->addSpacing(4);
    };
    add_field(tr("&Seed"), m_seed);
    add_field(tr("&Temperature"), m_temperature);
    add_field(tr("Top-p"), m_top_p);
    add_field(tr("Top-k"), m_top_k);
    add_field(tr("T&okens"), m_tokens);
    row->addWidget(m_chat);
    row->addStretch();
    for (QPushButton* made : {m_both, m_only_a, m_only_b, m_stop}) row->addWidget(made);
    controls.column->setContentsMargins(16, 12, 16, 12);
    auto* prompt_row = new QHBoxLayout;
    prompt_row->setSpacing(16);
    prompt_row->addWidget(prompt_label, 0, Qt::AlignTop);
    prompt_row->addWidget(m_prompt, 1);
    controls.column->addLayout(prompt_row);
    controls.column->addLayout(row);
    connect(m_both, &QPushButton::clicked, this, [this] { run(true, true); });
    connect(m_only_a, &QPushButton::clicked, this, [this] { run(true, false); });
    connect(m_only_b, &QPushButton::clicked, this, [this] { run(false, true); });
    connect(m_stop, &QPushButton::clicked, this, &GeneratePage::stop);
    return controls.frame;
}

QWidget* GeneratePage::buildDifference() {
    const Card shown = card();
    shown.column->setContentsMargins(16, 12, 16, 12);
    m_difference = shown.frame;
    m_where = label({}, "heading");
    m_next = button(tr("Next difference"));
    m_next->setToolTip(tr("N"));
    m_choices_a = label({}, "number");
    m_choices_b = label({}, "number");
    auto* head = new QHBoxLayout;
    head->addWidget(m_where, 1);
    head->addWidget(m_next);
    shown.column->addLayout(head);
    auto* sides = new QHBoxLayout;
    sides->setSpacing(16);
    for (QLabel* choices : {m_choices_a, m_choices_b}) {
        choices->setTextFormat(Qt::RichText);
        choices->setToolTip(tr("The likeliest tokens at this place and their probability; ␣ is a space"));
        sides->addWidget(choices, 1);
    }
    shown.column->addLayout(sides);
    connect(m_next, &QPushButton::clicked, this, [this] {
        if (QAction* next = m_context.actions->action(QStringLiteral("generate.next"))) next->trigger();
    });
    return m_difference;
}

void GeneratePage::connectEngine() {
    EngineClient* engine = m_context.engine;
    connect(engine, &EngineClient::token, this, [this](qint64 id, const QJsonObject& token) {
        Slot* slot = slotOf(id);
        if (!slot) return;
        slot->pane->addToken(token);
        if (m_at < 0) {
            const int first = nextDifference(m_slots[0].pane->tokens(), m_slots[1].pane->tokens());
            if (first >= 0) showDifference(first);
        }
    });
    connect(engine, &EngineClient::finished, this, [this](qint64 id, const QString&, const QJsonObject& result) {
        if (Slot* slot = slotOf(id)) slot->pane->finish(result);
        jobOver(id, {});
    });
    connect(engine, &EngineClient::stopped, this, [this](qint64 id, const QString&, const QJsonObject&) {
        jobOver(id, tr("stopped"));
    });
    connect(engine, &EngineClient::failed, this, [this](qint64 id, const QString&, const QJsonObject& error) {
        Slot* slot = slotOf(id);
        if (slot) m_error->show(Problem::fromEngine(tr("Writing with %1").arg(slot->name), error));
        jobOver(id, tr("failed"));
    });
    connect(engine, &EngineClient::started, this, &GeneratePage::updateControls);
}

void GeneratePage::setSnapshot(const SnapshotPtr& snapshot) {
    const bool other = !snapshot || !m_snapshot || snapshot->path != m_snapshot->path;
    m_snapshot = snapshot;
    if (other) {
        m_ran = false;
        m_error->clear();
    }
    showStored();
    updateControls();
}

GeneratePage::Slot* GeneratePage::slotOf(qint64 job) {
    for (Slot& slot : m_slots)
        if (job != 0 && slot.job == job) return &slot;
    return nullptr;
}

QString GeneratePage::placementOf(const Slot& slot) const {
    return slot.name == QLatin1String("A") ? m_context.selection->slotA() : m_context.selection->slotB();
}

void GeneratePage::showSlots() {
    for (Slot& slot : m_slots) slot.pane->setPlacement(placementOf(slot));
    m_side_b->setCurrentIndex(m_context.selection->slotB().isEmpty() ? 0 : 1);
    showStored();
    updateControls();
}

void GeneratePage::showStored() {
    if (m_ran) return;
    for (Slot& slot : m_slots) {
        const std::string placement = placementOf(slot).toStdString();
        const GenerationRow* latest = nullptr;
        if (m_snapshot)
            for (const GenerationRow& row : m_snapshot->generations)
                if (row.placement == placement) latest = &row;
        if (latest) {
            slot.pane->setStored(QString::fromStdString(latest->text),
                                 QJsonDocument::fromJson(QByteArray::fromStdString(latest->stats_json)).object());
            if (slot.name == QLatin1String("A") && m_prompt->toPlainText() == tr("Once upon a time"))
                m_prompt->setPlainText(QString::fromStdString(latest->prompt));
        } else {
            slot.pane->setStored({}, {});
        }
    }
}

void GeneratePage::run(bool a, bool b) {
    if (!m_snapshot) return;
    m_ran = true;
    m_error->clear();
    showDifference(-1);
    if (a && !placementOf(m_slots[0]).isEmpty()) start(m_slots[0]);
    if (b && !placementOf(m_slots[1]).isEmpty()) start(m_slots[1]);
    if (m_slots[0].job && m_slots[1].job) m_slots[1].pane->setNote(tr("waits for A: one after the other, so that both have all cores"));
    updateControls();
}

void GeneratePage::start(Slot& slot) {
    slot.pane->begin();
    slot.job = m_context.engine->request(QStringLiteral("generate"), {{QStringLiteral("placement"), placementOf(slot)},
                                                                     {QStringLiteral("prompt"), m_prompt->toPlainText()},
                                                                     {QStringLiteral("compute"), QStringLiteral("fastest")},
                                                                     {QStringLiteral("chat"), m_chat->isChecked()},
                                                                     {QStringLiteral("tokens"), m_tokens->value()},
                                                                     {QStringLiteral("stop_at_eos"), true},
                                                                     {QStringLiteral("temperature"), m_temperature->value()},
                                                                     {QStringLiteral("top_k"), m_top_k->value()},
                                                                     {QStringLiteral("top_p"), m_top_p->value()},
                                                                     {QStringLiteral("seed"), m_seed->value()},
                                                                     {QStringLiteral("slot"), slot.name}});
}

void GeneratePage::stop() {
    // The waiting one first: stopping the running one would start it.
    for (Slot* slot : {&m_slots[1], &m_slots[0]})
        if (slot->job) m_context.engine->stop(slot->job);
}

void GeneratePage::jobOver(qint64 id, const QString& note) {
    if (Slot* slot = slotOf(id)) {
        slot->job = 0;
        if (!note.isEmpty()) slot->pane->setNote(note);
    }
    updateControls();
}

void GeneratePage::updateControls() {
    const bool writing = m_slots[0].job || m_slots[1].job;
    const bool busy = m_context.engine->current() != 0;
    const bool b = !m_context.selection->slotB().isEmpty();
    const bool can = m_snapshot && !busy && !m_snapshot->newer_version;
    m_both->setEnabled(can && b);
    m_only_a->setEnabled(can);
    m_only_b->setEnabled(can && b);
    m_stop->setEnabled(writing);
    const QString reason = !m_snapshot ? tr("Open a study first.")
                           : busy      ? tr("%1 is running.").arg(jobName(m_context.engine->currentOp()))
                           : !b        ? tr("Pick B on the Front (press B).")
                                       : tr("Ctrl+Enter");
    m_both->setToolTip(reason);
    const State before = m_state;
    m_state = writing                                                                ? State::running
              : !m_error->problem().isEmpty()                                        ? State::failed
              : !m_slots[0].pane->text().isEmpty() || !m_slots[1].pane->text().isEmpty() ? State::ready
                                                                                     : State::empty;
    m_summary = m_state == State::empty   ? tr("Nothing is written yet.")
                : m_where->text().isEmpty() ? tr("A wrote %1 characters, B %2.")
                                                  .arg(m_slots[0].pane->text().size())
                                                  .arg(m_slots[1].pane->text().size())
                                            : m_where->text();
    if (before != m_state) Q_EMIT stateChanged();
}

void GeneratePage::showDifference(int token) {
    m_at = token;
    for (Slot& slot : m_slots) slot.pane->mark(token);
    m_difference->setVisible(token >= 0);
    if (token < 0) {
        m_where->clear();
        return;
    }
    const int first = nextDifference(m_slots[0].pane->tokens(), m_slots[1].pane->tokens());
    m_where->setText(token == first ? tr("First difference at token %1").arg(token) : tr("Difference at token %1").arg(token));
    m_choices_a->setText(choicesText(m_slots[0].pane->tokens().at(token)));
    m_choices_b->setText(choicesText(m_slots[1].pane->tokens().at(token)));
}

}  // namespace airframe::ui
