// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QFileInfo>
#include <QKeyEvent>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/actions.h"
#include "ui/engine_client.h"
#include "ui/pages/page_list.h"
#include "ui/placement_text.h"
#include "ui/resume.h"
#include "ui/selection.h"
#include "ui/settings.h"
#include "ui/study_opener.h"
#include "ui/study_reader.h"
#include "ui/theme.h"
#include "ui/widgets/banner.h"
#include "ui/widgets/command_palette.h"
#include "ui/widgets/job_bar.h"
#include "ui/widgets/path_bar.h"
#include "ui/widgets/slot_bar.h"

namespace airframe::ui {

MainWindow::MainWindow(const UiContext& context, QWidget* parent) : QMainWindow(parent), m_context(context) {
    setMinimumSize(1024, 700);
    setAcceptDrops(true);
    auto* center = new QWidget;
    auto* column = new QVBoxLayout(center);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_path = new PathBar(context.theme);
    m_slots = new SlotBar(context.theme, context.selection);
    m_banner = new Banner(context.theme);
    m_stack = new QStackedWidget;
    column->addWidget(m_path);
    column->addWidget(m_slots);
    column->addWidget(m_banner);
    column->addWidget(m_stack, 1);
    setCentralWidget(center);
    m_jobs = new JobBar(context.engine);
    statusBar()->addWidget(m_jobs, 1);
    statusBar()->setSizeGripEnabled(false);
    m_drop = new QLabel(this);
    m_drop->setAlignment(Qt::AlignCenter);
    m_drop->hide();

    addActions();
    for (const PageType& type : pageTable()) {
        Page* page = type.make(m_context, m_stack);
        page->setObjectName(type.id);
        page->setAccessibleName(type.title);
        m_stack->addWidget(page);
        m_path->addStep(type.title, type.hint);
        m_pages.push_back(page);
        connect(page, &Page::stateChanged, this, &MainWindow::updateStates);
    }
    connect(m_path, &PathBar::picked, this, &MainWindow::switchTo);
    m_context.actions->install(menuBar(), this);
    m_palette = new CommandPalette(m_context.actions, this);
    auto* palette_button = new QToolButton;
    palette_button->setDefaultAction(m_context.actions->action(QStringLiteral("help.commands")));
    palette_button->setText(tr("Ctrl+K"));
    palette_button->setAccessibleName(tr("Find a command"));
    m_path->addCorner(palette_button);

    connect(context.reader, &StudyReader::snapshotChanged, this, &MainWindow::setSnapshot);
    connect(context.opener, &StudyOpener::currentChanged, this, [this](const QString& path) {
        for (auto set : {&Selection::setHovered, &Selection::setSelected, &Selection::setSlotA, &Selection::setSlotB})
            (m_context.selection->*set)({});
        m_context.selection->setLayer(-1);
        m_banner->hide();
        if (path.isEmpty()) showPage(QStringLiteral("start"));
        updateTitle();
    });
    connect(context.opener, &StudyOpener::modelOpening, this, [this] { showPage(QStringLiteral("model")); });
    // A model that cannot be opened shows why where its header would stand.
    connect(context.opener, &StudyOpener::failed, this,
            [this] { showPage(m_context.opener->modelInHand().isEmpty() ? QStringLiteral("start") : QStringLiteral("model")); });
    connectEngine();
    qApp->installEventFilter(this);
    switchTo(0);
    setSnapshot(context.reader->snapshot());
    const QSettings store;
    if (!restoreGeometry(store.value(QLatin1String(settings::geometry)).toByteArray())) resize(1280, 800);
}

MainWindow::~MainWindow() {
    qApp->removeEventFilter(this);
}

void MainWindow::connectEngine() {
    connect(m_context.engine, &EngineClient::changed, m_context.reader, &StudyReader::refresh);
    connect(m_context.engine, &EngineClient::failed, this,
            [this](qint64, const QString& op, const QJsonObject& error) {
                if (error.value(QLatin1String("code")).toInt() == 5) m_lost_op = op;
            });
    connect(m_context.engine, &EngineClient::died, this, [this](const QString& why) {
        m_banner->tell(Banner::Kind::warning,
                       tr("%1 was lost with the engine. Everything finished is in the study. %2")
                           .arg(jobName(m_lost_op), why.section(QLatin1Char('\n'), 0, 0)),
                       m_lost_op == QLatin1String("train") || m_lost_op == QLatin1String("search") ||
                               m_lost_op == QLatin1String("importance") || m_lost_op == QLatin1String("throughput") || m_lost_op == QLatin1String("score")
                           ? tr("Resume")
                           : QString());
        m_context.reader->refresh();
    });
    connect(m_banner, &Banner::activated, this, [this] {
        const RunRow* run = m_snapshot ? m_snapshot->latestRun(m_lost_op.toStdString()) : nullptr;
        if (run) resumeRun(*m_context.engine, *run);
    });
    connect(m_jobs, &JobBar::busyChanged, this, [this] { updateStates(); });
}

void MainWindow::setSnapshot(const SnapshotPtr& snapshot) {
    const bool first = snapshot && (!m_snapshot || m_snapshot->path != snapshot->path);
    m_snapshot = snapshot;
    if (snapshot && m_context.selection->slotA().isEmpty())
        m_context.selection->setSlotA(teacherText(snapshot->model.layers));
    if (first && snapshot->newer_version) {
        m_banner->tell(Banner::Kind::info, tr("This study was written by a newer Airframe: opened read-only."));
    }
    m_slots->setSnapshot(snapshot);
    m_jobs->setSnapshot(snapshot);
    for (Page* page : m_pages) page->setSnapshot(snapshot);
    updateStates();
    updateTitle();
}

void MainWindow::showPage(const QString& id) {
    for (std::size_t i = 0; i < m_pages.size(); ++i)
        if (m_pages[i]->objectName() == id) switchTo(static_cast<int>(i));
}

QString MainWindow::currentPage() const {
    return m_stack->currentWidget()->objectName();
}

void MainWindow::switchTo(int index) {
    m_stack->setCurrentIndex(index);
    m_path->setCurrent(index);
}

void MainWindow::updateStates() {
    for (std::size_t i = 0; i < m_pages.size(); ++i) {
        m_path->setState(static_cast<int>(i), m_pages[i]->state());
        m_pages[i]->setAccessibleDescription(m_pages[i]->summary());
    }
}

void MainWindow::updateTitle() {
    const QString path = m_context.opener->current();
    setWindowTitle(path.isEmpty() ? tr("Airframe") : tr("%1 – Airframe").arg(QFileInfo(path).fileName()));
    m_context.actions->action(QStringLiteral("file.close"))->setEnabled(!path.isEmpty());
}

bool MainWindow::readyToClose() {
    if (!m_jobs->busy()) return true;
    QMessageBox box(QMessageBox::Question, tr("A job is running"),
                    tr("%1 is still running. What should it do when the window closes?")
                        .arg(jobName(m_context.engine->currentOp())),
                    QMessageBox::NoButton, this);
    box.setInformativeText(tr("Everything finished so far is already in the study."));
    QPushButton* detach = box.addButton(tr("&Keep running"), QMessageBox::AcceptRole);
    QPushButton* stop = box.addButton(tr("&Stop after this step"), QMessageBox::AcceptRole);
    QPushButton* cancel = box.addButton(tr("&Cancel it now"), QMessageBox::DestructiveRole);
    QPushButton* stay = box.addButton(tr("Do &not close"), QMessageBox::RejectRole);
    box.setDefaultButton(detach);
    box.setEscapeButton(stay);
    box.exec();
    if (box.clickedButton() == detach) {
        m_context.engine->detach();
    } else if (box.clickedButton() == stop) {
        m_context.engine->stop(m_context.engine->current());
        m_context.engine->detach();  // it ends by itself after the step, without a window
    } else if (box.clickedButton() == cancel) {
        m_context.engine->cancel(m_context.engine->current());
    } else {
        return false;
    }
    return true;
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!readyToClose()) return event->ignore();
    QSettings store;
    store.setValue(QLatin1String(settings::geometry), saveGeometry());
    event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    const QList<QUrl> urls = event->mimeData()->urls();
    const QString meaning = urls.size() == 1 ? StudyOpener::dropMeaning(urls.first().toLocalFile()) : QString();
    if (meaning.isEmpty()) return;
    m_drop->setText(meaning);
    QColor wash = m_context.theme->surface();
    m_drop->setStyleSheet(QStringLiteral("background: rgba(%1,%2,%3,230); border: 3px dashed %4; font-size: %5pt; font-weight: 600;")
                              .arg(wash.red())
                              .arg(wash.green())
                              .arg(wash.blue())
                              .arg(m_context.theme->accent().name())
                              .arg(m_context.theme->titleFont().pointSizeF()));
    m_drop->setGeometry(centralWidget()->geometry());
    m_drop->raise();
    m_drop->show();
    event->acceptProposedAction();
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent*) {
    m_drop->hide();
}

void MainWindow::dropEvent(QDropEvent* event) {
    m_drop->hide();
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() == 1) m_context.opener->open(urls.first().toLocalFile());
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event) {
    // Space is "pause", but on a button, a list or a box it stays what it is everywhere.
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space) {
        const QWidget* focus = QApplication::focusWidget();
        if (focus && (focus->inherits("QAbstractButton") || focus->inherits("QAbstractItemView") || focus->inherits("QComboBox"))) {
            event->accept();
            return true;
        }
    }
    return QMainWindow::eventFilter(watched, event);
}

}  // namespace airframe::ui
