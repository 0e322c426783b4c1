// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QFileInfo>
#include <QIcon>
#include <QLocale>
#include <QSettings>
#include <QTextStream>
#include <QTimer>

#include "app/explorer/command_line.h"
#include "app/explorer/screenshots.h"
#include "ui/actions.h"
#include "ui/engine_client.h"
#include "ui/main_window.h"
#include "ui/placement_text.h"
#include "ui/selection.h"
#include "ui/settings.h"
#include "ui/study_opener.h"
#include "ui/study_reader.h"
#include "ui/theme.h"

namespace {

constexpr int no_display = 2;
constexpr int screenshot_patience_ms = 20000;  // for the first snapshot of the study

bool hasDisplay() {
    return !qEnvironmentVariableIsEmpty("DISPLAY") || !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") ||
           !qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM");
}

QString engineProgram() {
    const QString set = qEnvironmentVariable("AIRFRAME_ENGINE");
    return set.isEmpty() ? QCoreApplication::applicationDirPath() + QStringLiteral("/airframe-engine") : set;
}

airframe::ui::Theme::Scheme schemeFrom(const QString& word) {
    using Scheme = airframe::ui::Theme::Scheme;
    return word == QLatin1String("light") ? Scheme::light : word == QLatin1String("dark") ? Scheme::dark : Scheme::system;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace airframe::ui;
    // Before there is an application, because help and errors must come without a display.
    QStringList arguments;
    for (int i = 0; i < argc; ++i) arguments << QString::fromLocal8Bit(argv[i]);
    std::optional<int> exit_status;
    const CommandLine asked = CommandLine::parse(arguments, exit_status);
    if (exit_status) return *exit_status;
    if (!hasDisplay()) {
        QTextStream(stderr) << "error: DISPLAY: there is no display for the window; use app/run --headless, or start it in a "
                               "graphical session\n";
        return no_display;
    }

    QCoreApplication::setOrganizationName(QStringLiteral("airframe"));
    QCoreApplication::setApplicationName(QStringLiteral("airframe"));
    QCoreApplication::setApplicationVersion(QStringLiteral(AIRFRAME_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("org.airframe.Airframe"));
    QApplication app(argc, argv);
    QApplication::setWindowIcon(QIcon(QStringLiteral(":/icons/airframe.svg")));
    // Numbers read the same on every machine and in every screenshot: 1,234.5.
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    QSettings store;
    settings::migrate(store);

    Theme theme;
    theme.setTypeScale(store.value(QLatin1String(settings::type_scale), 1.0).toDouble());
    theme.apply(app, schemeFrom(asked.theme.isEmpty() ? store.value(QLatin1String(settings::theme)).toString() : asked.theme));
    Selection selection;
    EngineClient engine(engineProgram());
    StudyReader reader;
    StudyOpener opener(&engine, &reader);
    Actions actions;
    MainWindow window({&selection, &engine, &reader, &theme, &actions, &opener});
    if (asked.size.isValid()) window.resize(asked.size);
    window.show();
    if (!asked.path.isEmpty()) QTimer::singleShot(0, &opener, [&] { opener.open(asked.path); });

    Screenshots screenshots(&window, asked.screenshots);
    if (!asked.screenshots.isEmpty()) {
        const auto begin = [&] {
            const SnapshotPtr snapshot = reader.snapshot();
            if (snapshot && blocksOf(asked.slot_b).size() == snapshot->model.layers) selection.setSlotB(asked.slot_b);
            screenshots.start();
        };
        if (asked.path.isEmpty()) {
            begin();
        } else {
            QObject::connect(&reader, &StudyReader::snapshotChanged, &screenshots, begin, Qt::SingleShotConnection);
            QObject::connect(&opener, &StudyOpener::failed, &screenshots, begin, Qt::SingleShotConnection);
            QTimer::singleShot(screenshot_patience_ms, &screenshots, [&] {
                if (screenshots.started()) return;
                QTextStream(stderr) << "error: study: it was not read in time\n";
                QCoreApplication::exit(1);
            });
        }
    }
    return QApplication::exec();
}
