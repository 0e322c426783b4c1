// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/start_page.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "ui/actions.h"
#include "ui/engine_client.h"
#include "ui/resume.h"
#include "ui/study_opener.h"
#include "ui/theme.h"
#include "ui/widgets/error_card.h"
#include "ui/widgets/layout.h"
#include "ui/widgets/recent_row.h"

namespace airframe::ui {

namespace {

constexpr int reading_width = 960;

void clear(QLayout* layout) {
    while (QLayoutItem* item = layout->takeAt(0)) {
        if (QWidget* widget = item->widget()) widget->deleteLater();
        if (QLayout* inner = item->layout()) clear(inner);
        delete item;
    }
}

}  // namespace

StartPage::StartPage(const UiContext& context, QWidget* parent) : Page(context, parent) {
    auto* content = new QWidget;
    content->setMaximumWidth(reading_width);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(24, 32, 24, 24);
    column->setSpacing(16);
    column->addWidget(label(tr("Which layers need full attention?"), "title"));
    auto* lead = label(tr("Open a pretrained transformer, train a linear block beside each attention layer, find where "
                          "attention must stay, and compare what both write."),
                       "muted");
    lead->setWordWrap(true);
    column->addWidget(lead);

    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    const auto add_button = [&](const QString& text, const QString& tip, bool primary, const QString& action) {
        QPushButton* made = button(text, primary);
        made->setMinimumHeight(40);
        made->setToolTip(tip);
        connect(made, &QPushButton::clicked, this, [this, action] {
            if (QAction* found = m_context.actions ? m_context.actions->action(action) : nullptr) found->trigger();
        });
        buttons->addWidget(made);
    };
    add_button(tr("Open model or study…"), tr("Ctrl+O"), true, QStringLiteral("file.open"));
    add_button(tr("New study from model…"), tr("Ctrl+N"), false, QStringLiteral("file.new"));
    add_button(tr("Demo: SmolLM2-135M"), tr("Opens the demo study; makes it at the first time"), false, QStringLiteral("help.demo"));
    buttons->addStretch();
    column->addLayout(buttons);
    column->addWidget(label(tr("or drop a .gguf, .safetensors or .airframe file anywhere in the window"), "muted"));

    m_error = new ErrorCard(context.theme);
    column->addWidget(m_error);

    const Card interrupted = card(tr("Interrupted"));
    m_interrupted_box = interrupted.frame;
    m_interrupted = new QVBoxLayout;
    m_interrupted->setSpacing(8);
    interrupted.column->addLayout(m_interrupted);
    column->addWidget(m_interrupted_box);

    const Card recents = card(tr("Recent studies"));
    m_recents_box = recents.frame;
    m_recents = new QVBoxLayout;
    m_recents->setSpacing(0);
    recents.column->addLayout(m_recents);
    column->addWidget(m_recents_box);
    column->addStretch();

    auto* middle = new QWidget;
    auto* row = new QHBoxLayout(middle);
    row->setContentsMargins(0, 0, 0, 0);
    row->addStretch(1);
    row->addWidget(content, 1000);
    row->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(middle);
    auto* whole = new QVBoxLayout(this);
    whole->setContentsMargins(0, 0, 0, 0);
    whole->addWidget(scroll);

    connect(context.opener, &StudyOpener::recentsChanged, this, &StartPage::fillRecents, Qt::QueuedConnection);
    connect(context.opener, &StudyOpener::failed, this, [this](const Problem& problem) {
        m_error->show(problem);
        Q_EMIT stateChanged();
    });
    connect(context.opener, &StudyOpener::currentChanged, this, [this] { m_error->clear(); });
    fillRecents();
    fillInterrupted();
}

void StartPage::setSnapshot(const SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    fillInterrupted();
}

Page::State StartPage::state() const {
    if (!m_error->problem().isEmpty()) return State::failed;
    return m_snapshot ? State::ready : State::empty;
}

QString StartPage::summary() const {
    if (!m_error->problem().isEmpty()) return m_error->problem().what;
    return m_snapshot ? tr("The study %1 is open.").arg(QString::fromStdString(m_snapshot->path)) : tr("No study is open.");
}

void StartPage::fillRecents() {
    clear(m_recents);
    const QList<RecentStudy> recents = m_context.opener->recents();
    m_recents_box->setVisible(!recents.isEmpty());
    for (const RecentStudy& recent : recents) {
        auto* row = new RecentRow(m_context.theme, recent);
        if (!row->missing()) {
            connect(row, &QAbstractButton::clicked, this, [this, path = recent.path] { m_context.opener->open(path); });
            m_recents->addWidget(row);
            continue;
        }
        auto* locate = button(tr("Locate…"));
        auto* remove = button(tr("Remove"));
        auto* line = new QHBoxLayout;
        line->setSpacing(8);
        line->addWidget(row, 1);
        line->addWidget(locate);
        line->addWidget(remove);
        m_recents->addLayout(line);
        row->setEnabled(false);
        connect(locate, &QPushButton::clicked, this, [this, path = recent.path] {
            const QString found = QFileDialog::getOpenFileName(this, tr("Where is %1 now?").arg(path), {}, tr("Studies (*.airframe)"));
            if (found.isEmpty()) return;
            m_context.opener->forget(path);
            m_context.opener->open(found);
        });
        connect(remove, &QPushButton::clicked, this, [this, path = recent.path] { m_context.opener->forget(path); });
    }
}

void StartPage::fillInterrupted() {
    const std::vector<RunRow> runs = m_snapshot ? interruptedRuns(*m_snapshot) : std::vector<RunRow>();
    QString key;
    for (const RunRow& run : runs) key += QString::number(run.id) + QLatin1Char(' ');
    m_interrupted_box->setVisible(!runs.empty());
    if (key == m_interrupted_key) return;
    m_interrupted_key = key;
    clear(m_interrupted);
    for (const RunRow& run : runs) {
        auto* resume = button(tr("Resume"), true);
        auto* line = new QHBoxLayout;
        line->addWidget(label(interruptionText(run)), 1);
        line->addWidget(resume);
        m_interrupted->addLayout(line);
        connect(resume, &QPushButton::clicked, this, [this, run] { resumeRun(*m_context.engine, run); });
    }
}

}  // namespace airframe::ui
