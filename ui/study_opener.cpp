// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/study_opener.h"

#include <QDir>
#include <QFileInfo>
#include <QSettings>
#include <QStandardPaths>

#include "core/formats/model_name.h"
#include "core/study/study.h"
#include "ui/engine_client.h"
#include "ui/number_text.h"
#include "ui/placement_text.h"
#include "ui/resume.h"
#include "ui/settings.h"
#include "ui/study_reader.h"

namespace airframe::ui {

namespace {

constexpr int most_recents = 8;

QString cacheFolder() {
    const QString set = qEnvironmentVariable("AIRFRAME_CACHE");
    return set.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation) + QStringLiteral("/airframe") : set;
}

bool isStudy(const QString& path) {
    return path.endsWith(QLatin1String(".airframe"));
}

bool isModel(const QString& path) {
    const QFileInfo info(path);
    if (info.isDir()) return QFileInfo::exists(info.filePath() + QStringLiteral("/config.json"));
    return path.endsWith(QLatin1String(".gguf")) || path.endsWith(QLatin1String(".safetensors"));
}

/// Whether a study may be opened for a model. One whose model has gone elsewhere or that cannot be read may: opening it says so.
bool isStudyOf(const QString& study, const QString& model) {
    try {
        const auto path = QString::fromStdString(Study::open(study.toStdString(), Study::Mode::read_only)->model().path);
        return !QFileInfo::exists(path) || QFileInfo(path).canonicalFilePath() == QFileInfo(model).canonicalFilePath();
    } catch (const std::exception&) {
        return true;
    }
}

QString stateText(const StudySnapshot& snapshot) {
    QStringList parts;
    if (!interruptedRuns(snapshot).empty()) parts << StudyOpener::tr("interrupted");
    if (snapshot.checkpoints.empty()) {
        parts << StudyOpener::tr("nothing trained yet");
    } else {
        parts << StudyOpener::tr("trained on %1 tokens").arg(shortCountText(static_cast<double>(snapshot.checkpoints.back().tokens)));
        parts << StudyOpener::tr("%1 placements").arg(snapshot.candidates.size());
        parts << StudyOpener::tr("%1 speeds").arg(snapshot.measurements.size());
    }
    return parts.join(QStringLiteral(" · "));
}

/// The strip a recent study is remembered by: the best placement that its last search kept.
QString stripOf(const StudySnapshot& snapshot) {
    const ProposalRow* best = nullptr;
    for (const ProposalRow& proposal : snapshot.proposals)
        if (proposal.kept && proposal.state == "done" && (!best || proposal.score > best->score)) best = &proposal;
    return best ? QString::fromStdString(best->placement) : teacherText(snapshot.model.layers);
}

}  // namespace

StudyOpener::StudyOpener(EngineClient* engine, StudyReader* reader, QObject* parent)
    : QObject(parent), m_engine(engine), m_reader(reader) {
    connect(engine, &EngineClient::finished, this, [this](qint64 id, const QString&, const QJsonObject&) {
        if (id != m_create_job || id == 0) return;
        m_create_job = 0;
        openStudy(m_creating);
    });
    connect(engine, &EngineClient::failed, this, [this](qint64 id, const QString&, const QJsonObject& error) {
        if (id != m_create_job || id == 0) return;
        m_create_job = 0;
        Q_EMIT failed(Problem::fromEngine(tr("Making a study for the model"), error));
    });
    connect(reader, &StudyReader::snapshotChanged, this, [this](const SnapshotPtr& snapshot) {
        if (snapshot) remember(*snapshot);
    });
    connect(reader, &StudyReader::failed, this, [this](const QString& where, const QString& what, const QString& hint) {
        Q_EMIT failed({tr("Opening the study"), where, what, hint});
    });
}

void StudyOpener::open(const QString& path) {
    const QString absolute = QFileInfo(path).absoluteFilePath();
    if (!QFileInfo::exists(absolute)) {
        Q_EMIT failed({tr("Opening"), absolute, tr("there is no such file or folder"),
                       tr("If it was moved, open it from where it is now.")});
    } else if (isStudy(absolute)) {
        openStudy(absolute);
    } else if (isModel(absolute)) {
        const QString study = studyFor(absolute);
        if (QFileInfo::exists(study)) openStudy(study);
        else createFromModel(absolute, study);
    } else {
        Q_EMIT failed({tr("Opening"), absolute, tr("this is neither a study nor a model"),
                       tr("Open a .airframe, .gguf or .safetensors file, or a folder with a config.json.")});
    }
}

void StudyOpener::createFromModel(const QString& model, const QString& study) {
    close();
    QDir().mkpath(QFileInfo(study).absolutePath());
    m_creating = study;
    m_model = model;
    Q_EMIT modelOpening(model);
    m_create_job = m_engine->request(QStringLiteral("new"), {{QStringLiteral("model"), model}, {QStringLiteral("study"), study}});
}

void StudyOpener::openDemo() {
    const QString study = dataFolder() + QStringLiteral("/smollm2.airframe");
    if (QFileInfo::exists(study)) return openStudy(study);
    if (!QFileInfo::exists(demoModel())) {
        Q_EMIT failed({tr("Opening the demo"), demoModel(), tr("the demo model is not installed"),
                       tr("Run app/run once: it fetches SmolLM2-135M-Instruct (98 MB).")});
        return;
    }
    createFromModel(demoModel(), study);
}

void StudyOpener::openStudy(const QString& path) {
    m_current = path;
    m_model.clear();
    m_create_job = 0;
    m_engine->setStudy(path);
    m_reader->open(path);
    Q_EMIT currentChanged(path);
}

void StudyOpener::close() {
    m_current.clear();
    m_model.clear();
    m_create_job = 0;
    m_engine->setStudy({});
    m_reader->close();
    Q_EMIT currentChanged({});
}

QString StudyOpener::studyFor(const QString& model) {
    const QString name = dataFolder() + QLatin1Char('/') + QString::fromStdString(modelName(model.toStdString()));
    for (int i = 1;; ++i) {
        const QString study = name + (i > 1 ? QStringLiteral(" %1").arg(i) : QString()) + QStringLiteral(".airframe");
        if (!QFileInfo::exists(study) || isStudyOf(study, model)) return study;
    }
}

QString StudyOpener::dataFolder() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/airframe");
}

QString StudyOpener::demoModel() {
    const QString set = qEnvironmentVariable("AIRFRAME_MODEL");
    return set.isEmpty() ? cacheFolder() + QStringLiteral("/models/SmolLM2-135M-Instruct.Q4_1.gguf") : set;
}

QString StudyOpener::trainingText() {
    const QString set = qEnvironmentVariable("AIRFRAME_TEXT");
    const QString path = set.isEmpty() ? cacheFolder() + QStringLiteral("/text") : set;
    return QFileInfo::exists(path) ? path : QString();
}

QString StudyOpener::dropMeaning(const QString& path) {
    const QString name = QFileInfo(path).fileName();
    if (isStudy(path)) return tr("Open the study %1").arg(name);
    if (isModel(path)) return tr("Open %1 as the base model of a study").arg(name);
    return {};
}

QList<RecentStudy> StudyOpener::recents() const {
    QSettings store;
    QList<RecentStudy> found;
    const int size = store.beginReadArray(QLatin1String(settings::recents));
    for (int i = 0; i < size; ++i) {
        store.setArrayIndex(i);
        found << RecentStudy{store.value(QStringLiteral("path")).toString(), store.value(QStringLiteral("model")).toString(),
                             store.value(QStringLiteral("state")).toString(), store.value(QStringLiteral("strip")).toString()};
    }
    return found;
}

namespace {

void writeRecents(const QList<RecentStudy>& recents) {
    QSettings store;
    store.remove(QLatin1String(settings::recents));
    store.beginWriteArray(QLatin1String(settings::recents), static_cast<int>(recents.size()));
    for (int i = 0; i < recents.size(); ++i) {
        store.setArrayIndex(i);
        store.setValue(QStringLiteral("path"), recents[i].path);
        store.setValue(QStringLiteral("model"), recents[i].model);
        store.setValue(QStringLiteral("state"), recents[i].state);
        store.setValue(QStringLiteral("strip"), recents[i].strip);
    }
    store.endArray();
}

}  // namespace

void StudyOpener::forget(const QString& path) {
    QList<RecentStudy> list = recents();
    list.removeIf([&](const RecentStudy& recent) { return recent.path == path; });
    writeRecents(list);
    Q_EMIT recentsChanged();
}

void StudyOpener::remember(const StudySnapshot& snapshot) {
    RecentStudy now{QString::fromStdString(snapshot.path),
                    QString::fromStdString(modelName(snapshot.model.path)), stateText(snapshot), stripOf(snapshot)};
    QList<RecentStudy> list = recents();
    if (!list.isEmpty() && list.first().path == now.path && list.first().state == now.state && list.first().strip == now.strip) return;
    list.removeIf([&](const RecentStudy& recent) { return recent.path == now.path; });
    list.prepend(now);
    while (list.size() > most_recents) list.removeLast();
    writeRecents(list);
    Q_EMIT recentsChanged();
}

}  // namespace airframe::ui
