// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/schema.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <string>

namespace airframe::schema {
namespace {

// Times are UTC milliseconds, hashes SHA-256 in hexadecimal, uuid 128 random bits. A REAL that may be NULL is NULL for
// NaN.
constexpr Migration first = R"sql(
CREATE TABLE project(
    id INTEGER PRIMARY KEY CHECK (id = 1), uuid TEXT NOT NULL, created INTEGER NOT NULL, app_version TEXT NOT NULL) STRICT;

CREATE TABLE model(
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE, path TEXT NOT NULL,
    format TEXT NOT NULL, architecture TEXT NOT NULL, layers INTEGER NOT NULL CHECK (layers > 0),
    config_json TEXT NOT NULL) STRICT;

CREATE TABLE env(id INTEGER PRIMARY KEY AUTOINCREMENT, json TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE run(
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'done', 'stopped', 'interrupted', 'failed')),
    seed INTEGER NOT NULL, params_json TEXT NOT NULL, env_id INTEGER NOT NULL REFERENCES env(id),
    created INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '',
    error_json TEXT NOT NULL DEFAULT '', done REAL NOT NULL DEFAULT 0, total REAL NOT NULL DEFAULT 0) STRICT;

CREATE TABLE owner(
    run_id INTEGER PRIMARY KEY REFERENCES run(id) ON DELETE CASCADE, host TEXT NOT NULL, boot_id TEXT NOT NULL,
    pid INTEGER NOT NULL, pid_start INTEGER NOT NULL) STRICT;

CREATE TABLE sample(
    id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL REFERENCES run(id), step INTEGER NOT NULL,
    name TEXT NOT NULL, layer INTEGER NOT NULL, value REAL, t INTEGER NOT NULL) STRICT;
CREATE INDEX sample_by_run ON sample(run_id, step);

CREATE TABLE checkpoint(
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, run_id INTEGER NOT NULL REFERENCES run(id),
    hash TEXT NOT NULL, weights_file TEXT NOT NULL, state_file TEXT NOT NULL, tokens INTEGER NOT NULL,
    step INTEGER NOT NULL, created INTEGER NOT NULL, block TEXT NOT NULL, json TEXT NOT NULL) STRICT;

CREATE TABLE candidate(
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, placement TEXT NOT NULL UNIQUE,
    full_layers INTEGER NOT NULL, starred INTEGER NOT NULL DEFAULT 0 CHECK (starred IN (0, 1))) STRICT;

CREATE TABLE evaluation(
    id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER REFERENCES run(id),
    candidate_id INTEGER NOT NULL REFERENCES candidate(id), model_hash TEXT NOT NULL, checkpoint_hash TEXT NOT NULL,
    task TEXT NOT NULL, data_hash TEXT NOT NULL, compute TEXT NOT NULL, seed INTEGER NOT NULL,
    evaluator_version INTEGER NOT NULL, nll REAL, margin REAL, items INTEGER NOT NULL, tokens INTEGER NOT NULL,
    seconds REAL, created INTEGER NOT NULL, scores BLOB NOT NULL,
    UNIQUE (candidate_id, model_hash, checkpoint_hash, task, data_hash, compute, seed, evaluator_version)) STRICT;

CREATE TABLE proposal(
    id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL REFERENCES run(id), round INTEGER NOT NULL,
    candidate_id INTEGER NOT NULL REFERENCES candidate(id), parent_id INTEGER REFERENCES candidate(id),
    origin TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, score REAL, low REAL, high REAL,
    kept INTEGER NOT NULL CHECK (kept IN (0, 1)), cut_reason TEXT NOT NULL, queue_pos INTEGER NOT NULL) STRICT;
CREATE INDEX proposal_by_run ON proposal(run_id);

CREATE TABLE search_state(
    run_id INTEGER PRIMARY KEY REFERENCES run(id), json TEXT NOT NULL, at INTEGER NOT NULL) STRICT;

CREATE TABLE measurement(
    id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER REFERENCES run(id),
    candidate_id INTEGER NOT NULL REFERENCES candidate(id), checkpoint_hash TEXT NOT NULL, compute TEXT NOT NULL,
    device TEXT NOT NULL, context INTEGER NOT NULL, batch INTEGER NOT NULL, threads INTEGER NOT NULL,
    prefill_median REAL, prefill_q1 REAL, prefill_q3 REAL, prefill_n INTEGER NOT NULL,
    decode_median REAL, decode_q1 REAL, decode_q3 REAL, decode_n INTEGER NOT NULL,
    ttft_median REAL, ttft_q1 REAL, ttft_q3 REAL, ttft_n INTEGER NOT NULL,
    cache_bytes INTEGER NOT NULL, peak_bytes INTEGER NOT NULL, fits INTEGER NOT NULL CHECK (fits IN (0, 1)),
    repeats_json TEXT NOT NULL, created INTEGER NOT NULL) STRICT;

CREATE TABLE control(
    id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL REFERENCES run(id), at INTEGER NOT NULL,
    who TEXT NOT NULL, kind TEXT NOT NULL, payload_json TEXT NOT NULL, effect_json TEXT NOT NULL,
    consumed INTEGER NOT NULL DEFAULT 0, consumed_step INTEGER NOT NULL DEFAULT -1) STRICT;
CREATE INDEX control_waiting ON control(run_id) WHERE consumed = 0;

CREATE TABLE generation(
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL UNIQUE, slot TEXT NOT NULL,
    candidate_id INTEGER NOT NULL REFERENCES candidate(id), prompt TEXT NOT NULL, sampling_json TEXT NOT NULL,
    text TEXT NOT NULL, ids_json TEXT NOT NULL, stats_json TEXT NOT NULL, seed INTEGER NOT NULL,
    created INTEGER NOT NULL) STRICT;

CREATE TABLE view_state(key TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;

CREATE TABLE note(
    target_kind TEXT NOT NULL, target TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (target_kind, target)) STRICT;
)sql";

constexpr std::array<Migration, 1> all = {first};

int pragma(SQLite::Database& database, const char* name) {
    return database.execAndGet(std::string("PRAGMA ") + name).getInt();
}

void backUp(SQLite::Database& database, const std::filesystem::path& file, int from) {
    std::filesystem::path to = file;
    to += ".v" + std::to_string(from) + ".bak";
    if (std::filesystem::exists(to)) return;
    std::filesystem::path part = to;
    part += ".part";
    std::filesystem::remove(part);
    SQLite::Statement copy(database, "VACUUM INTO ?");
    copy.bind(1, part.string());
    copy.exec();
    std::filesystem::rename(part, to);
}

}  // namespace

std::span<const Migration> migrations() {
    return all;
}
int version() {
    return static_cast<int>(all.size());
}
int versionOf(SQLite::Database& database) {
    return pragma(database, "user_version");
}
std::int32_t applicationIdOf(SQLite::Database& database) {
    return pragma(database, "application_id");
}

void migrate(SQLite::Database& database, const std::filesystem::path& file, std::span<const Migration> steps) {
    const int wanted = static_cast<int>(steps.size());
    const int before = versionOf(database);
    if (before >= wanted) return;
    if (before > 0) backUp(database, file, before);
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    const int from = versionOf(database);  // another program may have been faster
    for (int step = from; step < wanted; ++step) database.exec(std::string(steps[static_cast<std::size_t>(step)]));
    if (from < wanted) {
        database.exec("PRAGMA application_id = " + std::to_string(application_id));
        database.exec("PRAGMA user_version = " + std::to_string(wanted));
    }
    transaction.commit();
}

}  // namespace airframe::schema
