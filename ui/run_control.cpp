// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run_control.h"

#include <QDateTime>
#include <QThreadPool>
#include <QtDebug>

#include "core/study/study.h"

namespace airframe::ui {

void commandRun(const QString& study, qint64 run, const QString& kind) {
    QThreadPool::globalInstance()->start([study, run, kind] {
        try {
            ControlRow row;
            row.run_id = run;
            row.at = QDateTime::currentMSecsSinceEpoch();
            row.who = qEnvironmentVariable("USER", QStringLiteral("window")).toStdString();
            row.kind = kind.toStdString();
            row.payload_json = "{}";
            Study::open(study.toStdString())->addControl(row);
        } catch (const std::exception& error) {
            qWarning().noquote() << error.what();
        }
    });
}

}  // namespace airframe::ui
