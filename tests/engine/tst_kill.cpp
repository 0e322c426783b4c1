// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QRandomGenerator>

#include <map>
#include <set>
#include <tuple>

#include "core/study/study.h"
#include "engine/tiny_study.h"

#ifndef AIRFRAME_KILLS
#define AIRFRAME_KILLS 8
#endif

using namespace airframe::test;
using airframe::Study;

/// kill -9 at random moments of training, importance, search and measurement: the study opens, is whole, only grows, and
/// ends like one that nobody disturbed.
class TestKill : public QObject {
    Q_OBJECT

    /// What a person would lose: finished evaluations and measurements, and how far the training's checkpoints are.
    struct Known {
        std::size_t evaluations = 0, measurements = 0;
        std::int64_t tokens = 0;
    };
    TinyStudy m_tiny;
    QRandomGenerator m_random{42};

    [[nodiscard]] static Known look(const QString& path) {
        const auto study = Study::open(path.toStdString());
        if (study->integrityCheck() != "ok") qFatal("%s", study->integrityCheck().c_str());
        Known known;
        known.evaluations = study->evaluations().size();
        known.measurements = study->measurements().size();
        for (const auto& checkpoint : study->checkpoints()) known.tokens = std::max(known.tokens, checkpoint.tokens);
        for (const auto& run : study->runs())
            if (run.state == airframe::RunState::running) qFatal("a dead run is said to run");
        return known;
    }
    /// Runs a command and kills it after `ms`; true if it ended by itself before.
    static bool endedWithin(const QStringList& arguments, int ms, int& code) {
        QProcess process;
        process.start(engineProgram(), arguments);
        if (process.waitForFinished(ms)) {
            code = process.exitCode();
            return true;
        }
        process.kill();
        process.waitForFinished();
        return false;
    }
    /// Whether the study has a run of this command, and whether the last one is done.
    static std::pair<bool, bool> begun(const QString& path, const QString& kind) {
        if (!QFile::exists(path)) return {false, false};
        const auto runs = Study::open(path.toStdString())->runs(kind.toStdString());
        return {!runs.empty(), !runs.empty() && runs.back().state == airframe::RunState::done};
    }
    /// Kills `arguments` up to `kills` times, resuming with `resumed`, checks the study each time, then lets it end.
    void disturb(const QString& study, const QStringList& arguments, const QStringList& resumed, int kills, int longest_ms) {
        Known before = QFile::exists(study) ? look(study) : Known{};
        for (int i = 0; i < kills; ++i) {
            int code = 0;
            const auto [go_on, over] = begun(study, arguments.first());
            if (over) return;  // the kill came between the last write and the process's own end
            const QStringList& command = go_on ? resumed : arguments;
            if (endedWithin(command, 20 + m_random.bounded(longest_ms), code)) {
                QCOMPARE(code, 0);
                return;
            }
            ++m_killed;
            if (!QFile::exists(study)) continue;
            const Known after = look(study);
            QVERIFY(after.evaluations >= before.evaluations);
            QVERIFY(after.measurements >= before.measurements);
            QVERIFY(after.tokens >= before.tokens);
            before = after;
        }
        const auto [go_on, over] = begun(study, arguments.first());
        if (over) return;
        const Ran ran = runEngine(go_on ? resumed : arguments, {}, 120000);
        QVERIFY2(ran.code == 0, ran.err);
    }

    static std::map<std::tuple<std::string, std::string>, double> scores(const QString& path) {
        std::map<std::tuple<std::string, std::string>, double> out;
        const auto study = Study::open(path.toStdString());
        for (const auto& row : study->evaluations()) {
            const auto [at, fresh] = out.insert({{row.key.placement, row.key.task}, row.nll});
            if (!fresh) qFatal("%s is evaluated twice on %s", row.key.placement.c_str(), row.key.task.c_str());
        }
        return out;
    }
    int m_killed = 0, m_train_ms = 0, m_importance_ms = 0, m_search_ms = 0, m_speed_ms = 0;

  private Q_SLOTS:
    void killedStudyEndsLikeAnUndisturbedOne() {
        const QString calm = m_tiny.path("calm.airframe");
        QElapsedTimer clock;
        clock.start();
        QCOMPARE(runEngine(m_tiny.train(calm), {}, 120000).code, 0);
        m_train_ms = static_cast<int>(clock.restart());
        QCOMPARE(runEngine(TinyStudy::importance(calm)).code, 0);
        m_importance_ms = static_cast<int>(clock.restart());
        QCOMPARE(runEngine(TinyStudy::search(calm)).code, 0);
        m_search_ms = static_cast<int>(clock.restart());
        QCOMPARE(runEngine(TinyStudy::throughput(calm, "jet*4")).code, 0);
        m_speed_ms = static_cast<int>(clock.restart());

        // A study may end before all its kills have struck: then another one is disturbed.
        for (int round = 0; m_killed < AIRFRAME_KILLS && round < AIRFRAME_KILLS; ++round) {
            disturbOnce(calm, m_tiny.path(QString("rough%1.airframe").arg(round)));
            if (QTest::currentTestFailed()) return;
        }
        qInfo("%d kills", m_killed);
        QVERIFY2(m_killed >= AIRFRAME_KILLS, "too little was killed: the test would say nothing");
    }

  private:
    void disturbOnce(const QString& calm, const QString& rough) {
        const int each = std::max(1, AIRFRAME_KILLS / 4);
        QStringList resume = m_tiny.train(rough);
        resume << "--resume";
        disturb(rough, m_tiny.train(rough), resume, each, m_train_ms);
        disturb(rough, TinyStudy::importance(rough), TinyStudy::importance(rough), each, m_importance_ms);
        disturb(rough, TinyStudy::search(rough), TinyStudy::search(rough), each, m_search_ms);
        disturb(rough, TinyStudy::throughput(rough, "jet*4"), TinyStudy::throughput(rough, "jet*4"), each, m_speed_ms);
        // The training curve has each point once and the same tokens; scores are those of its own checkpoint.
        const auto a = Study::open(calm.toStdString()), b = Study::open(rough.toStdString());
        QCOMPARE(b->latestCheckpoint()->tokens, a->latestCheckpoint()->tokens);
        QCOMPARE(b->latestCheckpoint()->hash, a->latestCheckpoint()->hash);
        std::set<std::tuple<std::string, int, std::int64_t>> points;
        for (const auto& run : b->runs("train"))
            for (const auto& sample : b->samples(run.id))
                if (sample.name == "loss") QVERIFY2(points.insert({sample.name, sample.layer, sample.step}).second, "a point is doubled");
        QCOMPARE(scores(rough), scores(calm));
        // An interrupted run was taken up again, never left behind for a new one.
        for (const auto& run : b->runs()) QVERIFY2(run.state == airframe::RunState::done, run.kind.c_str());
    }
};

QTEST_APPLESS_MAIN(TestKill)
#include "tst_kill.moc"
