// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QObject>
#include <QProcess>
#include <QString>

namespace airframe::ui {

/// The engine as a child process: starts `airframe-engine serve`, writes requests, turns events into signals
/// (core/study/protocol.h). If the process dies, died() tells why and the next request starts a new one.
/// GUI thread; never blocks.
class EngineClient : public QObject {
    Q_OBJECT
  public:
    explicit EngineClient(QString program, QObject* parent = nullptr);
    ~EngineClient() override;
    /// Starts a job and returns its id. `study` is added to params if a study is open.
    qint64 request(const QString& op, QJsonObject params = {});
    void setStudy(const QString& path);
    void pause(qint64 id);
    void resume(qint64 id);
    void stop(qint64 id);
    void cancel(qint64 id);  ///< ends the process at once; finished results stay in the study
    void steer(qint64 id, const QJsonObject& steering);
    void detach();           ///< the running job finishes without the window
    [[nodiscard]] qint64 current() const;        ///< id of the job that runs, 0 = none
    [[nodiscard]] QString currentOp() const;
    [[nodiscard]] bool paused() const;

  Q_SIGNALS:
    void hello(const QJsonObject& info);
    void started(qint64 id, const QString& op, qint64 run);
    void progress(qint64 id, const QJsonObject& progress);
    void stateChanged(qint64 id, const QString& state);
    void token(qint64 id, const QJsonObject& token);
    void changed(const QStringList& tables);
    void finished(qint64 id, const QString& op, const QJsonObject& result);
    void stopped(qint64 id, const QString& op, const QJsonObject& result);
    void failed(qint64 id, const QString& op, const QJsonObject& error);  ///< code, where, what, hint
    void died(const QString& why);

  private:
    void start();
    void processEnded(const QString& why);
    void handle(const QByteArray& line);
    struct Impl;
    Impl* m;
};

}  // namespace airframe::ui
