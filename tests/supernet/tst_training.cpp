// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN  // moc needs none of these, and parsing LibTorch takes it half a minute
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <sys/resource.h>

#include <QtTest>
#include <csignal>
#include <fstream>
#include <map>
#include <set>

#include "core/base/error.h"
#include "core/supernet/checkpoint.h"
#include "core/supernet/heldout.h"
#include "core/supernet/local_distillation.h"
#include "supernet/vectors.h"
#include "support/tiny_model.h"
#endif

using namespace airframe;
using namespace airframe::test;
namespace fs = std::filesystem;

namespace {

/// Says stop, or throws as a crash would, once this many training points are in the study.
class EndsAfter final : public RunControl {
  public:
    EndsAfter(int points, bool crash) : m_points(points), m_crash(crash) {}
    bool checkpoint() override { return m_crash || m_seen < m_points; }
    void progress(const Progress&) override {}
    void changed(const std::vector<std::string>& tables) override {
        if (tables == std::vector<std::string>{"sample"} && ++m_seen >= m_points && m_crash)
            throw std::runtime_error("crash");
    }

  private:
    int m_points, m_seen = 0;
    bool m_crash;
};

/// A tiny teacher, a text and a fresh study in a folder of its own.
struct Scene {
    QTemporaryDir dir;
    std::shared_ptr<TinyModel> file;
    std::shared_ptr<const Model> teacher;
    std::unique_ptr<Study> study;
    DistillationOptions options;

    explicit Scene(int layers = 3, int hidden = 32, int heads = 4) : file(tinyModel(layers, hidden, heads, heads / 2)) {
        NoControl control;
        teacher = Model::load(file, Compute{}, control);
        const fs::path folder = dir.path().toStdString();
        ModelRow row;
        row.hash = file->hash(), row.path = "tiny.gguf", row.format = "gguf", row.architecture = "llama",
        row.layers = layers, row.config_json = "{}";
        study = Study::create(folder / "s.airframe", row);
        std::ofstream out(folder / "text.txt");
        for (int i = 0; i < 4000; ++i)
            out << "On day " << i * 7919 % 1000 << " the ship went " << (i % 3 ? "north" : "south") << ".\n\n";
        options.text = {folder / "text.txt"};
        options.tokens = 24 * 1024;
        options.window = 64;
        options.batch = 4;
        options.checkpoint_seconds = 0;
        options.heldout_every = 8 * 1024;
    }
    std::map<std::pair<std::int64_t, int>, double> curve(const std::string& name) const {
        std::map<std::pair<std::int64_t, int>, double> points;
        for (const auto& s : study->samples(study->runs("train").back().id))
            if (s.name == name && !points.emplace(std::pair(s.step, s.layer), s.value).second)
                throw std::runtime_error("a doubled point");
        return points;
    }
    std::set<std::string> files() const {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(study->weightsFolder()))
            names.insert(entry.path().filename().string());
        return names;
    }
};

}  // namespace

/// Whole training runs on a tiny model: learning, resuming, stopping, crashing, a full disk.
class TestTraining : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }  // products this small only wait for each other
    void heldOutErrorFalls();
    void resumedEqualsUninterrupted_data();
    void resumedEqualsUninterrupted();
    void stopKeepsWhatWasLearned();
    void fullDisk();
    void teacherWritesText();
    void optionsAreChecked();
    void alternativesRoundTrip();
};

void TestTraining::heldOutErrorFalls() {
    Scene s;
    NoControl control;
    at::set_num_threads(2);  // layers on two threads
    const auto result = distillLocally(*s.study, *s.teacher, s.options, control);
    at::set_num_threads(1);
    QVERIFY(!result.stopped && result.tokens >= s.options.tokens);
    const auto curve = s.curve("heldout");
    QVERIFY(curve.at({result.tokens, -1}) < curve.at({curve.begin()->first.first, -1}));
    QCOMPARE(result.heldout.size(), std::size_t(3));
    QVERIFY(s.study->run(result.run).state == RunState::done);
    const auto kept = s.study->checkpoints();
    QCOMPARE(kept.size(), std::size_t(1));
    QVERIFY(kept[0].state_file.empty() && kept[0].hash == result.checkpoint);
    QCOMPARE(s.files().size(), std::size_t(2));  // the weights and the held-out ids
    QCOMPARE(heldoutWindow(*s.study), 64);
    QCOMPARE(heldoutTokens(*s.study).size() % 64, std::size_t(0));
    QVERIFY(!heldoutTokens(*s.study).empty());
    const auto losses = s.curve("loss");
    QCOMPARE(losses.size() % 4, std::size_t(0));  // three layers and their mean
}

void TestTraining::resumedEqualsUninterrupted_data() {
    QTest::addColumn<int>("points");
    QTest::addColumn<bool>("crash");
    QTest::addColumn<double>("checkpoint_seconds");
    QTest::addRow("stopped") << 4 << false << 0.0;
    QTest::addRow("stopped, no checkpoint before") << 2 << false << 1e9;
    QTest::addRow("crashed after a checkpoint") << 5 << true << 0.0;
    QTest::addRow("crashed before any checkpoint") << 3 << true << 1e9;
}

void TestTraining::resumedEqualsUninterrupted() {
    QFETCH(int, points);
    QFETCH(bool, crash);
    QFETCH(double, checkpoint_seconds);
    NoControl control;
    Scene whole, broken;
    const auto want = distillLocally(*whole.study, *whole.teacher, whole.options, control);
    broken.options.checkpoint_seconds = checkpoint_seconds;
    EndsAfter end(points, crash);
    if (crash)
        QVERIFY_EXCEPTION_THROWN(distillLocally(*broken.study, *broken.teacher, broken.options, end),
                                 std::runtime_error);
    else
        QVERIFY(distillLocally(*broken.study, *broken.teacher, broken.options, end).stopped);
    DistillationOptions resume;
    resume.resume = true;
    const auto got = distillLocally(*broken.study, *broken.teacher, resume, control);
    QCOMPARE(broken.study->runs("train").size(), std::size_t(1));
    QCOMPARE(got.tokens, want.tokens);
    for (const char* name : {"loss", "heldout", "lr"}) {
        const auto a = whole.curve(name), b = broken.curve(name);
        QCOMPARE(b.size(), a.size());
        for (const auto& [at, value] : a)
            QVERIFY2(b.count(at) && std::abs(b.at(at) - value) <= 1e-6 * std::abs(value),
                     qPrintable(QString("%1 at %2, layer %3").arg(name).arg(at.first).arg(at.second)));
    }
    QVERIFY_EXCEPTION_THROWN(distillLocally(*broken.study, *broken.teacher, resume, control),
                             Failure);  // it is complete
}

void TestTraining::stopKeepsWhatWasLearned() {
    Scene s;
    s.options.checkpoint_seconds = 1e9;
    EndsAfter stop(3, false);
    const auto result = distillLocally(*s.study, *s.teacher, s.options, stop);
    QVERIFY(result.stopped);
    QVERIFY(s.study->run(result.run).state == RunState::stopped);
    const auto kept = s.study->checkpoints();
    QCOMPARE(kept.size(), std::size_t(1));
    QCOMPARE(kept[0].tokens, result.tokens);
    QVERIFY(fs::exists(s.study->weightsFolder() / kept[0].weights_file) &&
            fs::exists(s.study->weightsFolder() / kept[0].state_file));
}

// A file that may not grow stands in for a disk that is full.
void TestTraining::fullDisk() {
    Scene s(2, 128, 4);
    EndsAfter stop(2, false);
    QVERIFY(distillLocally(*s.study, *s.teacher, s.options, stop).stopped);
    const auto before = s.study->checkpoints();
    const auto files = s.files();
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit old{};
    getrlimit(RLIMIT_FSIZE, &old);
    const rlimit small{600'000, old.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    ErrorCode code = ErrorCode::internal;
    DistillationOptions resume;
    resume.resume = true;
    NoControl control;
    try {
        distillLocally(*s.study, *s.teacher, resume, control);
    } catch (const Failure& failure) {
        code = failure.error().code;
    }
    setrlimit(RLIMIT_FSIZE, &old);
    QCOMPARE(code, ErrorCode::no_room);
    QCOMPARE(s.study->checkpoints().size(), before.size());
    QCOMPARE(s.study->checkpoints().back().hash, before.back().hash);
    QVERIFY(s.files() == files);
    QVERIFY(!distillLocally(*s.study, *s.teacher, resume, control).stopped);
}

void TestTraining::teacherWritesText() {
    Scene a, b;
    a.options.tokens = b.options.tokens = 6 * 1024;
    NoControl control;
    a.options.teacher_text_share = 1;
    const auto first = distillLocally(*a.study, *a.teacher, a.options, control);
    QVERIFY(first.tokens >= a.options.tokens);
    distillLocally(*b.study, *b.teacher, b.options, control);
    QVERIFY(a.curve("loss") != b.curve("loss"));
}

void TestTraining::optionsAreChecked() {
    Scene s;
    NoControl control;
    const auto code = [&](const DistillationOptions& o) {
        try {
            distillLocally(*s.study, *s.teacher, o, control);
        } catch (const Failure& failure) {
            return failure.error().code;
        }
        return ErrorCode::internal;
    };
    auto o = s.options;
    o.tokens = 0;
    QCOMPARE(code(o), ErrorCode::options);
    o = s.options;
    o.text.clear();
    QCOMPARE(code(o), ErrorCode::options);
    o = {};
    o.resume = true;
    QCOMPARE(code(o), ErrorCode::options);
    QVERIFY(s.study->runs("train").empty());
}

void TestTraining::alternativesRoundTrip() {
    QTemporaryDir dir;
    const fs::path folder = dir.path().toStdString();
    const JetDims dims{20, 3, 8, 6, 5, 1e-5};
    std::vector<JetParameters> layers(2);
    for (auto& p : layers)
        for (std::size_t i = 0; i < JetParameters::table().size(); ++i)
            p.*JetParameters::table()[i].second = at::randn(JetParameters::shapes(dims)[i]);
    const auto file = folder / alternativesFile(writeAlternatives(folder, dims, layers));
    const auto found = alternativesDims(file);
    QVERIFY(found.heads == 3 && found.v == 6 && found.generator == 5 && std::abs(found.norm_eps - 1e-5) < 1e-9);
    const auto back = readAlternatives(file, found, 2);
    for (std::size_t i = 0; i < 2; ++i)
        for (const auto& [name, member] : JetParameters::table())
            QVERIFY2(at::equal(back[i].*member, layers[i].*member), name.c_str());
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(readAlternatives(file, found, 3)), Failure);
}

QTEST_APPLESS_MAIN(TestTraining)
#include "tst_training.moc"
