// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/steer_run.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QJsonDocument>
#include <QJsonObject>
#include <QThreadPool>
#include <QtDebug>

#include "core/base/error.h"
#include "core/study/search/beam.h"
#include "core/study/study.h"
#include "ui/engine_client.h"
#include "ui/models/search_choices.h"
#include "ui/models/search_result.h"

namespace airframe::ui {

namespace {
QString tr(const char* text) { return QCoreApplication::translate("Steering", text); }
}  // namespace

void steerRun(EngineClient& engine, const StudySnapshot& snapshot, std::int64_t run, const Steering& steering) {
    const std::string json = steering.json();
    if (engine.currentOp() == QLatin1String("search")) {
        engine.steer(engine.current(), QJsonDocument::fromJson(QByteArray::fromStdString(json)).object());
        return;
    }
    QThreadPool::globalInstance()->start([path = snapshot.path, run, json] {
        try {
            ControlRow row;
            row.run_id = run;
            row.at = QDateTime::currentMSecsSinceEpoch();
            row.who = qEnvironmentVariable("USER", QStringLiteral("window")).toStdString();
            row.kind = "steer";
            row.payload_json = json;
            Study::open(path)->addControl(row);
        } catch (const std::exception& error) {
            qWarning().noquote() << error.what();  // the choice is not taken; the log of the search shows that
        }
    });
}

QString previewSteering(const StudySnapshot& snapshot, std::int64_t run, const SearchChoices& now, const Steering& steering) {
    try {
        const std::string state = Study::open(snapshot.path, Study::Mode::read_only)->searchState(run);
        if (state.empty()) return tr("The search has not written its state yet: no preview.");
        Constraints constraints;
        constraints.layers = snapshot.model.layers;
        constraints.budget = now.budget;
        constraints.width = now.width;
        constraints.pinned = now.pinned;
        constraints.forbidden = now.forbidden;
        BeamSearch search(constraints);
        search.restore(state);
        const QString effect = effectText(search.preview(steering));
        return effect.isEmpty() ? steeringText(steering) : effect;
    } catch (const Failure& failure) {
        return tr("Cannot be applied: %1").arg(QString::fromStdString(failure.error().what));
    } catch (const std::exception& error) {
        return tr("No preview: %1").arg(QString::fromUtf8(error.what()));
    }
}

}  // namespace airframe::ui
