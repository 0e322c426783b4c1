// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sample_study.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <set>

#include "core/study/objective.h"
#include "core/study/placement.h"
#include "core/study/study.h"

namespace airframe::test {

namespace {

constexpr int layers = 30;
constexpr int items = 24;
constexpr std::int64_t train_tokens = 425'984;
constexpr int train_steps = 208;
const char* const tasks[] = {"language", "kv", "induction", "arithmetic"};

std::int64_t now() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// A fixed number in 0..1 for three whole numbers.
double noise(int a, int b, int c) {
    std::uint64_t x = static_cast<std::uint64_t>(a) * 0x9e3779b97f4a7c15ULL ^ static_cast<std::uint64_t>(b) * 0xbf58476d1ce4e5b9ULL ^
                      static_cast<std::uint64_t>(c + 1) * 0x94d049bb133111ebULL;
    x ^= x >> 31;
    x *= 0xd6e8feb86659fd93ULL;
    x ^= x >> 32;
    return static_cast<double>(x >> 11) / static_cast<double>(1ULL << 53);
}

double need(int task, int layer) {
    const double middle = std::exp(-0.5 * std::pow((layer - 6.0 - 5.0 * task) / 2.2, 2));
    const double late = std::exp(-0.5 * std::pow((layer - 24.0 + 2.0 * task) / 1.6, 2));
    return 0.55 * middle + 0.4 * late + 0.04 * noise(task, layer, 7);
}

double meanNll(int task, const Placement& placement) {
    const double worst[] = {4.05, 3.4, 2.9, 3.8}, best[] = {3.42, 0.6, 0.9, 2.7};
    double have = 0, all = 0;
    for (int layer = 0; layer < layers; ++layer) {
        all += need(task, layer);
        if (placement[layer] == "attn") have += need(task, layer);
    }
    const double share = all > 0 ? 1 - std::pow(1 - have / all, 3.0) : 0;
    return worst[task] + (best[task] - worst[task]) * share;
}

class Writer {
  public:
    Writer(Study& study, std::string model_hash) : m_study(study), m_model(std::move(model_hash)) {}

    void train(SampleStage stage) {
        m_run = m_study.beginRun("train", 0, R"({"minutes":15,"text":["sample.txt"]})", R"({"program":"sample"})");
        std::vector<SampleRow> samples;
        for (int step = 1; step <= train_steps; ++step) {
            const std::int64_t at = train_tokens * step / train_steps;
            for (int layer = 0; layer < layers; ++layer)
                samples.push_back({0, m_run, at, "loss", layer, loss(layer, step), now()});
            samples.push_back({0, m_run, at, "tokens_per_s", -1, 470 + 20 * noise(step, 1, 2), now()});
        }
        for (int layer = 0; layer < layers; ++layer)
            samples.push_back({0, m_run, train_tokens, "heldout", layer, loss(layer, train_steps) * 1.04, now()});
        m_study.addSamples(samples);
        CheckpointRow checkpoint;
        checkpoint.run_id = m_run;
        checkpoint.hash = m_checkpoint;
        checkpoint.weights_file = m_checkpoint + ".safetensors";
        checkpoint.tokens = train_tokens;
        checkpoint.step = train_steps;
        checkpoint.created = now() - 200'000;
        m_study.addCheckpoint(checkpoint);
        m_study.setRunProgress(m_run, static_cast<double>(train_tokens), static_cast<double>(train_tokens));
        if (stage == SampleStage::failed)
            m_study.setRunState(m_run, RunState::failed,
                                R"({"code":4,"where":"sample.txt","what":"the disk is full: 0.7 GiB wanted, 0.1 GiB free","hint":"free some space, then resume"})");
        else m_study.setRunState(m_run, RunState::done);
    }

    void evaluate(const Placement& placement) {
        if (!m_done.insert(placement.text()).second) return;
        m_study.candidate(placement.text());
        for (int task = 0; task < 4; ++task) {
            EvaluationRow row;
            row.run_id = m_run;
            row.key = {placement.text(), m_model, placement.allFull() ? "" : m_checkpoint, tasks[task],
                       std::string("data-") + tasks[task], "bf16", 0, 1};
            const double mean = meanNll(task, placement);
            for (int item = 0; item < items; ++item) {
                ItemScore score;
                score.item = item;
                score.nll = std::max(0.02, mean + 0.9 * (noise(task, item, 3) - 0.5) +
                                               0.16 * (noise(task, item, placement.text().size() + 31 * fullSum(placement)) - 0.5));
                score.margin = 1.2 - 0.4 * score.nll;
                score.tokens = 48;
                row.nll += score.nll / items;
                row.margin += score.margin / items;
                row.tokens += score.tokens;
                row.scores.push_back(score);
            }
            row.items = items;
            row.seconds = 1.4;
            row.created = now();
            m_study.addEvaluation(row);
        }
    }

    void importance(bool interrupted) {
        const std::int64_t run = m_study.beginRun("importance", 0, R"({"items":24})", "{}");
        m_study.setRunProgress(run, interrupted ? 20 : 62, 62);
        m_study.setRunState(run, interrupted ? RunState::interrupted : RunState::done);
        if (interrupted) return;
        evaluate(Placement::withFull(layers, {}));
        std::vector<int> all;
        for (int layer = 0; layer < layers; ++layer) all.push_back(layer);
        evaluate(Placement::withFull(layers, all));
        for (int layer = 0; layer < layers; ++layer) {
            evaluate(Placement::withFull(layers, {layer}));
            std::vector<int> rest = all;
            rest.erase(rest.begin() + layer);
            evaluate(Placement::withFull(layers, rest));
        }
    }

    void search() {
        m_search = m_study.beginRun("search", 0, R"({"full_layers":4,"width":3,"items":24})", "{}");
        std::vector<std::vector<int>> beam = {{}};
        const std::vector<int> tried = {3, 6, 7, 11, 12, 16, 20, 21, 24, 26};
        for (int round = 1; round <= 4; ++round) {
            std::vector<ProposalRow> rows;
            std::vector<std::vector<int>> sets;
            std::set<std::string> seen;
            for (const auto& parent : beam) {
                for (const int layer : tried) {
                    if (std::count(parent.begin(), parent.end(), layer)) continue;
                    auto set = parent;
                    set.push_back(layer);
                    std::sort(set.begin(), set.end());
                    const Placement placement = Placement::withFull(layers, set);
                    if (!seen.insert(placement.text()).second) continue;
                    evaluate(placement);
                    rows.push_back(proposal(placement, Placement::withFull(layers, parent).text(), round));
                    sets.push_back(set);
                }
            }
            std::vector<std::size_t> order(rows.size());
            for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
            std::sort(order.begin(), order.end(), [&](auto a, auto b) { return rows[a].score > rows[b].score; });
            beam.clear();
            for (std::size_t rank = 0; rank < order.size(); ++rank) {
                ProposalRow& row = rows[order[rank]];
                row.kept = rank < 3;
                row.cut_reason = row.kept ? "" : "below width 3";
                if (row.kept) beam.push_back(sets[order[rank]]);
                m_study.addProposal(row);
            }
        }
        control("uniform", Placement::uniform(layers, 4));
        control("last", Placement::last(layers, 4));
        for (int i = 0; i < 4; ++i)
            control("random-" + std::to_string(i + 1), Placement::withFull(layers, {i, 5 + 3 * i, 13 + 2 * i, 22 + i}));
        ControlRow steer;
        steer.run_id = m_search;
        steer.at = now() - 400'000;
        steer.who = "sample";
        steer.kind = "steer";
        steer.payload_json = R"({"pin":[6],"reason":"induction needs it"})";
        const std::int64_t id = m_study.addControl(steer);
        m_study.consumeControl(id, 2, R"({"kept":18,"dropped":3,"added":5})");
        m_study.setRunProgress(m_search, 96, 96);
        m_study.setRunState(m_search, RunState::done);
        m_best = beam.front();
    }

    void measure() {
        const std::int64_t run = m_study.beginRun("throughput", 0, R"({"context":8192,"batch":8,"repeats":5})", "{}");
        std::vector<Placement> measured = {Placement::withFull(layers, {}), Placement(std::vector<std::string>(layers, "attn")),
                                           Placement::withFull(layers, m_best), Placement::uniform(layers, 4), Placement::last(layers, 4)};
        for (const ProposalRow& row : m_study.proposals(m_search))
            if (row.kept) measured.push_back(Placement::parse(row.placement));
        std::set<std::string> seen;
        for (const Placement& placement : measured) {
            if (!seen.insert(placement.text()).second) continue;
            for (const auto& [context, batch] : {std::pair{8192, 8}, std::pair{2048, 1}}) addMeasurement(run, placement, context, batch);
        }
        m_study.setRunState(run, RunState::done);
    }

    void generations() {
        const std::vector<std::pair<std::string, std::string>> rows = {
            {"A", Placement(std::vector<std::string>(layers, "attn")).text()}, {"B", Placement::withFull(layers, m_best).text()}};
        for (const auto& [slot, placement] : rows) {
            GenerationRow row;
            row.slot = slot;
            row.placement = placement;
            row.prompt = "The lighthouse keeper opened the door";
            row.sampling_json = R"({"temperature":0.7,"tokens":96})";
            row.text = slot == "A" ? " and looked out at the grey water. The storm had passed in the night, and the rocks were covered with weed."
                                   : " and looked out at the sea. The wind had fallen, and the boats were coming home one after another.";
            row.ids_json = "[]";
            row.stats_json = slot == "A" ? R"({"ttft_ms":61,"decode_tps":38.2,"cache_bytes":5898240})"
                                         : R"({"ttft_ms":58,"decode_tps":41.7,"cache_bytes":4731904})";
            row.seed = 42;
            row.created = now();
            m_study.addGeneration(row);
        }
    }

  private:
    static double loss(int layer, int step) {
        const double floor = 0.12 + 0.12 * noise(layer, 1, 1) + (layer < 2 ? 0.15 : 0.0);
        return (floor + 0.95 * std::exp(-step / (26.0 + 10.0 * noise(layer, 2, 2)))) * (1 + 0.05 * (noise(layer, step, 5) - 0.5));
    }

    static int fullSum(const Placement& placement) {
        int sum = 0;
        for (const int layer : placement.fullLayers()) sum += layer;
        return sum;
    }

    ProposalRow proposal(const Placement& placement, const std::string& parent, int round) {
        std::vector<EvaluationRow> base, own;
        for (const EvaluationRow& row : m_study.evaluations(true)) {
            if (row.key.placement == Placement::withFull(layers, {}).text()) base.push_back(row);
            if (row.key.placement == placement.text()) own.push_back(row);
        }
        const Interval gain = gainOver(base, own, {}, 0);
        ProposalRow row;
        row.run_id = m_search;
        row.round = round;
        row.placement = placement.text();
        row.parent = parent;
        row.origin = "search";
        row.state = "done";
        row.score = gain.mean;
        row.low = gain.low;
        row.high = gain.high;
        return row;
    }

    void control(const std::string& name, const Placement& placement) {
        evaluate(placement);
        ProposalRow row = proposal(placement, "", 0);
        row.origin = "control";
        row.name = name;
        m_study.addProposal(row);
    }

    void addMeasurement(std::int64_t run, const Placement& placement, int context, int batch) {
        const auto full = static_cast<double>(placement.fullLayers().size());
        MeasurementRow row;
        row.run_id = run;
        row.placement = placement.text();
        row.checkpoint_hash = placement.allFull() ? "" : m_checkpoint;
        row.compute = "float32";
        row.device = "sample CPU, 2 threads";
        row.threads = 2;
        row.context = context;
        row.batch = batch;
        const double milliseconds = 9.0 * batch / (1 + 0.12 * batch) + full * batch * context * 1.6e-5;
        const double tps = 1000.0 * batch / milliseconds;
        const double spread = tps * (0.012 + 0.02 * noise(static_cast<int>(full), context, batch));
        row.decode_tps = {tps, tps - spread, tps + spread, 5};
        row.prefill_tps = {tps * 3.5, tps * 3.4, tps * 3.6, 5};
        row.ttft_ms = {45, 44, 47, 5};
        row.cache_bytes = static_cast<std::int64_t>(batch * (full * context * 1536.0 + (layers - full) * 156'672.0));
        row.peak_bytes = row.cache_bytes + 600'000'000;
        row.repeats_json = "[]";
        row.created = now();
        m_study.addMeasurement(row);
    }

    Study& m_study;
    std::string m_model, m_checkpoint = std::string(64, 'c');
    std::int64_t m_run = 0, m_search = 0;
    std::set<std::string> m_done;
    std::vector<int> m_best;
};

}  // namespace

void writeSampleStudy(const std::filesystem::path& path, SampleStage stage, const std::string& model_path) {
    ModelRow model;
    model.hash = std::string(64, 'a');
    model.path = model_path;
    model.format = "gguf";
    model.architecture = "llama";
    model.layers = layers;
    model.config_json = R"({"hidden":576,"heads":9,"kv_heads":3,"head_dim":64,"vocab":49152,"parameters":134515008})";
    const auto study = Study::create(path, model);
    if (stage == SampleStage::empty) return;
    Writer writer(*study, model.hash);
    writer.train(stage);
    if (stage == SampleStage::failed) writer.importance(true);
    if (stage != SampleStage::full) return;
    writer.importance(false);
    writer.search();
    writer.measure();
    writer.generations();
}

}  // namespace airframe::test
