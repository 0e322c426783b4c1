// SPDX-License-Identifier: GPL-3.0-or-later
// The window's own commands; pages add theirs in their constructors.
#include <QActionGroup>
#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QSettings>

#include "ui/actions.h"
#include "ui/main_window.h"
#include "ui/pages/page_list.h"
#include "ui/placement_text.h"
#include "ui/selection.h"
#include "ui/settings.h"
#include "ui/study_opener.h"
#include "ui/theme.h"
#include "ui/widgets/command_palette.h"
#include "ui/widgets/job_bar.h"

namespace airframe::ui {

namespace {

constexpr double presenter_scale = 1.6;
constexpr double scale_step = 1.1;

QString rememberedFolder() {
    return QSettings().value(QLatin1String(settings::last_folder), StudyOpener::dataFolder()).toString();
}

void rememberFolder(const QString& path) {
    QSettings().setValue(QLatin1String(settings::last_folder), QFileInfo(path).absolutePath());
}

}  // namespace

void MainWindow::addActions() {
    addFileActions();
    addSlotActions();
    addViewActions();
    addHelpActions();
}

void MainWindow::addFileActions() {
    Actions& actions = *m_context.actions;
    connect(actions.add(QStringLiteral("file.open"), MenuId::file, tr("&Open model or study…"), QKeySequence::Open,
                        tr("Opens a study, a GGUF or safetensors file")),
            &QAction::triggered, this, [this] {
                const QString path = QFileDialog::getOpenFileName(
                    this, tr("Open model or study"), rememberedFolder(),
                    tr("Studies and models (*.airframe *.gguf *.safetensors);;All files (*)"));
                if (path.isEmpty()) return;
                rememberFolder(path);
                m_context.opener->open(path);
            });
    connect(actions.add(QStringLiteral("file.openFolder"), MenuId::file, tr("Open model &folder…"),
                        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O), tr("Opens a folder with config.json and safetensors files")),
            &QAction::triggered, this, [this] {
                const QString path = QFileDialog::getExistingDirectory(this, tr("Open model folder"), rememberedFolder());
                if (!path.isEmpty()) m_context.opener->open(path);
            });
    connect(actions.add(QStringLiteral("file.new"), MenuId::file, tr("&New study from model…"), QKeySequence::New,
                        tr("Makes an empty study for a model file")),
            &QAction::triggered, this, [this] {
                const QString model = QFileDialog::getOpenFileName(this, tr("The model"), rememberedFolder(),
                                                                   tr("Models (*.gguf *.safetensors);;All files (*)"));
                if (model.isEmpty()) return;
                rememberFolder(model);
                QString study = QFileDialog::getSaveFileName(this, tr("The new study"), StudyOpener::studyFor(model),
                                                             tr("Studies (*.airframe)"));
                if (study.isEmpty()) return;
                if (!study.endsWith(QLatin1String(".airframe"))) study += QStringLiteral(".airframe");
                m_context.opener->createFromModel(model, study);
            });
    actions.addSeparator(MenuId::file);
    connect(actions.add(QStringLiteral("file.close"), MenuId::file, tr("&Close study"), QKeySequence::Close),
            &QAction::triggered, m_context.opener, &StudyOpener::close);
    connect(actions.add(QStringLiteral("file.quit"), MenuId::file, tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q)),
            &QAction::triggered, this, &QWidget::close);
}

void MainWindow::addSlotActions() {
    Actions& actions = *m_context.actions;
    Selection* selection = m_context.selection;
    const auto candidate = [selection] {
        return selection->selected().isEmpty() ? selection->hovered() : selection->selected();
    };
    connect(actions.add(QStringLiteral("edit.slotA"), MenuId::edit, tr("Put the selected placement in slot &A"),
                        QKeySequence(Qt::Key_A)),
            &QAction::triggered, this, [selection, candidate] {
                if (!candidate().isEmpty()) selection->setSlotA(candidate());
            });
    connect(actions.add(QStringLiteral("edit.slotB"), MenuId::edit, tr("Put the selected placement in slot &B"),
                        QKeySequence(Qt::Key_B)),
            &QAction::triggered, this, [selection, candidate] {
                if (!candidate().isEmpty()) selection->setSlotB(candidate());
            });
    connect(actions.add(QStringLiteral("edit.originalA"), MenuId::edit, tr("Put the &original in slot A")),
            &QAction::triggered, this, [this, selection] {
                if (m_snapshot) selection->setSlotA(teacherText(m_snapshot->model.layers));
            });
    connect(actions.add(QStringLiteral("edit.swap"), MenuId::edit, tr("S&wap A and B"), QKeySequence(Qt::Key_X)),
            &QAction::triggered, this, [selection] {
                const QString a = selection->slotA(), b = selection->slotB();
                if (b.isEmpty()) return;
                selection->setSlotA(b);
                selection->setSlotB(a);
            });
    actions.addSeparator(MenuId::edit);
    connect(actions.add(QStringLiteral("edit.copyPlacement"), MenuId::edit, tr("&Copy the selected placement as text"),
                        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C)),
            &QAction::triggered, this, [candidate] { QApplication::clipboard()->setText(candidate()); });
    connect(actions.add(QStringLiteral("search.pause"), MenuId::search, tr("&Pause or resume the running job"),
                        QKeySequence(Qt::Key_Space)),
            &QAction::triggered, this, [this] { m_jobs->togglePause(); });
    connect(actions.add(QStringLiteral("search.stop"), MenuId::search, tr("&Stop the running job, keep the results"),
                        QKeySequence(Qt::CTRL | Qt::Key_Period)),
            &QAction::triggered, this, [this] { m_jobs->stopKeeping(); });
    connect(actions.add(QStringLiteral("search.cancel"), MenuId::search, tr("&Cancel the running job now")),
            &QAction::triggered, this, [this] { m_jobs->cancelNow(); });
}

void MainWindow::addViewActions() {
    Actions& actions = *m_context.actions;
    int number = 0;
    for (const PageType& type : pageTable()) {
        ++number;
        connect(actions.add(QStringLiteral("page.") + type.id, MenuId::view, QStringLiteral("&%1 %2").arg(number).arg(type.title),
                            QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_0 + number)), type.hint),
                &QAction::triggered, this, [this, id = type.id] { showPage(id); });
    }
    actions.addSeparator(MenuId::view);
    auto* schemes = new QActionGroup(this);
    const QStringList names = {tr("Theme of the &desktop"), tr("&Light theme"), tr("Dar&k theme")};
    for (int i = 0; i < names.size(); ++i) {
        QAction* action = actions.add(QStringLiteral("view.theme%1").arg(i), MenuId::view, names[i]);
        action->setCheckable(true);
        action->setActionGroup(schemes);
        action->setChecked(static_cast<int>(m_context.theme->scheme()) == i);
        connect(action, &QAction::triggered, this, [this, i] { setScheme(i); });
    }
    actions.addSeparator(MenuId::view);
    connect(actions.add(QStringLiteral("view.larger"), MenuId::view, tr("Lar&ger type"), QKeySequence(Qt::CTRL | Qt::Key_Equal)),
            &QAction::triggered, this, [this] { setTypeScale(m_context.theme->typeScale() * scale_step); });
    connect(actions.add(QStringLiteral("view.smaller"), MenuId::view, tr("S&maller type"), QKeySequence(Qt::CTRL | Qt::Key_Minus)),
            &QAction::triggered, this, [this] { setTypeScale(m_context.theme->typeScale() / scale_step); });
    QAction* presenter = actions.add(QStringLiteral("view.presenter"), MenuId::window, tr("&Presenter mode"),
                                     QKeySequence(Qt::Key_F11), tr("Full screen with type 1.6 times as large"));
    presenter->setCheckable(true);
    connect(presenter, &QAction::toggled, this, [this](bool on) {
        if (on) m_normal_scale = m_context.theme->typeScale();
        m_context.theme->setTypeScale(on ? m_normal_scale * presenter_scale : m_normal_scale);
        m_context.theme->apply(*qApp, m_context.theme->scheme());
        on ? showFullScreen() : showNormal();
    });
    connect(actions.add(QStringLiteral("window.standardSize"), MenuId::window, tr("Restore the &standard size")),
            &QAction::triggered, this, [this] {
                showNormal();
                resize(1280, 800);
            });
}

void MainWindow::addHelpActions() {
    Actions& actions = *m_context.actions;
    connect(actions.add(QStringLiteral("help.demo"), MenuId::help, tr("Open the &demo study"), {},
                        tr("SmolLM2-135M, made at the first time")),
            &QAction::triggered, m_context.opener, &StudyOpener::openDemo);
    connect(actions.add(QStringLiteral("help.commands"), MenuId::help, tr("&Find a command…"), QKeySequence(Qt::CTRL | Qt::Key_K),
                        tr("Any command by a few letters of its name")),
            &QAction::triggered, this, [this] { m_palette->open(); });
    connect(actions.add(QStringLiteral("help.keys"), MenuId::help, tr("&Keys"), QKeySequence(Qt::SHIFT | Qt::Key_F1)),
            &QAction::triggered, this, &MainWindow::showKeys);
    connect(actions.add(QStringLiteral("help.about"), MenuId::help, tr("&About Airframe")), &QAction::triggered, this, [this] {
        QMessageBox::about(this, tr("About Airframe"),
                           tr("Airframe %1\n\nAn explorer for hybrid-attention language models.\n"
                              "GPL-3.0-or-later. It never uses the network.")
                               .arg(QStringLiteral(AIRFRAME_VERSION)));
    });
}

void MainWindow::setScheme(int scheme) {
    m_context.theme->apply(*qApp, static_cast<Theme::Scheme>(scheme));
    const QStringList words = {QStringLiteral("system"), QStringLiteral("light"), QStringLiteral("dark")};
    QSettings().setValue(QLatin1String(settings::theme), words.value(scheme));
}

void MainWindow::setTypeScale(double scale) {
    m_context.theme->setTypeScale(scale);
    m_context.theme->apply(*qApp, m_context.theme->scheme());
    QSettings().setValue(QLatin1String(settings::type_scale), m_context.theme->typeScale());
}

void MainWindow::showKeys() {
    QString rows;
    for (const QAction* action : m_context.actions->all()) {
        if (action->shortcut().isEmpty()) continue;
        QString text = action->text();
        text.remove(QLatin1Char('&'));
        rows += QStringLiteral("<tr><td style='padding-right:24px'><b>%1</b></td><td>%2</td></tr>")
                    .arg(action->shortcut().toString(QKeySequence::NativeText).toHtmlEscaped(), text.toHtmlEscaped());
    }
    QMessageBox box(QMessageBox::NoIcon, tr("Keys"), QStringLiteral("<table>%1</table>").arg(rows), QMessageBox::Close, this);
    box.setTextFormat(Qt::RichText);
    box.exec();
}

}  // namespace airframe::ui
