// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/study_reader.h"

#include <QElapsedTimer>
#include <QThread>
#include <QTimer>
#include <algorithm>

#include "core/study/study.h"
#include "ui/snapshot_builder.h"

namespace airframe::ui {

namespace {

constexpr int poll_ms = 250;
constexpr int rest_factor = 4;       // a read that took t is followed by at least 4 t of rest: the engine needs the cores
constexpr int liveness_polls = 12;   // every 3 s look again whether the runs' processes live, though no row changed

/// Lives on the reader's thread and owns the connection.
class Worker : public QObject {
    Q_OBJECT
  public:
    Worker() : m_timer(this) { connect(&m_timer, &QTimer::timeout, this, [this] { poll(false); }); }

    void open(const QString& path, qint64 generation) {
        close();
        m_generation = generation;
        try {
            m_study = Study::open(path.toStdString(), Study::Mode::read_only);
            m_builder = std::make_unique<SnapshotBuilder>(*m_study);
            poll(true);
            m_timer.start(poll_ms);
        } catch (const std::exception& error) {
            fail(error, path);
        }
    }

    void close() {
        m_timer.stop();
        m_builder.reset();
        m_study.reset();
        m_version = -1;
    }

    void poll(bool now) {
        if (!m_study) return;
        try {
            const std::int64_t version = m_study->dataVersion();
            const bool changed = version != m_version;
            const bool look_again = ++m_polls % liveness_polls == 0 && m_any_alive;
            if (!changed && !look_again) return;
            if (!now && m_rest.isValid() && m_rest.elapsed() < m_last_cost * rest_factor) return;
            QElapsedTimer cost;
            cost.start();
            const SnapshotPtr snapshot = m_builder->build();
            m_last_cost = cost.elapsed();
            m_rest.start();
            m_version = version;
            m_any_alive = std::any_of(snapshot->runs.begin(), snapshot->runs.end(), [](const RunRow& run) {
                return run.state == RunState::running || run.state == RunState::paused;
            });
            Q_EMIT read(m_generation, snapshot);
        } catch (const std::exception& error) {
            const QString path = QString::fromStdString(m_study->path().string());
            close();
            fail(error, path);
        }
    }

  Q_SIGNALS:
    void read(qint64 generation, airframe::ui::SnapshotPtr snapshot);
    void broke(qint64 generation, const QString& where, const QString& what, const QString& hint);

  private:
    void fail(const std::exception& error, const QString& path) {
        if (const auto* failure = dynamic_cast<const Failure*>(&error)) {
            const Error& told = failure->error();
            Q_EMIT broke(m_generation, QString::fromStdString(told.where), QString::fromStdString(told.what),
                         QString::fromStdString(told.hint));
        } else {
            Q_EMIT broke(m_generation, path, QString::fromUtf8(error.what()), {});
        }
    }

    QTimer m_timer;
    QElapsedTimer m_rest;
    std::unique_ptr<Study> m_study;
    std::unique_ptr<SnapshotBuilder> m_builder;
    std::int64_t m_version = -1;
    qint64 m_generation = 0, m_last_cost = 0;
    int m_polls = 0;
    bool m_any_alive = false;
};

}  // namespace

struct StudyReader::Impl {
    QThread thread;
    Worker* worker = nullptr;
    SnapshotPtr latest;
    qint64 generation = 0;  ///< rises with every open and close: late answers about an old study are dropped
};

StudyReader::StudyReader(QObject* parent) : QObject(parent), m(new Impl) {
    qRegisterMetaType<SnapshotPtr>();
    m->worker = new Worker;
    m->worker->moveToThread(&m->thread);
    connect(&m->thread, &QThread::finished, m->worker, &QObject::deleteLater);
    connect(m->worker, &Worker::read, this, [this](qint64 generation, const SnapshotPtr& snapshot) {
        if (generation != m->generation) return;
        m->latest = snapshot;
        Q_EMIT snapshotChanged(snapshot);
    });
    connect(m->worker, &Worker::broke, this,
            [this](qint64 generation, const QString& where, const QString& what, const QString& hint) {
                if (generation == m->generation) Q_EMIT failed(where, what, hint);
            });
    m->thread.setObjectName(QStringLiteral("study reader"));
    m->thread.start(QThread::LowPriority);
}

StudyReader::~StudyReader() {
    m->thread.quit();
    m->thread.wait();
    delete m;
}

void StudyReader::open(const QString& path) {
    m->latest.reset();
    const qint64 generation = ++m->generation;
    QMetaObject::invokeMethod(m->worker, [worker = m->worker, path, generation] { worker->open(path, generation); });
}

void StudyReader::close() {
    ++m->generation;
    m->latest.reset();
    QMetaObject::invokeMethod(m->worker, [worker = m->worker] { worker->close(); });
    Q_EMIT snapshotChanged(nullptr);
}

void StudyReader::refresh() {
    QMetaObject::invokeMethod(m->worker, [worker = m->worker] { worker->poll(false); });
}

SnapshotPtr StudyReader::snapshot() const {
    return m->latest;
}

}  // namespace airframe::ui

#include "study_reader.moc"
