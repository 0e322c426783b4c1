// SPDX-License-Identifier: GPL-3.0-or-later
// Candidates and their evaluations.
#include <bit>
#include <cstring>

#include "core/study/placement.h"
#include "core/study/study_impl.h"

namespace airframe {
namespace {

// Scores of items lie packed in one blob, 24 bytes an item, little endian: int32 item, int32 tokens, float64 nll,
// float64 margin. One row per item would be millions of rows for a search.
constexpr std::size_t packed_size = 24;
static_assert(std::endian::native == std::endian::little, "the blob of item scores is little endian");

std::string packed(const std::vector<ItemScore>& scores) {
    std::string out(scores.size() * packed_size, '\0');
    char* at = out.data();
    for (const ItemScore& score : scores) {
        const std::int32_t item = score.item, tokens = score.tokens;
        std::memcpy(at, &item, 4);
        std::memcpy(at + 4, &tokens, 4);
        std::memcpy(at + 8, &score.nll, 8);
        std::memcpy(at + 16, &score.margin, 8);
        at += packed_size;
    }
    return out;
}

std::vector<ItemScore> unpacked(const SQLite::Column& column) {
    const auto* at = static_cast<const char*>(column.getBlob());
    std::vector<ItemScore> out(static_cast<std::size_t>(column.getBytes()) / packed_size);
    for (ItemScore& score : out) {
        std::int32_t item = 0, tokens = 0;
        std::memcpy(&item, at, 4);
        std::memcpy(&tokens, at + 4, 4);
        std::memcpy(&score.nll, at + 8, 8);
        std::memcpy(&score.margin, at + 16, 8);
        score.item = item;
        score.tokens = tokens;
        at += packed_size;
    }
    return out;
}

std::string evaluationColumns(bool with_items) {
    return std::string(
               "SELECT evaluation.id, IFNULL(run_id, 0), placement, model_hash, checkpoint_hash, task, data_hash, "
               "compute, "
               "seed, evaluator_version, nll, margin, items, tokens, seconds, created") +
           (with_items ? ", scores" : "") + " FROM evaluation JOIN candidate ON candidate.id = candidate_id ";
}

EvaluationRow evaluationFrom(RowReader& row, bool with_items) {
    EvaluationRow out;
    out.id = row.integer();
    out.run_id = row.integer();
    out.key.placement = row.text();
    out.key.model_hash = row.text();
    out.key.checkpoint_hash = row.text();
    out.key.task = row.text();
    out.key.data_hash = row.text();
    out.key.compute = row.text();
    out.key.seed = row.integer();
    out.key.evaluator_version = row.small();
    out.nll = row.real();
    out.margin = row.real();
    out.items = row.small();
    out.tokens = row.integer();
    out.seconds = row.real();
    out.created = row.integer();
    if (with_items) out.scores = unpacked(row.column());
    return out;
}

CandidateRow candidateFrom(RowReader& row) {
    CandidateRow out;
    out.id = row.integer();
    out.uuid = row.text();
    out.placement = row.text();
    out.full_layers = row.small();
    out.starred = row.flag();
    return out;
}

const std::string candidate_columns = "SELECT id, uuid, placement, full_layers, starred FROM candidate ";

}  // namespace

std::int64_t Study::Impl::candidateId(const std::string& text) {
    const Placement placement = Placement::parse(text);
    const std::string canonical = placement.text();
    SQLite::Statement find(db, "SELECT id FROM candidate WHERE placement = ?");
    find.bind(1, canonical);
    if (find.executeStep()) return find.getColumn(0).getInt64();
    const int layers = db.execAndGet("SELECT layers FROM model ORDER BY id LIMIT 1").getInt();
    (void)Placement::parse(canonical, layers);  // throws with both lengths
    return insert("INSERT INTO candidate(uuid, placement, full_layers) VALUES (?, ?, ?)", newUuid(), canonical,
                  static_cast<int>(placement.fullLayers().size()));
}

CandidateRow Study::candidate(const std::string& placement) {
    const std::string canonical = Placement::parse(placement).text();
    const auto find = [&] {
        return m->rows<CandidateRow>(candidate_columns + "WHERE placement = ?", candidateFrom, canonical);
    };
    if (const auto found = find(); !found.empty()) return found.front();
    m->write(Durability::normal, [&] { m->candidateId(canonical); });
    return find().front();
}

std::vector<CandidateRow> Study::candidates() const {
    return m->rows<CandidateRow>(candidate_columns + "ORDER BY id", candidateFrom);
}

void Study::star(const std::string& placement, bool on) {
    m->write(Durability::full,
             [&] { m->run("UPDATE candidate SET starred = ? WHERE id = ?", on ? 1 : 0, m->candidateId(placement)); });
}

bool Study::addEvaluation(const EvaluationRow& evaluation) {
    const std::string scores = packed(evaluation.scores);
    const EvaluationKey& key = evaluation.key;
    return m->write(Durability::full, [&] {
        const std::int64_t candidate = m->candidateId(key.placement);
        SQLite::Statement insert(
            m->db,
            "INSERT INTO evaluation(candidate_id, run_id, model_hash, checkpoint_hash, task, data_hash, compute, "
            "seed, evaluator_version, nll, margin, items, tokens, seconds, created, scores) "
            "VALUES (?, NULLIF(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT(candidate_id, model_hash, checkpoint_hash, task, data_hash, compute, seed, "
            "evaluator_version) DO NOTHING");
        SQLite::bind(insert, candidate, evaluation.run_id, key.model_hash, key.checkpoint_hash, key.task, key.data_hash,
                     key.compute, key.seed, key.evaluator_version, evaluation.nll, evaluation.margin, evaluation.items,
                     evaluation.tokens, evaluation.seconds, orNow(evaluation.created));
        insert.bind(16, scores.data(), static_cast<int>(scores.size()));
        return insert.exec() == 1;
    });
}

std::optional<EvaluationRow> Study::findEvaluation(const EvaluationKey& key, bool with_items) const {
    auto found = m->rows<EvaluationRow>(
        evaluationColumns(with_items) +
            "WHERE placement = ? AND model_hash = ? AND checkpoint_hash = ? AND task = ? AND data_hash = ? AND compute "
            "= ? AND "
            "seed = ? AND evaluator_version = ?",
        [&](RowReader& row) { return evaluationFrom(row, with_items); }, Placement::parse(key.placement).text(),
        key.model_hash, key.checkpoint_hash, key.task, key.data_hash, key.compute, key.seed, key.evaluator_version);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::vector<EvaluationRow> Study::evaluations(bool with_items, std::int64_t after_id) const {
    return m->rows<EvaluationRow>(
        evaluationColumns(with_items) + "WHERE evaluation.id > ? ORDER BY evaluation.id",
        [&](RowReader& row) { return evaluationFrom(row, with_items); }, after_id);
}

}  // namespace airframe
