// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QtTest>

#include <chrono>
#include <csignal>
#include <set>
#include <thread>

#include "core/study/random.h"
#include "core/study/study.h"
#include "support/failure.h"
#include "support/temporary_folder.h"

using namespace airframe;
using airframe::test::errorOf;
namespace fs = std::filesystem;

namespace {

const ModelRow model = {0, "abcd", "m.gguf", "gguf", "llama", 30, "{}"};

EvaluationRow numbered(std::int64_t run, int number, std::size_t items = 16) {
    EvaluationRow row;
    row.run_id = run;
    row.key = {"jet*24,attn*6", "abcd", "ck", "kv", "data", "bf16", number, 1};
    row.nll = number;
    for (std::size_t i = 0; i < items; ++i) row.scores.push_back({static_cast<int>(i), number + 0.5, 0, 1});
    row.items = static_cast<int>(items);
    return row;
}

/// In a child process: stores evaluations and says each one's number on the pipe after its commit, until it is killed.
[[noreturn]] void writeUntilKilled(const fs::path& file, int first, int pipe) {
    try {
        const auto study = Study::open(file);
        const std::int64_t run = study->beginRun("search", 1, "{}", "{}");
        for (int number = first;; ++number) {
            study->addEvaluation(numbered(run, number));
            study->addSamples({{0, run, number, "loss", -1, 1.0 * number, 0}});
            study->setRunProgress(run, number, 0);
            if (write(pipe, &number, sizeof number) != sizeof number) _exit(2);
        }
    } catch (...) {
        _exit(3);
    }
}

/// A folder on a file system of 1 MiB where this process may mount one.
class SmallDisk {
  public:
    explicit SmallDisk(const fs::path& at) : m_at(at) {
        fs::create_directories(at);
        mounted = mount("tmpfs", at.c_str(), "tmpfs", 0, "size=1m") == 0;
    }
    ~SmallDisk() {
        if (mounted) umount(m_at.c_str());
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    bool mounted = false;

  private:
    fs::path m_at;
};

/// Fills a study until it says that there is no room; returns how many evaluations it acknowledged.
int fill(Study& study, std::int64_t run, std::optional<Error>& error) {
    int stored = 0;
    error = errorOf([&] {
        for (; stored < 2000; ++stored) study.addEvaluation(numbered(run, stored, 500));
    });
    return stored;
}

}  // namespace

class TestStudyFaults : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void writerAndReader();
    void twoProcessesWrite();
    void killedWriter();
    void fullDisk();
    void sizeLimit();
    void readOnlyDisk();
};

void TestStudyFaults::writerAndReader() {
    const test::TemporaryFolder folder;
    const fs::path file = folder / "s.airframe";
    const auto writer = Study::create(file, model);
    const std::int64_t run = writer->beginRun("train", 1, "{}", "{}");
    std::atomic<bool> done = false;
    std::optional<Error> error;
    std::size_t seen = 0;
    int reads = 0;
    std::thread reader([&] {
        error = errorOf([&] {
            const auto study = Study::open(file, Study::Mode::read_only);
            std::int64_t last = 0;
            while (true) {
                const bool finished = done;
                const auto rows = study->samples(run, last);
                for (const SampleRow& row : rows) seen += row.step == static_cast<std::int64_t>(seen) ? 1 : 100'000'000;
                if (!rows.empty()) last = rows.back().id;
                ++reads;
                if (finished) break;
            }
        });
    });
    for (int i = 0; i < 10'000; ++i) writer->addSamples({{0, run, i, "loss", -1, 1.0 * i, 1}});
    done = true;
    reader.join();
    QVERIFY2(!error, error ? error->line().c_str() : "");
    QCOMPARE(seen, std::size_t{10'000});
    QVERIFY(reads > 10);
}

void TestStudyFaults::twoProcessesWrite() {
    const test::TemporaryFolder folder;
    const fs::path file = folder / "s.airframe";
    std::int64_t run = 0;
    {
        const auto study = Study::create(file, model);
        run = study->beginRun("train", 1, "{}", "{}");
    }
    constexpr int each = 1500;
    const pid_t child = fork();
    if (child == 0) {
        try {
            const auto study = Study::open(file);
            for (int i = 0; i < each; ++i) study->addSamples({{0, run, i, "child", -1, 0, 1}});
            _exit(0);
        } catch (...) {
            _exit(1);
        }
    }
    const auto study = Study::open(file);
    for (int i = 0; i < each; ++i) study->addSamples({{0, run, i, "parent", -1, 0, 1}});
    int status = 0;
    waitpid(child, &status, 0);
    QVERIFY(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    QCOMPARE(study->samples(run).size(), std::size_t{2 * each});
}

void TestStudyFaults::killedWriter() {
    const test::TemporaryFolder folder;
    const fs::path file = folder / "s.airframe";
    { const auto study = Study::create(file, model); }
    Random random(static_cast<std::uint64_t>(QDateTime::currentMSecsSinceEpoch()));
    std::set<int> acknowledged;
    for (int kill_number = 0; kill_number < 20; ++kill_number) {
        int ends[2];
        QCOMPARE(pipe(ends), 0);
        const int first = acknowledged.empty() ? 0 : *acknowledged.rbegin() + 2;  // + 1 may be stored without its word
        const pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            writeUntilKilled(file, first, ends[1]);
        }
        close(ends[1]);
        std::this_thread::sleep_for(std::chrono::microseconds(2000 + random.below(60'000)));
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        QVERIFY(WIFSIGNALED(status));  // it did not end by itself: no write failed
        int number = 0;
        while (read(ends[0], &number, sizeof number) == sizeof number) acknowledged.insert(number);
        close(ends[0]);

        const auto study = Study::open(file);
        QCOMPARE(study->integrityCheck(), std::string("ok"));
        for (const RunRow& run : study->runs()) QVERIFY(run.state == RunState::interrupted);
        std::set<int> stored;
        for (const EvaluationRow& row : study->evaluations(true)) {
            QVERIFY(stored.insert(static_cast<int>(row.key.seed)).second);            // none twice
            QVERIFY(row.scores.size() == 16 && row.scores[15].nll == row.nll + 0.5);  // none in part
        }
        for (const int promised : acknowledged) QVERIFY(stored.contains(promised));
    }
    QVERIFY(acknowledged.size() > 20);
}

void TestStudyFaults::fullDisk() {
    const test::TemporaryFolder folder;
    {
        const SmallDisk disk(folder / "small");
        if (!disk.mounted) QSKIP("this user may not mount a small file system");
        const fs::path file = folder / "small/s.airframe";
        int stored = 0;
        {
            const auto study = Study::create(file, model);
            const std::int64_t run = study->beginRun("search", 1, "{}", "{}");
            std::optional<Error> error;
            stored = fill(*study, run, error);
            QVERIFY(error);
            QVERIFY2(error->code == ErrorCode::no_room, error->line().c_str());
            QVERIFY(error->where == file.string());
            QCOMPARE(study->evaluations().size(), static_cast<std::size_t>(stored));  // still readable, same connection
            QVERIFY(errorOf([&] { (void)Study::create(folder / "small/second.airframe", model); })->code ==
                    ErrorCode::no_room);
            QVERIFY(!fs::exists(folder / "small/second.airframe"));
        }
        QVERIFY(stored > 5);
        mount("tmpfs", (folder / "small").c_str(), "tmpfs", MS_REMOUNT, "size=8m");  // somebody made room
        const auto study = Study::open(file);
        QCOMPARE(study->integrityCheck(), std::string("ok"));
        QCOMPARE(study->evaluations().size(), static_cast<std::size_t>(stored));
        QVERIFY(study->addEvaluation(numbered(0, 100'000)));
    }
}

void TestStudyFaults::sizeLimit() {
    const test::TemporaryFolder folder;
    const fs::path file = folder / "s.airframe";
    std::signal(SIGXFSZ, SIG_IGN);
    const auto study = Study::create(file, model);
    const std::int64_t run = study->beginRun("search", 1, "{}", "{}");
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = 700'000;
    setrlimit(RLIMIT_FSIZE, &small);
    std::optional<Error> error;
    const int stored = fill(*study, run, error);
    setrlimit(RLIMIT_FSIZE, &before);
    QVERIFY(error);
    QVERIFY2(error->code == ErrorCode::no_room, error->line().c_str());
    QVERIFY(stored > 5);
    QCOMPARE(study->evaluations().size(), static_cast<std::size_t>(stored));
    QVERIFY(study->addEvaluation(numbered(run, 100'000)));  // the same connection goes on when there is room again
    QCOMPARE(study->integrityCheck(), std::string("ok"));
}

void TestStudyFaults::readOnlyDisk() {
    const test::TemporaryFolder folder;
    const fs::path at = folder / "a folder?";
    const SmallDisk disk(at);
    if (!disk.mounted) QSKIP("this user may not mount a small file system");
    const fs::path file = at / "s.airframe";
    {
        const auto study = Study::create(file, model);
        (void)study->beginRun("train", 1, "{}", "{}");
    }
    QCOMPARE(mount("tmpfs", at.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=1m"), 0);
    {
        const auto study = Study::open(file, Study::Mode::read_only);  // no log can be made here, and none is needed
        QCOMPARE(study->runs().size(), std::size_t{1});
        QCOMPARE(study->integrityCheck(), std::string("ok"));
    }
    const auto error = errorOf([&] { (void)Study::open(file); });
    QVERIFY(error);
    QVERIFY2(error->code == ErrorCode::bad_input && error->what.find("cannot be") != std::string::npos,
             error->line().c_str());
    mount("tmpfs", at.c_str(), "tmpfs", MS_REMOUNT, "size=1m");
}

QTEST_APPLESS_MAIN(TestStudyFaults)
#include "tst_study_faults.moc"
