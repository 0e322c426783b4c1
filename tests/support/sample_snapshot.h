// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/study/importance.h"
#include "core/study/objective.h"
#include "core/study/placement.h"
#include "core/study/search/beam.h"
#include "ui/study_snapshot.h"

namespace airframe::test {

/// A snapshot full of values from formulas, for tests of views: scores, importance, a beam search made by the real
/// search over those scores, controls, measurements. Nothing of it is a result about any model.
class SampleSnapshot {
  public:
    int layers = 12, budget = 3, width = 3, items = 16;
    std::vector<std::string> tasks{"language", "kv"};
    bool running = false;  ///< the search has one more round queued

    [[nodiscard]] ui::SnapshotPtr make() {
        m_snapshot = std::make_shared<ui::StudySnapshot>();
        m_scored.clear();
        m_snapshot->path = "sample.airframe";
        m_snapshot->model = {1, "model", "sample.gguf", "gguf", "llama", layers, "{}"};
        m_snapshot->checkpoint_hash = "checkpoint";
        CheckpointRow checkpoint;
        checkpoint.id = 1;
        checkpoint.hash = "checkpoint";
        m_snapshot->checkpoints.push_back(checkpoint);
        const Placement teacher(std::vector<std::string>(static_cast<std::size_t>(layers), "attn"));
        const Placement linear = Placement::withFull(layers, {});
        score(teacher);
        score(linear);
        for (int layer = 0; layer < layers; ++layer) {
            score(Placement::withFull(layers, {layer}));
            std::vector<std::string> blocks = teacher.blocks();
            blocks[static_cast<std::size_t>(layer)] = "jet";
            score(Placement(blocks));
        }
        m_snapshot->importance = importanceFrom(m_snapshot->evaluations, layers, "jet", "checkpoint");
        search(linear);
        measure(teacher, linear);
        return m_snapshot;
    }

    /// Deterministic value in [0, 1) for any integers.
    [[nodiscard]] static double noise(std::uint64_t a, std::uint64_t b, std::uint64_t c = 0) {
        std::uint64_t x = a * 0x9E3779B97F4A7C15ULL + b * 0xBF58476D1CE4E5B9ULL + c * 0x94D049BB133111EBULL + 0x1234567ULL;
        for (int round = 0; round < 3; ++round) x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
        return static_cast<double>((x ^ (x >> 31)) >> 11) / 9007199254740992.0;
    }

  private:
    /// How much attention in a layer takes off the loss of a task.
    [[nodiscard]] double worth(int layer, std::size_t task) const {
        const double base = 0.02 + 0.05 * noise(static_cast<std::uint64_t>(layer), task, 7);
        const bool peak = layer == layers / 6 || layer == (2 * layers) / 3;
        return task == 0 ? base : base * 0.6 + (peak ? 0.9 - 0.2 * static_cast<double>(task) : 0.0);
    }

    std::vector<EvaluationRow> score(const Placement& placement) {
        const std::string text = placement.text();
        if (const auto known = m_scored.find(text); known != m_scored.end()) return known->second;
        std::vector<EvaluationRow> rows;
        for (std::size_t task = 0; task < tasks.size(); ++task) {
            double sum = 0;
            for (const int layer : placement.fullLayers()) sum += worth(layer, task);
            EvaluationRow row;
            row.id = static_cast<std::int64_t>(m_snapshot->evaluations.size()) + 1;
            row.key = {text, "model", placement.allFull() ? "" : "checkpoint", tasks[task], "items", "bf16", 0, 1};
            row.items = items;
            for (int item = 0; item < items; ++item) {
                const double hard = 4.2 + 0.6 * static_cast<double>(task) + noise(static_cast<std::uint64_t>(item), task, 3);
                const double own = 0.24 * (noise(std::hash<std::string>()(text), static_cast<std::uint64_t>(item), task) - 0.5);
                const ItemScore one{item, hard - (1.0 + 0.4 * static_cast<double>(task)) * (1 - std::exp(-sum)) + own, 0.1, 32};
                row.nll += one.nll / items;
                row.tokens += one.tokens;
                row.scores.push_back(one);
            }
            rows.push_back(row);
            m_snapshot->evaluations.push_back(std::move(row));
        }
        m_snapshot->candidates.push_back({static_cast<std::int64_t>(m_snapshot->candidates.size()) + 1, text, text, static_cast<int>(placement.fullLayers().size()), false});
        m_scored[text] = rows;
        return rows;
    }

    void search(const Placement& linear) {
        RunRow run;
        run.id = 7;
        run.kind = "search";
        run.state = running ? RunState::running : RunState::done;
        run.params_json = R"({"full_layers":)" + std::to_string(budget) + R"(,"width":)" + std::to_string(width) + "}";
        m_snapshot->runs.push_back(run);
        Constraints constraints;
        constraints.layers = layers;
        constraints.budget = budget;
        constraints.width = width;
        BeamSearch beam(constraints);
        const auto base = score(linear);
        std::map<std::pair<int, std::string>, std::string> parents;
        for (auto asks = beam.next(); !asks.empty(); asks = beam.next()) {
            if (running && asks.front().round == budget) {
                int place = 0;
                for (const Ask& ask : asks) {
                    propose(ask.placement.text(), ask.parent, ask.round, place == 0 ? "running" : "queued", place + 1);
                    ++place;
                }
                break;
            }
            for (const Ask& ask : asks) {
                parents[{ask.round, ask.placement.text()}] = ask.parent;
                const Interval gain = gainOver(base, score(ask.placement), {}, 0);
                beam.tell({ask.placement, gain.mean, gain.low, gain.high, false});
            }
        }
        for (const Verdict& verdict : beam.verdicts()) {
            ProposalRow& row = propose(verdict.placement.text(), parents[{verdict.round, verdict.placement.text()}], verdict.round, "done", 0);
            row.score = verdict.score, row.low = verdict.low, row.high = verdict.high;
            row.kept = verdict.kept, row.cut_reason = verdict.cut_reason;
        }
        const auto control = [&](const std::string& name, const Placement& placement) {
            const Interval gain = gainOver(base, score(placement), {}, 0);
            ProposalRow& row = propose(placement.text(), "", 0, "done", 0);
            row.origin = "control", row.name = name;
            row.score = gain.mean, row.low = gain.low, row.high = gain.high;
        };
        control("uniform", Placement::uniform(layers, budget));
        control("last", Placement::last(layers, budget));
        for (int i = 1; i <= 8; ++i) {
            std::vector<int> full;
            for (int k = 0; static_cast<int>(full.size()) < budget; ++k) {
                const int layer = static_cast<int>(noise(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(k)) * layers);
                if (std::find(full.begin(), full.end(), layer) == full.end()) full.push_back(layer);
            }
            control("random-" + std::to_string(i), Placement::withFull(layers, full));
        }
        m_snapshot->controls.push_back({1, 7, 1700000000000, "ana", "steer", R"({"width":)" + std::to_string(width) + R"(,"reason":"class demo"})",
                                        R"({"kept":46,"dropped":3,"added":5})", 1700000001000, 31});
    }

    ProposalRow& propose(const std::string& placement, const std::string& parent, int round, const std::string& state, int queue) {
        ProposalRow row;
        row.id = static_cast<std::int64_t>(m_snapshot->proposals.size()) + 1;
        row.run_id = 7;
        row.round = round;
        row.placement = placement;
        row.parent = parent;
        row.origin = "search";
        row.state = state;
        row.queue_pos = queue;
        m_snapshot->proposals.push_back(row);
        return m_snapshot->proposals.back();
    }

    void measure(const Placement& teacher, const Placement& linear) {
        std::vector<Placement> all{teacher, linear};
        for (const ProposalRow& row : m_snapshot->proposals)
            if (row.state == "done" && (row.kept || row.origin == "control")) all.push_back(Placement::parse(row.placement));
        for (const auto& [batch, context] : {std::pair{8, 8192}, std::pair{1, 2048}})
            for (const Placement& placement : all) {
                if (batch == 1 && placement != teacher && placement != linear && placement.fullLayers().size() < 2) continue;
                const double full = static_cast<double>(placement.fullLayers().size());
                MeasurementRow row;
                row.id = static_cast<std::int64_t>(m_snapshot->measurements.size()) + 1;
                row.placement = placement.text();
                row.checkpoint_hash = placement.allFull() ? "" : "checkpoint";
                row.compute = "bf16";
                row.device = "sample machine";
                row.context = context;
                row.batch = batch;
                const double wobble = 1 + 0.06 * (noise(std::hash<std::string>()(row.placement), 5) - 0.5);
                const double speed = 1000.0 * batch / (9 + full * context * batch / 9000.0) * wobble;
                row.decode_tps = {speed, speed * 0.985, speed * 1.02, 5};
                row.prefill_tps = {speed * 9, speed * 8.8, speed * 9.1, 5};
                row.ttft_ms = {40, 38, 44, 5};
                row.cache_bytes = static_cast<std::int64_t>(batch * (full * context * 768 + (layers - full) * 147456));
                m_snapshot->measurements.push_back(row);
            }
    }

    std::shared_ptr<ui::StudySnapshot> m_snapshot;
    std::map<std::string, std::vector<EvaluationRow>> m_scored;
};

}  // namespace airframe::test
