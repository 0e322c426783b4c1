// SPDX-License-Identifier: GPL-3.0-or-later
// The study as a file: identity, folder, copies, checks, and the window's own few rows.
#include "core/study/study_impl.h"

namespace airframe {
namespace fs = std::filesystem;

const fs::path& Study::path() const {
    return m->path;
}
bool Study::readOnly() const {
    return m->mode == Mode::read_only;
}
bool Study::newerVersion() const {
    return m->newer;
}

fs::path Study::weightsFolder() const {
    fs::path folder = m->path;
    folder += ".weights";
    if (readOnly()) return folder;
    std::error_code code;
    fs::create_directories(folder, code);
    if (code)
        throw Failure(code == std::errc::no_space_on_device ? ErrorCode::no_room : ErrorCode::bad_input,
                      folder.string(), "cannot be made: " + code.message(),
                      "free some space or check the folder's permissions");
    return folder;
}

std::string Study::uuid() const {
    return m->read([&] { return m->db.execAndGet("SELECT uuid FROM project").getString(); });
}

ModelRow Study::model() const {
    const auto found = m->rows<ModelRow>(
        "SELECT id, hash, path, format, architecture, layers, config_json FROM model ORDER BY id LIMIT 1",
        [](RowReader& row) {
            ModelRow out;
            out.id = row.integer();
            out.hash = row.text();
            out.path = row.text();
            out.format = row.text();
            out.architecture = row.text();
            out.layers = row.small();
            out.config_json = row.text();
            return out;
        });
    if (found.empty())
        throw Failure(ErrorCode::bad_input, m->path.string(), "names no model", "use a copy or the backup beside it");
    return found.front();
}

std::int64_t Study::dataVersion() const {
    return m->read([&] { return m->db.execAndGet("PRAGMA data_version").getInt64(); });
}

std::string Study::integrityCheck() const {
    std::string out;
    try {
        SQLite::Statement check(m->db, "PRAGMA integrity_check");
        while (check.executeStep()) out += (out.empty() ? "" : "; ") + check.getColumn(0).getString();
        SQLite::Statement keys(m->db, "PRAGMA foreign_key_check");
        while (keys.executeStep()) out += "; foreign key of " + keys.getColumn(0).getString() + " points nowhere";
    } catch (const SQLite::Exception& exception) {
        return exception.what();
    }
    return out;
}

void Study::saveCopy(const fs::path& to) const {
    std::error_code code;
    fs::path part = to, weights = m->path, weights_to = to, weights_part = to;
    part += ".part";
    weights += ".weights";
    weights_to += ".weights";
    weights_part += ".weights.part";
    if (fs::exists(to, code) || fs::exists(weights_to, code))
        throw Failure(ErrorCode::bad_input, to.string(), "exists already", "choose another name");
    fs::remove(part, code);
    fs::remove_all(weights_part, code);
    try {
        m->read([&] {
            SQLite::Statement copy(m->db, "VACUUM INTO ?");
            copy.bind(1, part.string());
            copy.exec();
        });
        if (fs::is_directory(weights)) {
            fs::copy(weights, weights_part, fs::copy_options::recursive);
            fs::rename(weights_part, weights_to);
        }
        fs::rename(part, to);  // last: a study that can be seen is complete
    } catch (const fs::filesystem_error& error) {
        fs::remove(part, code);
        fs::remove_all(weights_part, code);
        throw Failure(error.code() == std::errc::no_space_on_device ? ErrorCode::no_room : ErrorCode::bad_input,
                      to.string(), "cannot be written: " + error.code().message(),
                      "free some space or check the folder's permissions");
    } catch (const Failure&) {
        fs::remove(part, code);
        throw;
    }
}

void Study::setViewState(const std::string& key, const std::string& json) {
    m->write(Durability::normal, [&] {
        m->run("INSERT INTO view_state(key, json) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET json = excluded.json",
               key, json);
    });
}

std::string Study::viewState(const std::string& key) const {
    const auto found = m->rows<std::string>(
        "SELECT json FROM view_state WHERE key = ?", [](RowReader& row) { return row.text(); }, key);
    return found.empty() ? std::string() : found.front();
}

void Study::setNote(const std::string& target_kind, const std::string& target, const std::string& text) {
    m->write(Durability::full, [&] {
        m->run(
            "INSERT INTO note(target_kind, target, text, at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT(target_kind, target) DO UPDATE SET text = excluded.text, at = excluded.at",
            target_kind, target, text, nowMs());
    });
}

std::string Study::note(const std::string& target_kind, const std::string& target) const {
    const auto found = m->rows<std::string>(
        "SELECT text FROM note WHERE target_kind = ? AND target = ?", [](RowReader& row) { return row.text(); },
        target_kind, target);
    return found.empty() ? std::string() : found.front();
}

}  // namespace airframe
