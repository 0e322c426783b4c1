// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStringList>

namespace airframe::test {

struct Ran {
    int code = -1;
    QByteArray out, err;
    [[nodiscard]] QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
};

inline QString engineProgram() { return QStringLiteral(AIRFRAME_BIN_DIR "/airframe-engine"); }

/// Runs `airframe-engine ARGS...` to its end.
inline Ran runEngine(const QStringList& arguments, const QByteArray& input = {}, int timeout_ms = 60000) {
    QProcess process;
    process.start(engineProgram(), arguments);
    process.write(input);
    process.closeWriteChannel();
    Ran ran;
    if (!process.waitForFinished(timeout_ms)) {
        process.kill();
        process.waitForFinished();
        ran.err = "timed out";
        return ran;
    }
    ran.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2;
    ran.out = process.readAllStandardOutput();
    ran.err = process.readAllStandardError();
    return ran;
}

/// `airframe-engine serve`, spoken to line by line.
class Served {
  public:
    Served() { m_process.start(engineProgram(), {QStringLiteral("serve")}); }
    ~Served() {
        m_process.closeWriteChannel();
        if (m_process.state() != QProcess::NotRunning && !m_process.waitForFinished(5000)) m_process.kill();
        m_process.waitForFinished();
    }
    void send(const QByteArray& line) {
        m_process.write(line + '\n');
        m_process.waitForBytesWritten(1000);
    }
    void send(const QJsonObject& message) { send(QJsonDocument(message).toJson(QJsonDocument::Compact)); }
    void request(qint64 id, const QString& op, const QJsonObject& params) {
        send(QJsonObject{{QStringLiteral("id"), id}, {QStringLiteral("op"), op}, {QStringLiteral("params"), params}});
    }
    /// The next event; empty after `timeout_ms` or at the end.
    QJsonObject event(int timeout_ms = 20000) {
        QElapsedTimer clock;
        clock.start();
        while (!m_process.canReadLine()) {
            const int left = timeout_ms - static_cast<int>(clock.elapsed());
            if (left <= 0 || (!m_process.waitForReadyRead(left) && !m_process.canReadLine())) return {};
        }
        return QJsonDocument::fromJson(m_process.readLine()).object();
    }
    /// Reads on to the first event of one of these names (about any job) and returns it; all seen are kept in `seen`.
    QJsonObject until(const QStringList& names, int timeout_ms = 30000) {
        QElapsedTimer clock;
        clock.start();
        while (clock.elapsed() < timeout_ms) {
            const QJsonObject next = event(timeout_ms - static_cast<int>(clock.elapsed()));
            if (next.isEmpty()) return {};
            seen.append(next);
            if (names.contains(next.value(QStringLiteral("event")).toString())) return next;
        }
        return {};
    }
    QProcess& process() { return m_process; }
    QList<QJsonObject> seen;

  private:
    QProcess m_process;
};

}  // namespace airframe::test
