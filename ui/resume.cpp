// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/resume.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <algorithm>

#include "ui/engine_client.h"
#include "ui/number_text.h"

namespace airframe::ui {

qint64 resumeRun(EngineClient& engine, const RunRow& run) {
    // Training knows from its checkpoint what was asked; the others are asked the same again, and what they have
    // evaluated is found in the study.
    QJsonObject params;
    if (run.kind == "train") params.insert(QStringLiteral("resume"), true);
    else params = QJsonDocument::fromJson(QByteArray::fromStdString(run.params_json)).object();
    params.remove(QLatin1String("study"));  // the study may have been moved since
    return engine.request(QString::fromStdString(run.kind), params);
}

std::vector<RunRow> interruptedRuns(const StudySnapshot& snapshot) {
    std::vector<RunRow> found;
    for (const std::string kind : {"search", "score", "throughput", "importance", "train"}) {
        const RunRow* latest = snapshot.latestRun(kind);
        if (latest && latest->state == RunState::interrupted) found.push_back(*latest);
    }
    std::sort(found.begin(), found.end(), [](const RunRow& a, const RunRow& b) { return a.id > b.id; });
    return found;
}

QString interruptionText(const RunRow& run) {
    QString text = QCoreApplication::translate("resume", "%1 was interrupted").arg(jobName(QString::fromStdString(run.kind)));
    if (run.total > 0)
        text += QCoreApplication::translate("resume", " at %1 of %2").arg(countText(run.done), countText(run.total));
    return text + QCoreApplication::translate("resume", ", started %1").arg(agoText(run.created));
}

QString jobName(const QString& kind) {
    const auto named = [](const char* text) { return QCoreApplication::translate("job", text); };
    if (kind == QLatin1String("train")) return named("Training");
    if (kind == QLatin1String("importance")) return named("Importance");
    if (kind == QLatin1String("search")) return named("Placement search");
    if (kind == QLatin1String("score")) return named("Scoring");
    if (kind == QLatin1String("throughput")) return named("Speed measurement");
    if (kind == QLatin1String("generate")) return named("Generation");
    if (kind == QLatin1String("export")) return named("Export");
    if (kind == QLatin1String("import")) return named("Import");
    if (kind == QLatin1String("new")) return named("New study");
    if (kind == QLatin1String("load")) return named("Loading");
    if (kind == QLatin1String("pack")) return named("Packing the weights");
    return kind;
}

}  // namespace airframe::ui
