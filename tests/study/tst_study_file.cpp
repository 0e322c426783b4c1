// SPDX-License-Identifier: GPL-3.0-or-later
#include <SQLiteCpp/SQLiteCpp.h>

#include <QtTest>

#include "core/study/local_disk.h"
#include "core/study/random.h"
#include "core/study/schema.h"
#include "core/study/study.h"
#include "support/failure.h"
#include "support/temporary_folder.h"

using namespace airframe;
using airframe::test::errorOf;
namespace fs = std::filesystem;

namespace {

const ModelRow model = {0, "abcd", "/models/m.gguf", "gguf", "llama", 4, R"({"hidden":8})"};

SQLite::Database raw(const fs::path& path) {
    return SQLite::Database(path.string(), SQLite::OPEN_READWRITE);
}

}  // namespace

class TestStudyFile : public QObject {
    Q_OBJECT

  private Q_SLOTS:
    void init() { m_folder.emplace(); }
    void cleanup() { m_folder.reset(); }
    void freshFile();
    void strictAndForeignKeys();
    void refusedFiles();
    void newerVersion();
    void migrationsKeepABackup();
    void readOnly();
    void saveCopy();
    void dataVersion();
    void network();

  private:
    [[nodiscard]] fs::path file(const std::string& name = "s.airframe") const { return *m_folder / name; }
    [[nodiscard]] std::unique_ptr<Study> fresh() const { return Study::create(file(), model); }

    std::optional<test::TemporaryFolder> m_folder;
};

void TestStudyFile::freshFile() {
    std::string uuid;
    {
        const auto study = fresh();
        uuid = study->uuid();
        QCOMPARE(uuid.size(), std::size_t{32});
        QCOMPARE(study->integrityCheck(), std::string("ok"));
        QVERIFY(!study->readOnly() && !study->newerVersion());
    }
    const auto error = errorOf([&] { (void)fresh(); });
    QVERIFY(error && error->code == ErrorCode::bad_input && error->what.find("exists") != std::string::npos);
    const auto study = Study::open(file());
    QCOMPARE(study->uuid(), uuid);
    const ModelRow found = study->model();
    QCOMPARE(found.hash, model.hash);
    QCOMPARE(found.layers, 4);
    QCOMPARE(found.config_json, model.config_json);
    QVERIFY(study->runs().empty() && study->evaluations().empty() && study->candidates().empty());
    SQLite::Database db = raw(file());
    QCOMPARE(db.execAndGet("PRAGMA journal_mode").getString(), std::string("wal"));
    QCOMPARE(schema::versionOf(db), schema::version());
    QCOMPARE(schema::applicationIdOf(db), schema::application_id);
    QVERIFY(errorOf([&] { (void)Study::create(file("none/x.airframe"), model); }).has_value());
    int left = 0;
    for (const auto& entry : fs::directory_iterator(m_folder->path()))
        left += entry.path().filename().string().find(".new-") != std::string::npos;
    QCOMPARE(left, 0);
}

void TestStudyFile::strictAndForeignKeys() {
    const auto study = fresh();
    SQLite::Database db = raw(file());
    const auto refused = [&](const std::string& sql) {
        try {
            db.exec(sql);
        } catch (const SQLite::Exception&) {
            return true;
        }
        return false;
    };
    SQLite::Statement tables(
        db, "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'");
    int count = 0;
    for (; tables.executeStep(); ++count) QVERIFY2(tables.getColumn(1).getInt() == 1, tables.getColumn(0).getText());
    QVERIFY(count > 12);
    QVERIFY(refused("INSERT INTO env(json) VALUES (x'00ff')"));
    QVERIFY(refused("INSERT INTO candidate(uuid, placement, full_layers) VALUES ('u', 'jet*4', 'many')"));
    QVERIFY(refused("INSERT INTO candidate(uuid, placement, full_layers, starred) VALUES ('u', 'jet*4', 0, 7)"));
    // Foreign keys are on in the connections that a Study makes.
    QVERIFY(errorOf([&] { study->addSamples({{0, 99, 1, "loss", -1, 1.0, 0}}); }).has_value());
    QVERIFY(errorOf([&] { (void)study->addControl({0, 99, 0, "me", "stop", "", "", 0, -1}); }).has_value());
    QVERIFY(study->samples(99).empty());
}

void TestStudyFile::refusedFiles() {
    const auto refused = [&](const fs::path& path, const char* what) {
        for (const auto mode : {Study::Mode::read_write, Study::Mode::read_only}) {
            const auto error = errorOf([&] { (void)Study::open(path, mode); });
            if (!error || error->code != ErrorCode::bad_input || error->where != path.string()) return false;
            if (error->what.find(what) == std::string::npos) return false;
        }
        return true;
    };
    QVERIFY(refused(file("none.airframe"), "no such"));
    QVERIFY(refused(m_folder->path(), "folder"));
    QVERIFY(refused(m_folder->write("empty.airframe", ""), "empty"));
    QVERIFY(refused(m_folder->write("text.airframe", "once upon a time"), "not a study"));
    {
        SQLite::Database other(file("other.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        other.exec("CREATE TABLE t(x)");
    }
    QVERIFY(refused(file("other.db"), "not a study of Airframe"));
    { const auto study = fresh(); }
    const auto size = fs::file_size(file());
    Random random(1);
    for (int trial = 0; trial < 40; ++trial) {  // random bytes, and cut files: an error or a sound study, nothing else
        const fs::path bad = file("bad.airframe");
        fs::remove(bad);
        fs::copy_file(file(), bad);
        if (trial % 2 == 0)
            fs::resize_file(bad, 1 + random.below(static_cast<std::uint32_t>(size)));
        else {
            std::fstream out(bad, std::ios::in | std::ios::out | std::ios::binary);
            out.seekp(random.below(static_cast<std::uint32_t>(size - 512)));
            for (int i = 0; i < 512; ++i) out.put(static_cast<char>(random.next()));
        }
        const auto error = errorOf([&] {
            const auto study = Study::open(bad);
            (void)study->model();
            (void)study->runs();
        });
        if (error)
            QVERIFY2(error->code == ErrorCode::bad_input || error->code == ErrorCode::internal, error->line().c_str());
        for (const char* ending : {"-wal", "-shm"}) fs::remove(bad.string() + ending);
    }
    // Pages that hold rows are damaged: told at opening.
    fs::copy_file(file(), file("torn.airframe"));
    {
        std::fstream out(file("torn.airframe"), std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(4096);
        for (std::uintmax_t i = 4096; i < size; ++i) out.put('\x5A');
    }
    QVERIFY(errorOf([&] { (void)Study::open(file("torn.airframe")); })->code == ErrorCode::bad_input);
}

void TestStudyFile::newerVersion() {
    std::int64_t run = 0;
    {
        const auto study = fresh();
        run = study->beginRun("train", 1, "{}", "{}");
        study->setRunState(run, RunState::done);
    }
    raw(file()).exec("PRAGMA user_version = 99");
    const auto error = errorOf([&] { (void)Study::open(file()); });
    QVERIFY(error && error->code == ErrorCode::bad_input && error->where == file().string());
    const std::string says =
        "was written by a newer Airframe (schema 99, this program knows " + std::to_string(schema::version()) + ")";
    QCOMPARE(error->what, says);
    const auto study = Study::open(file(), Study::Mode::read_only);
    QVERIFY(study->newerVersion() && study->readOnly());
    QCOMPARE(study->run(run).kind, std::string("train"));
    QVERIFY(errorOf([&] { study->setViewState("a", "b"); }).has_value());
}

void TestStudyFile::migrationsKeepABackup() {
    SQLite::Database db(file("m.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    const schema::Migration one = "CREATE TABLE a(x INTEGER) STRICT;";
    const schema::Migration two =
        "ALTER TABLE a ADD COLUMN y TEXT NOT NULL DEFAULT 'new'; CREATE TABLE b(z TEXT) STRICT;";
    const schema::Migration broken = "CREATE TABLE c(z TEXT) STRICT; CREATE TABLE b(z TEXT) STRICT;";
    const std::vector<schema::Migration> steps1 = {one}, steps2 = {one, two}, steps3 = {one, two, broken};
    schema::migrate(db, file("m.db"), steps1);
    db.exec("INSERT INTO a VALUES (5)");
    QVERIFY(!fs::exists(file("m.db.v1.bak")));
    schema::migrate(db, file("m.db"), steps2);
    QCOMPARE(schema::versionOf(db), 2);
    QCOMPARE(db.execAndGet("SELECT x || y FROM a").getString(), std::string("5new"));
    SQLite::Database backup(file("m.db.v1.bak").string(), SQLite::OPEN_READONLY);
    QCOMPARE(schema::versionOf(backup), 1);
    QCOMPARE(backup.execAndGet("SELECT x FROM a").getInt(), 5);
    try {
        schema::migrate(db, file("m.db"), steps3);
        QFAIL("a broken step passed");
    } catch (const SQLite::Exception&) {
    }
    QCOMPARE(schema::versionOf(db), 2);  // all or nothing
    QCOMPARE(db.execAndGet("SELECT count(*) FROM sqlite_schema WHERE name = 'c'").getInt(), 0);
}

void TestStudyFile::readOnly() {
    const auto writer = fresh();
    const auto reader = Study::open(file(), Study::Mode::read_only);
    const auto error = errorOf([&] { (void)reader->beginRun("train", 1, "{}", "{}"); });
    QVERIFY(error && error->what.find("reading only") != std::string::npos);
    const std::int64_t run = writer->beginRun("train", 1, "{}", "{}");
    QCOMPARE(reader->runs().size(), std::size_t{1});
    QVERIFY(reader->ownerAlive(run));
}

void TestStudyFile::saveCopy() {
    const auto study = fresh();
    (void)study->beginRun("train", 1, "{}", "{}");
    std::ofstream(study->weightsFolder() / "w") << "weights";
    study->saveCopy(file("copy.airframe"));
    const auto copy = Study::open(file("copy.airframe"));
    QCOMPARE(copy->uuid(), study->uuid());
    QCOMPARE(copy->runs().size(), std::size_t{1});
    QVERIFY(fs::exists(copy->weightsFolder() / "w"));
    QVERIFY(errorOf([&] { study->saveCopy(file("copy.airframe")); })->code == ErrorCode::bad_input);
    QVERIFY(errorOf([&] { study->saveCopy(file("none/copy.airframe")); }).has_value());
}

void TestStudyFile::dataVersion() {
    const auto writer = fresh();
    const auto reader = Study::open(file(), Study::Mode::read_only);
    const std::int64_t before = reader->dataVersion();
    QCOMPARE(reader->dataVersion(), before);
    writer->setViewState("a", "1");
    QVERIFY(reader->dataVersion() != before);
}

void TestStudyFile::network() {
    const std::string mounts =
        "20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
        "21 20 0:50 / /home rw,relatime shared:2 master:1 - nfs4 server:/home rw\n"
        "22 21 8:2 / /home/local\\040disk rw - xfs /dev/vdb rw\n"
        "23 20 0:51 / /mnt/ssh rw - fuse.sshfs user@host:/ rw\n";
    QCOMPARE(networkFileSystemIn(mounts, "/tmp/a"), std::string());
    QCOMPARE(networkFileSystemIn(mounts, "/home/me/a.airframe"), std::string("nfs4"));
    QCOMPARE(networkFileSystemIn(mounts, "/homely/a"), std::string());
    QCOMPARE(networkFileSystemIn(mounts, "/home/local disk/a"), std::string());
    QCOMPARE(networkFileSystemIn(mounts, "/mnt/ssh/a"), std::string("fuse.sshfs"));
    QCOMPARE(networkFileSystemIn("", "/a"), std::string());
    QCOMPARE(networkFileSystem(m_folder->path()), std::string());
}

QTEST_APPLESS_MAIN(TestStudyFile)
#include "tst_study_file.moc"
