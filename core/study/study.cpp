// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/study.h"

#include <sqlite3.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>

#include "core/study/local_disk.h"
#include "core/study/schema.h"
#include "core/study/study_impl.h"

namespace airframe {
namespace fs = std::filesystem;
namespace {

constexpr int busy_ms = 10'000;

[[noreturn]] void bad(const fs::path& path, const std::string& what, const std::string& hint) {
    throw Failure(ErrorCode::bad_input, path.string(), what, hint);
}

/// What can be said about a file before SQLite opens it (and before it would make one).
void checkFile(const fs::path& path) {
    std::error_code code;
    if (!fs::exists(path, code))
        bad(path, "no such study", "check the name, or make one with: airframe-engine new MODEL --study FILE");
    if (fs::is_directory(path, code)) bad(path, "is a folder, a study file was wanted", "name the *.airframe file");
    std::ifstream in(path, std::ios::binary);
    if (!in) bad(path, "cannot be opened", "check its permissions");
    static constexpr std::string_view magic{"SQLite format 3\0", 16};
    std::array<char, 16> head{};
    in.read(head.data(), head.size());
    if (in.gcount() == 0) bad(path, "is empty, not a study", "choose another file");
    if (std::string_view(head.data(), static_cast<std::size_t>(in.gcount())) != magic)
        bad(path, "is not a study: an SQLite file was wanted", "choose a *.airframe file");
}

void refuseNetwork(const fs::path& path) {
    if (const std::string type = networkFileSystem(path); !type.empty())
        bad(path, "lies on a network file system (" + type + "), where a write-ahead log can be damaged",
            "copy the study to a local disk and open the copy");
}

/// Removes a half-made file and SQLite's companions of it.
struct Scrap {
    fs::path path;
    ~Scrap() {
        std::error_code ignored;
        for (const char* ending : {"", "-journal", "-wal", "-shm"})
            fs::remove(fs::path(path.string() + ending), ignored);
    }
};

}  // namespace

std::string newUuid() {
    std::array<unsigned char, 16> bytes{};
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw Failure(ErrorCode::internal, "random numbers", "the system gave none");
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const unsigned char byte : bytes) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::int64_t nowMs() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

Study::Impl::Impl(fs::path file, Mode how, const std::string& name, int flags)
    : path(std::move(file)), mode(how), db(name, flags, busy_ms) {}

void Study::Impl::refuseReadOnly() const {
    if (mode == Mode::read_only) bad(path, "is open for reading only", "open it for writing first");
}

void Study::Impl::setDurability(Durability wanted) {
    if (wanted == durability) return;
    db.exec(wanted == Durability::full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    durability = wanted;
}

void Study::Impl::configure() {
    sqlite3_extended_result_codes(db.getHandle(), 1);
    db.exec("PRAGMA foreign_keys = ON");
    db.exec("PRAGMA trusted_schema = OFF");
    if (mode == Mode::read_only) return;
    if (const std::string got = db.execAndGet("PRAGMA journal_mode = WAL").getString(); got != "wal")
        bad(path, "the file system allows no write-ahead log (SQLite chose \"" + got + "\")",
            "copy the study to a local disk");
    db.exec("PRAGMA synchronous = NORMAL");
}

void Study::Impl::checkIdentity() {
    if (schema::applicationIdOf(db) != schema::application_id)
        bad(path, "is an SQLite file, but not a study of Airframe", "choose a *.airframe file");
    const int found = schema::versionOf(db), known = schema::version();
    newer = found > known;
    if (newer && mode == Mode::read_write)
        bad(path,
            "was written by a newer Airframe (schema " + std::to_string(found) + ", this program knows " +
                std::to_string(known) + ")",
            "update Airframe, or open the study for reading only");
    if (found < known && mode == Mode::read_only)
        bad(path,
            "was written by an older Airframe (schema " + std::to_string(found) + ", this program knows " +
                std::to_string(known) + ")",
            "open it once for writing: a backup is made and it is brought up to date");
    // A page check with a time limit, so that a damaged file is told at once and a huge one does not wait.
    auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
    sqlite3_progress_handler(
        db.getHandle(), 10'000,
        [](void* end) { return std::chrono::steady_clock::now() > *static_cast<decltype(deadline)*>(end) ? 1 : 0; },
        &deadline);
    std::string verdict = "ok";
    try {
        verdict = db.execAndGet("PRAGMA quick_check(1)").getString();
    } catch (const SQLite::Exception& exception) {
        if (exception.getErrorCode() != SQLITE_INTERRUPT) {
            sqlite3_progress_handler(db.getHandle(), 0, nullptr, nullptr);
            throw;
        }
    }
    sqlite3_progress_handler(db.getHandle(), 0, nullptr, nullptr);
    if (verdict != "ok") bad(path, "is damaged: " + verdict, "use a copy or the backup beside it");
}

Study::Study() = default;
Study::~Study() = default;

std::unique_ptr<Study> Study::create(const fs::path& path, const ModelRow& model) {
    std::error_code code;
    if (fs::exists(path, code)) bad(path, "exists already", "choose another name, or open it");
    if (const fs::path folder = path.parent_path(); !folder.empty() && !fs::is_directory(folder, code))
        bad(path, "its folder does not exist", "make the folder first");
    refuseNetwork(path);
    // Made under another name and linked when complete: a study either exists whole or not at all.
    Scrap scrap{path.string() + ".new-" + newUuid().substr(0, 8)};
    try {
        SQLite::Database db(scrap.path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_ms);
        sqlite3_extended_result_codes(db.getHandle(), 1);
        schema::migrate(db, scrap.path);
        SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
        SQLite::Statement project(db, "INSERT INTO project(id, uuid, created, app_version) VALUES (1, ?, ?, ?)");
        SQLite::bind(project, newUuid(), nowMs(), std::string(AIRFRAME_VERSION));
        project.exec();
        SQLite::Statement insert(db,
                                 "INSERT INTO model(uuid, hash, path, format, architecture, layers, config_json) "
                                 "VALUES (?, ?, ?, ?, ?, ?, ?)");
        SQLite::bind(insert, newUuid(), model.hash, model.path, model.format, model.architecture, model.layers,
                     model.config_json);
        insert.exec();
        transaction.commit();
    } catch (const SQLite::Exception& exception) {
        throw fromSqlite(exception, path);
    }
    if (link(scrap.path.c_str(), path.c_str()) != 0) {
        if (errno == EEXIST) bad(path, "exists already", "choose another name, or open it");
        fs::rename(scrap.path, path, code);  // a file system without hard links
        if (code) bad(path, "cannot be made: " + code.message(), "check the folder's permissions");
    }
    return open(path, Mode::read_write);
}

std::unique_ptr<Study> Study::open(const fs::path& path, Mode mode) {
    checkFile(path);
    if (mode == Mode::read_write) refuseNetwork(path);
    std::unique_ptr<Study> study(new Study);
    try {
        const int flags = mode == Mode::read_write ? SQLite::OPEN_READWRITE : SQLite::OPEN_READONLY;
        const auto connect = [&](const std::string& name, int extra) {
            study->m = std::make_unique<Impl>(path, mode, name, flags | extra);
            study->m->configure();
            (void)schema::versionOf(study->m->db);  // the first read: needs the write-ahead log's companions
        };
        try {
            connect(path.string(), 0);
        } catch (const SQLite::Exception& exception) {
            // In a folder that cannot be written (a DVD, somebody else's) the log's shared memory cannot be made.
            // Without a log the file cannot change either, so it may be read as it is.
            std::error_code code;
            const bool log =
                fs::exists(path.string() + "-wal", code) && fs::file_size(path.string() + "-wal", code) > 0;
            if (mode != Mode::read_only || log || exception.getErrorCode() != SQLITE_CANTOPEN) throw;
            std::string uri = "file:";
            for (const unsigned char c : fs::absolute(path).string()) {
                static constexpr char digits[] = "0123456789ABCDEF";
                if (std::isalnum(c) || c == '/' || c == '.' || c == '_' || c == '-')
                    uri += static_cast<char>(c);
                else
                    (uri += '%', uri += digits[c >> 4], uri += digits[c & 15]);
            }
            connect(uri + "?immutable=1", SQLite::OPEN_URI);
        }
        study->m->checkIdentity();
        if (mode == Mode::read_write) {
            schema::migrate(study->m->db, path);
            study->m->markInterrupted();
        }
    } catch (const SQLite::Exception& exception) {
        throw fromSqlite(exception, path);
    }
    return study;
}

}  // namespace airframe
