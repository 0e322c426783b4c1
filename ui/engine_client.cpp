// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/engine_client.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QList>
#include <QTimer>

namespace airframe::ui {

namespace {

constexpr int cancel_patience_ms = 2000;  // how long a cancelled engine may take to end by itself
constexpr qsizetype log_tail = 4000;      // characters of the engine's stderr kept for died()

struct Job {
    qint64 id = 0;
    QString op;
    bool started = false;
};

}  // namespace

struct EngineClient::Impl {
    QString program, study, log;
    QProcess* process = nullptr;
    QByteArray pending_line;
    QList<Job> jobs;  ///< asked for and not over, oldest first
    qint64 last_id = 0, cancelled = 0;
    bool paused = false, detached = false;

    Job* find(qint64 id) {
        for (Job& job : jobs)
            if (job.id == id) return &job;
        return nullptr;
    }
    Job take(qint64 id) {
        for (qsizetype i = 0; i < jobs.size(); ++i)
            if (jobs[i].id == id) return jobs.takeAt(i);
        return {};
    }
    const Job* running() const {
        for (const Job& job : jobs)
            if (job.started) return &job;
        return jobs.isEmpty() ? nullptr : &jobs.first();
    }
    void send(const QJsonObject& message) const {
        if (process) process->write(QJsonDocument(message).toJson(QJsonDocument::Compact) + '\n');
    }
    void sendAbout(const char* op, qint64 target) const {
        send({{QStringLiteral("op"), QLatin1String(op)}, {QStringLiteral("target"), target}});
    }
};

EngineClient::EngineClient(QString program, QObject* parent) : QObject(parent), m(new Impl) {
    m->program = std::move(program);
}

EngineClient::~EngineClient() {
    if (m->process) {
        m->process->disconnect(this);
        if (!m->detached) {
            m->send({{QStringLiteral("op"), QStringLiteral("quit")}});
            m->process->closeWriteChannel();
            // An idle engine leaves at once; a busy one has been cancelled by whoever closes the window.
            if (!m->process->waitForFinished(300)) m->process->kill();
            delete m->process;
        }
        // A detached engine must outlive this object, and QProcess's destructor would kill it: the small object is left.
    }
    delete m;
}

void EngineClient::start() {
    m->log.clear();
    m->pending_line.clear();
    m->paused = false;
    m->process = new QProcess;
    connect(m->process, &QProcess::readyReadStandardOutput, this, [this] {
        m->pending_line += m->process->readAllStandardOutput();
        qsizetype end = 0;
        while ((end = m->pending_line.indexOf('\n')) >= 0) {
            const QByteArray line = m->pending_line.left(end);
            m->pending_line.remove(0, end + 1);
            handle(line);
        }
    });
    connect(m->process, &QProcess::readyReadStandardError, this, [this] {
        m->log = (m->log + QString::fromUtf8(m->process->readAllStandardError())).right(log_tail);
    });
    connect(m->process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            processEnded(tr("The engine program %1 could not be started: %2").arg(m->program, m->process->errorString()));
    });
    connect(m->process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        QString why = status == QProcess::CrashExit
                          ? tr("The engine was ended by the system (out of memory, or a fault in a device driver).")
                          : tr("The engine ended with status %1.").arg(code);
        if (!m->log.trimmed().isEmpty()) why += QLatin1Char('\n') + m->log.trimmed();
        processEnded(why);
    });
    m->process->start(m->program, {QStringLiteral("serve")});
    m->send({{QStringLiteral("op"), QStringLiteral("hello")}});
}

void EngineClient::processEnded(const QString& why) {
    if (!m->process) return;
    m->process->disconnect(this);
    m->process->deleteLater();
    m->process = nullptr;
    m->paused = false;
    const QList<Job> lost = std::exchange(m->jobs, {});
    const qint64 cancelled = std::exchange(m->cancelled, 0);
    for (const Job& job : lost) {
        if (job.id == cancelled) {
            Q_EMIT stopped(job.id, job.op, {{QStringLiteral("cancelled"), true}});
        } else {
            Q_EMIT failed(job.id, job.op,
                          {{QStringLiteral("code"), 5},
                           {QStringLiteral("where"), QStringLiteral("airframe-engine")},
                           {QStringLiteral("what"), why},
                           {QStringLiteral("hint"), tr("Everything finished is in the study; start the step again to resume.")}});
        }
    }
    if (!cancelled && !lost.isEmpty()) Q_EMIT died(why);
}

void EngineClient::handle(const QByteArray& line) {
    QJsonParseError error;
    const QJsonObject message = QJsonDocument::fromJson(line, &error).object();
    if (error.error != QJsonParseError::NoError) {
        m->log = (m->log + tr("not a protocol line: ") + QString::fromUtf8(line) + QLatin1Char('\n')).right(log_tail);
        return;
    }
    const QString event = message.value(QLatin1String("event")).toString();
    const qint64 id = message.value(QLatin1String("id")).toInteger();
    const QJsonObject data = message.value(QLatin1String("data")).toObject();
    if (event == QLatin1String("hello")) {
        Q_EMIT hello(message);
    } else if (event == QLatin1String("started")) {
        if (Job* job = m->find(id)) {
            job->started = true;
            Q_EMIT started(id, job->op, message.value(QLatin1String("run")).toInteger());
        }
    } else if (event == QLatin1String("progress")) {
        Q_EMIT progress(id, message);
    } else if (event == QLatin1String("state")) {
        const QString state = message.value(QLatin1String("state")).toString();
        m->paused = state == QLatin1String("paused");
        Q_EMIT stateChanged(id, state);
    } else if (event == QLatin1String("token")) {
        Q_EMIT token(id, message);
    } else if (event == QLatin1String("changed")) {
        QStringList tables;
        for (const QJsonValue& table : message.value(QLatin1String("tables")).toArray()) tables << table.toString();
        Q_EMIT changed(tables);
    } else if (event == QLatin1String("result") || event == QLatin1String("stopped")) {
        const Job job = m->take(id);
        m->paused = false;
        if (event == QLatin1String("result")) Q_EMIT finished(id, job.op, data);
        else Q_EMIT stopped(id, job.op, data);
    } else if (event == QLatin1String("error")) {
        const Job job = m->take(id);
        m->paused = false;
        Q_EMIT failed(id, job.op, message);
    }
}

qint64 EngineClient::request(const QString& op, QJsonObject params) {
    if (!m->process) start();
    if (!m->study.isEmpty() && !params.contains(QLatin1String("study"))) params.insert(QStringLiteral("study"), m->study);
    const qint64 id = ++m->last_id;
    m->jobs.append({id, op, false});
    m->send({{QStringLiteral("id"), id}, {QStringLiteral("op"), op}, {QStringLiteral("params"), params}});
    return id;
}

void EngineClient::setStudy(const QString& path) {
    m->study = path;
}

void EngineClient::pause(qint64 id) {
    m->sendAbout("pause", id);
}

void EngineClient::resume(qint64 id) {
    m->sendAbout("resume", id);
}

void EngineClient::stop(qint64 id) {
    m->sendAbout("stop", id);
}

void EngineClient::cancel(qint64 id) {
    if (!m->process || !m->find(id)) return;
    m->cancelled = id;
    m->sendAbout("cancel", id);
    QProcess* const process = m->process;
    QTimer::singleShot(cancel_patience_ms, process, [process] { process->kill(); });
}

void EngineClient::steer(qint64 id, const QJsonObject& steering) {
    m->send({{QStringLiteral("op"), QStringLiteral("steer")},
             {QStringLiteral("target"), id},
             {QStringLiteral("steering"), steering}});
}

void EngineClient::detach() {
    if (!m->process) return;
    m->detached = true;
    m->send({{QStringLiteral("op"), QStringLiteral("detach")}});
    m->process->waitForBytesWritten(200);
    m->process->closeWriteChannel();
}

qint64 EngineClient::current() const {
    const Job* job = m->running();
    return job ? job->id : 0;
}

QString EngineClient::currentOp() const {
    const Job* job = m->running();
    return job ? job->op : QString();
}

bool EngineClient::paused() const {
    return m->paused;
}

}  // namespace airframe::ui
