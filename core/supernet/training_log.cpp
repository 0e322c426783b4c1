// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/training_log.h"

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

namespace airframe {
namespace {

std::int64_t now() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

SampleRow point(std::int64_t run, std::int64_t tokens, const char* name, int layer, double value) {
    SampleRow row;
    row.run_id = run;
    row.step = tokens;
    row.name = name;
    row.layer = layer;
    row.value = value;
    row.t = now();
    return row;
}

}  // namespace

TrainingLog::TrainingLog(Study& study, std::int64_t run, int layers, std::int64_t every)
    : m_study(study), m_run(run), m_every(every), m_sums(static_cast<std::size_t>(layers)), m_counts(m_sums.size()) {}

bool TrainingLog::add(std::int64_t tokens, const std::vector<LayerStep>& steps, std::int64_t step_tokens, double lr,
                      double seconds) {
    for (std::size_t layer = 0; layer < steps.size(); ++layer) {
        if (steps[layer].rolled_back) continue;
        m_sums[layer] += steps[layer].loss;
        ++m_counts[layer];
    }
    m_tokens += step_tokens;
    m_seconds += seconds;
    if (m_tokens < m_every) return false;

    std::vector<SampleRow> rows;
    double sum = 0;
    int layers = 0;
    for (std::size_t layer = 0; layer < m_sums.size(); ++layer) {
        if (m_counts[layer] == 0) continue;
        const double mean = m_sums[layer] / m_counts[layer];
        rows.push_back(point(m_run, tokens, "loss", static_cast<int>(layer), mean));
        sum += mean;
        ++layers;
        m_sums[layer] = 0;
        m_counts[layer] = 0;
    }
    if (layers > 0) rows.push_back(point(m_run, tokens, "loss", -1, m_last = sum / layers));
    m_speed = static_cast<double>(m_tokens) / std::max(1e-9, m_seconds);
    rows.push_back(point(m_run, tokens, "lr", -1, lr));
    rows.push_back(point(m_run, tokens, "tokens_per_s", -1, m_speed));
    m_study.addSamples(rows);
    m_tokens = 0;
    m_seconds = 0;
    return true;
}

void TrainingLog::heldout(std::int64_t tokens, const std::vector<double>& errors) {
    std::vector<SampleRow> rows;
    for (std::size_t layer = 0; layer < errors.size(); ++layer)
        rows.push_back(point(m_run, tokens, "heldout", static_cast<int>(layer), errors[layer]));
    rows.push_back(point(m_run, tokens, "heldout", -1,
                         std::accumulate(errors.begin(), errors.end(), 0.0) / static_cast<double>(errors.size())));
    m_study.addSamples(rows);
}

void TrainingLog::rolledBack(std::int64_t tokens, int layer, double rate_scale) {
    m_study.addSamples({point(m_run, tokens, "rolled_back", layer, rate_scale)});
}

std::string TrainingLog::pending() const {
    return nlohmann::json{{"tokens", m_tokens}, {"sums", m_sums}, {"counts", m_counts}, {"seconds", m_seconds}}.dump();
}

void TrainingLog::restore(const std::string& pending) {
    const auto json = nlohmann::json::parse(pending);
    m_tokens = json.at("tokens");
    m_sums = json.at("sums").get<std::vector<double>>();
    m_counts = json.at("counts").get<std::vector<int>>();
    m_seconds = json.at("seconds");
}

}  // namespace airframe
