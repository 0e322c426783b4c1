// SPDX-License-Identifier: GPL-3.0-or-later
// Runs, who owns them, and commands to them.
#include "core/study/process_owner.h"
#include "core/study/study_impl.h"

namespace airframe {
namespace {

const std::string run_columns =
    "SELECT run.id, run.uuid, run.kind, run.state, run.seed, run.params_json, env.json, run.created, run.ended, "
    "run.note, "
    "run.error_json, run.done, run.total FROM run JOIN env ON env.id = run.env_id ";
const std::string control_columns =
    "SELECT id, run_id, at, who, kind, payload_json, effect_json, consumed, consumed_step FROM control ";

RunRow runFrom(RowReader& row) {
    RunRow out;
    out.id = row.integer();
    out.uuid = row.text();
    out.kind = row.text();
    out.state = runStateFrom(row.text());
    out.seed = row.integer();
    out.params_json = row.text();
    out.env_json = row.text();
    out.created = row.integer();
    out.ended = row.integer();
    out.note = row.text();
    out.error_json = row.text();
    out.done = row.real();
    out.total = row.real();
    return out;
}

ControlRow controlFrom(RowReader& row) {
    ControlRow out;
    out.id = row.integer();
    out.run_id = row.integer();
    out.at = row.integer();
    out.who = row.text();
    out.kind = row.text();
    out.payload_json = row.text();
    out.effect_json = row.text();
    out.consumed = row.integer();
    out.consumed_step = row.integer();
    return out;
}

ProcessOwner ownerFrom(RowReader& row) {
    ProcessOwner out;
    out.host = row.text();
    out.boot_id = row.text();
    out.pid = row.integer();
    out.pid_start = row.integer();
    return out;
}

bool isOpen(RunState state) {
    return state == RunState::running || state == RunState::paused;
}

[[noreturn]] void noRun(const std::filesystem::path& path, std::int64_t run) {
    throw Failure(ErrorCode::bad_input, path.string(), "has no run " + std::to_string(run),
                  "list the runs of the study");
}

}  // namespace

void Study::Impl::takeOwnership(std::int64_t id) {
    const ProcessOwner self = ProcessOwner::self();
    run("INSERT INTO owner(run_id, host, boot_id, pid, pid_start) VALUES (?, ?, ?, ?, ?) ON CONFLICT(run_id) DO UPDATE "
        "SET "
        "host = excluded.host, boot_id = excluded.boot_id, pid = excluded.pid, pid_start = excluded.pid_start",
        id, self.host, self.boot_id, self.pid, self.pid_start);
}

void Study::Impl::markInterrupted() {
    struct Open {
        std::int64_t run;
        ProcessOwner owner;
    };
    const auto left = [&] {
        auto open = rows<Open>(
            "SELECT run.id, IFNULL(host, ''), IFNULL(boot_id, ''), IFNULL(pid, 0), IFNULL(pid_start, 0) "
            "FROM run LEFT JOIN owner ON owner.run_id = run.id WHERE state IN ('running', 'paused')",
            [](RowReader& row) {
                const std::int64_t id = row.integer();
                return Open{id, ownerFrom(row)};
            });
        std::erase_if(open, [](const Open& entry) { return entry.owner.alive(); });
        return open;
    };
    if (left().empty()) return;  // the common case takes no write lock
    write(Durability::full, [&] {
        for (const Open& entry : left()) {  // again: another program may have resumed one
            run("UPDATE run SET state = 'interrupted', ended = ? WHERE id = ?", nowMs(), entry.run);
            run("DELETE FROM owner WHERE run_id = ?", entry.run);
        }
    });
}

std::int64_t Study::beginRun(const std::string& kind, std::int64_t seed, const std::string& params_json,
                             const std::string& env_json) {
    return m->write(Durability::full, [&] {
        m->run("INSERT INTO env(json) VALUES (?) ON CONFLICT(json) DO NOTHING", env_json);
        const std::int64_t id = m->insert(
            "INSERT INTO run(uuid, kind, state, seed, params_json, env_id, created) "
            "VALUES (?, ?, 'running', ?, ?, (SELECT id FROM env WHERE json = ?), ?)",
            newUuid(), kind, seed, params_json, env_json, nowMs());
        m->takeOwnership(id);
        return id;
    });
}

void Study::adoptRun(std::int64_t run) {
    m->write(Durability::full, [&] {
        if (m->run("UPDATE run SET state = 'running', ended = 0, error_json = '' WHERE id = ?", run) != 1)
            noRun(m->path, run);
        m->takeOwnership(run);
    });
}

void Study::setRunState(std::int64_t run, RunState state, const std::string& error_json) {
    m->write(Durability::full, [&] {
        if (m->run("UPDATE run SET state = ?, ended = ?, error_json = ? WHERE id = ?", toString(state),
                   isOpen(state) ? std::int64_t{0} : nowMs(), error_json, run) != 1)
            noRun(m->path, run);
        if (!isOpen(state)) m->run("DELETE FROM owner WHERE run_id = ?", run);
    });
}

void Study::setRunProgress(std::int64_t run, double done, double total) {
    m->write(Durability::normal, [&] {
        if (m->run("UPDATE run SET done = ?, total = ? WHERE id = ?", done, total, run) != 1) noRun(m->path, run);
    });
}

RunRow Study::run(std::int64_t id) const {
    auto found = m->rows<RunRow>(run_columns + "WHERE run.id = ?", runFrom, id);
    if (found.empty()) noRun(m->path, id);
    return found.front();
}

std::vector<RunRow> Study::runs(const std::string& kind) const {
    return m->rows<RunRow>(run_columns + "WHERE ?1 = '' OR run.kind = ?1 ORDER BY run.id", runFrom, kind);
}

bool Study::ownerAlive(std::int64_t run) const {
    const auto found =
        m->rows<ProcessOwner>("SELECT host, boot_id, pid, pid_start FROM owner WHERE run_id = ?", ownerFrom, run);
    return !found.empty() && found.front().alive();
}

std::int64_t Study::addControl(const ControlRow& control) {
    return m->write(Durability::full, [&] {
        return m->insert(
            "INSERT INTO control(run_id, at, who, kind, payload_json, effect_json, consumed, consumed_step) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            control.run_id, orNow(control.at), control.who, control.kind, control.payload_json, control.effect_json,
            control.consumed, control.consumed_step);
    });
}

std::vector<ControlRow> Study::pendingControls(std::int64_t run) const {
    return m->rows<ControlRow>(control_columns + "WHERE run_id = ? AND consumed = 0 ORDER BY id", controlFrom, run);
}

void Study::consumeControl(std::int64_t control, std::int64_t step, const std::string& effect_json) {
    m->write(Durability::full, [&] {
        m->run("UPDATE control SET consumed = ?, consumed_step = ?, effect_json = ? WHERE id = ?", nowMs(), step,
               effect_json, control);
    });
}

std::vector<ControlRow> Study::controls(std::int64_t run) const {
    return m->rows<ControlRow>(control_columns + "WHERE ?1 = 0 OR run_id = ?1 ORDER BY id", controlFrom, run);
}

}  // namespace airframe
