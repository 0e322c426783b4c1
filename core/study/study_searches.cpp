// SPDX-License-Identifier: GPL-3.0-or-later
// Proposals and states of searches, measurements, generations.
#include "core/study/study_impl.h"

namespace airframe {
namespace {

[[noreturn]] void noRow(const std::filesystem::path& path, const std::string& kind, std::int64_t id) {
    throw Failure(ErrorCode::internal, path.string(), "has no " + kind + " " + std::to_string(id));
}

}  // namespace

std::int64_t Study::addProposal(const ProposalRow& p) {
    return m->write(Durability::normal, [&] {
        const std::int64_t candidate = m->candidateId(p.placement);
        const std::int64_t parent = p.parent.empty() ? 0 : m->candidateId(p.parent);
        return m->insert(
            "INSERT INTO proposal(run_id, round, candidate_id, parent_id, origin, name, state, score, low, high, kept, "
            "cut_reason, queue_pos) VALUES (?, ?, ?, NULLIF(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            p.run_id, p.round, candidate, parent, p.origin, p.name, p.state, p.score, p.low, p.high, p.kept ? 1 : 0,
            p.cut_reason, p.queue_pos);
    });
}

void Study::updateProposal(const ProposalRow& p) {
    m->write(Durability::normal, [&] {
        const std::int64_t candidate = m->candidateId(p.placement);
        const std::int64_t parent = p.parent.empty() ? 0 : m->candidateId(p.parent);
        if (m->run("UPDATE proposal SET run_id = ?, round = ?, candidate_id = ?, parent_id = NULLIF(?, 0), origin = ?, "
                   "name = ?, "
                   "state = ?, score = ?, low = ?, high = ?, kept = ?, cut_reason = ?, queue_pos = ? WHERE id = ?",
                   p.run_id, p.round, candidate, parent, p.origin, p.name, p.state, p.score, p.low, p.high,
                   p.kept ? 1 : 0, p.cut_reason, p.queue_pos, p.id) != 1)
            noRow(m->path, "proposal", p.id);
    });
}

std::vector<ProposalRow> Study::proposals(std::int64_t run) const {
    return m->rows<ProposalRow>(
        "SELECT proposal.id, run_id, round, c.placement, IFNULL(p.placement, ''), origin, name, state, score, low, "
        "high, kept, "
        "cut_reason, queue_pos FROM proposal JOIN candidate c ON c.id = candidate_id LEFT JOIN candidate p ON p.id = "
        "parent_id "
        "WHERE run_id = ? ORDER BY proposal.id",
        [](RowReader& row) {
            ProposalRow out;
            out.id = row.integer();
            out.run_id = row.integer();
            out.round = row.small();
            out.placement = row.text();
            out.parent = row.text();
            out.origin = row.text();
            out.name = row.text();
            out.state = row.text();
            out.score = row.real();
            out.low = row.real();
            out.high = row.real();
            out.kept = row.flag();
            out.cut_reason = row.text();
            out.queue_pos = row.small();
            return out;
        },
        run);
}

void Study::saveSearchState(std::int64_t run, const std::string& json) {
    m->write(Durability::normal, [&] {
        m->run(
            "INSERT INTO search_state(run_id, json, at) VALUES (?, ?, ?) "
            "ON CONFLICT(run_id) DO UPDATE SET json = excluded.json, at = excluded.at",
            run, json, nowMs());
    });
}

std::string Study::searchState(std::int64_t run) const {
    const auto found = m->rows<std::string>(
        "SELECT json FROM search_state WHERE run_id = ?", [](RowReader& row) { return row.text(); }, run);
    return found.empty() ? std::string() : found.front();
}

std::int64_t Study::addMeasurement(const MeasurementRow& r) {
    return m->write(Durability::full, [&] {
        return m->insert(
            "INSERT INTO measurement(run_id, candidate_id, checkpoint_hash, compute, device, context, batch, threads, "
            "prefill_median, "
            "prefill_q1, prefill_q3, prefill_n, decode_median, decode_q1, decode_q3, decode_n, ttft_median, ttft_q1, "
            "ttft_q3, ttft_n, "
            "cache_bytes, peak_bytes, fits, repeats_json, created) "
            "VALUES (NULLIF(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            r.run_id, m->candidateId(r.placement), r.checkpoint_hash, r.compute, r.device, r.context, r.batch,
            r.threads, r.prefill_tps.median, r.prefill_tps.q1, r.prefill_tps.q3, r.prefill_tps.n, r.decode_tps.median,
            r.decode_tps.q1, r.decode_tps.q3, r.decode_tps.n, r.ttft_ms.median, r.ttft_ms.q1, r.ttft_ms.q3, r.ttft_ms.n,
            r.cache_bytes, r.peak_bytes, r.fits ? 1 : 0, r.repeats_json, orNow(r.created));
    });
}

std::vector<MeasurementRow> Study::measurements(std::int64_t after_id) const {
    return m->rows<MeasurementRow>(
        "SELECT measurement.id, IFNULL(run_id, 0), placement, checkpoint_hash, compute, device, context, batch, "
        "threads, "
        "prefill_median, prefill_q1, prefill_q3, prefill_n, decode_median, decode_q1, decode_q3, decode_n, "
        "ttft_median, ttft_q1, "
        "ttft_q3, ttft_n, cache_bytes, peak_bytes, fits, repeats_json, created FROM measurement "
        "JOIN candidate ON candidate.id = candidate_id WHERE measurement.id > ? ORDER BY measurement.id",
        [](RowReader& row) {
            MeasurementRow out;
            out.id = row.integer();
            out.run_id = row.integer();
            out.placement = row.text();
            out.checkpoint_hash = row.text();
            out.compute = row.text();
            out.device = row.text();
            out.context = row.small();
            out.batch = row.small();
            out.threads = row.small();
            for (MeasurementRow::Spread* spread : {&out.prefill_tps, &out.decode_tps, &out.ttft_ms}) {
                spread->median = row.real();
                spread->q1 = row.real();
                spread->q3 = row.real();
                spread->n = row.small();
            }
            out.cache_bytes = row.integer();
            out.peak_bytes = row.integer();
            out.fits = row.flag();
            out.repeats_json = row.text();
            out.created = row.integer();
            return out;
        },
        after_id);
}

std::int64_t Study::addGeneration(const GenerationRow& g) {
    return m->write(Durability::full, [&] {
        return m->insert(
            "INSERT INTO generation(uuid, slot, candidate_id, prompt, sampling_json, text, ids_json, stats_json, seed, "
            "created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            newUuid(), g.slot, m->candidateId(g.placement), g.prompt, g.sampling_json, g.text, g.ids_json, g.stats_json,
            g.seed, orNow(g.created));
    });
}

std::vector<GenerationRow> Study::generations() const {
    return m->rows<GenerationRow>(
        "SELECT generation.id, slot, placement, prompt, sampling_json, text, ids_json, stats_json, seed, created FROM "
        "generation "
        "JOIN candidate ON candidate.id = candidate_id ORDER BY generation.id",
        [](RowReader& row) {
            GenerationRow out;
            out.id = row.integer();
            out.slot = row.text();
            out.placement = row.text();
            out.prompt = row.text();
            out.sampling_json = row.text();
            out.text = row.text();
            out.ids_json = row.text();
            out.stats_json = row.text();
            out.seed = row.integer();
            out.created = row.integer();
            return out;
        });
}

}  // namespace airframe
