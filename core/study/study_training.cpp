// SPDX-License-Identifier: GPL-3.0-or-later
// Curves and checkpoints.
#include "core/study/study_impl.h"

namespace airframe {
namespace {

const std::string checkpoint_columns =
    "SELECT id, run_id, hash, weights_file, state_file, tokens, step, created, block, json FROM checkpoint ";

CheckpointRow checkpointFrom(RowReader& row) {
    CheckpointRow out;
    out.id = row.integer();
    out.run_id = row.integer();
    out.hash = row.text();
    out.weights_file = row.text();
    out.state_file = row.text();
    out.tokens = row.integer();
    out.step = row.integer();
    out.created = row.integer();
    out.block = row.text();
    out.json = row.text();
    return out;
}

}  // namespace

void Study::addSamples(const std::vector<SampleRow>& samples) {
    if (samples.empty()) return;
    m->write(Durability::normal, [&] {
        SQLite::Statement insert(m->db,
                                 "INSERT INTO sample(run_id, step, name, layer, value, t) VALUES (?, ?, ?, ?, ?, ?)");
        for (const SampleRow& sample : samples) {
            SQLite::bind(insert, sample.run_id, sample.step, sample.name, sample.layer, sample.value, orNow(sample.t));
            insert.exec();
            insert.reset();
        }
    });
}

void Study::dropSamplesAfter(std::int64_t run, std::int64_t step) {
    m->write(Durability::normal, [&] { m->run("DELETE FROM sample WHERE run_id = ? AND step > ?", run, step); });
}

std::vector<SampleRow> Study::samples(std::int64_t run, std::int64_t after_id) const {
    return m->rows<SampleRow>(
        "SELECT id, run_id, step, name, layer, value, t FROM sample WHERE run_id = ? AND id > ? ORDER BY id",
        [](RowReader& row) {
            SampleRow out;
            out.id = row.integer();
            out.run_id = row.integer();
            out.step = row.integer();
            out.name = row.text();
            out.layer = row.small();
            out.value = row.real();
            out.t = row.integer();
            return out;
        },
        run, after_id);
}

std::int64_t Study::addCheckpoint(const CheckpointRow& checkpoint) {
    return m->write(Durability::full, [&] {
        return m->insert(
            "INSERT INTO checkpoint(uuid, run_id, hash, weights_file, state_file, tokens, step, created, block, json) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            newUuid(), checkpoint.run_id, checkpoint.hash, checkpoint.weights_file, checkpoint.state_file,
            checkpoint.tokens, checkpoint.step, orNow(checkpoint.created), checkpoint.block, checkpoint.json);
    });
}

std::vector<CheckpointRow> Study::checkpoints(std::int64_t run) const {
    return m->rows<CheckpointRow>(checkpoint_columns + "WHERE ?1 = 0 OR run_id = ?1 ORDER BY id", checkpointFrom, run);
}

std::optional<CheckpointRow> Study::latestCheckpoint(const std::string& block) const {
    auto found =
        m->rows<CheckpointRow>(checkpoint_columns + "WHERE block = ? ORDER BY id DESC LIMIT 1", checkpointFrom, block);
    if (found.empty()) return std::nullopt;
    return found.front();
}

void Study::forgetCheckpointState(std::int64_t checkpoint) {
    m->write(Durability::full, [&] { m->run("UPDATE checkpoint SET state_file = '' WHERE id = ?", checkpoint); });
}

void Study::removeCheckpoint(std::int64_t checkpoint) {
    m->write(Durability::full, [&] { m->run("DELETE FROM checkpoint WHERE id = ?", checkpoint); });
}

}  // namespace airframe
