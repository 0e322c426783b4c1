// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/distillation.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/supernet/checkpoint.h"
#include "core/supernet/heldout.h"
#include "core/supernet/initialise.h"
#include "core/supernet/run_parameters.h"
#include "core/supernet/training_state.h"
#include "core/supernet/workers.h"

namespace airframe {
namespace {

constexpr int kHeldoutCurve = 8;             // held-out windows measured for the curve; twice as many at the end
constexpr int kCalibration = 16;             // first windows of the run: output gate and closed-form o_proj
constexpr std::int64_t kPointTokens = 2048;  // between points of the curves

const AttentionBlock& attentionOf(const Model& teacher, int layer) {
    const auto* attention = dynamic_cast<const AttentionBlock*>(&teacher.mixer(layer));
    if (!attention)
        throw Failure(
            ErrorCode::bad_input, "layer " + std::to_string(layer),
            std::string("its mixer is \"") + teacher.mixer(layer).id() + "\"; full attention was wanted to learn from",
            "train from a full-attention model");
    return *attention;
}

double secondsSince(std::chrono::steady_clock::time_point t) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - t).count();
}

}  // namespace

Distillation::Distillation(Study& study, const Model& teacher, const DistillationOptions& options, TextCorpus corpus,
                           std::int64_t run, RunControl& control)
    : m_study(study),
      m_teacher(teacher),
      m_options(options),
      m_control(control),
      m_dims(jetDimsFor(teacher.config())),
      m_threads(at::get_num_threads()),
      m_corpus(std::move(corpus)),
      m_run(run),
      m_teacher_text(teacher, m_corpus, options.seed, options.teacher_text_share),
      m_schedule{options.tokens, options.minutes * 60, options.lr, options.lr_end},
      m_heldout_file(writeHeldout(study.weightsFolder(), m_corpus.heldoutIds(), m_corpus.window)) {
    const int layers = teacher.config().layers;
    for (int layer = 0; layer < layers; ++layer) (void)attentionOf(teacher, layer);
    const auto step_tokens = std::int64_t(options.batch) * options.window;
    m_log = std::make_unique<TrainingLog>(study, run, layers, std::max(kPointTokens, step_tokens));
    const auto checkpoints = study.checkpoints(run);
    study.dropSamplesAfter(run, checkpoints.empty() ? -1 : checkpoints.back().tokens);
    if (checkpoints.empty())
        start();
    else
        restore(checkpoints.back());
    m_begin = m_last_checkpoint = std::chrono::steady_clock::now();
}

void Distillation::restore(const CheckpointRow& checkpoint) {
    const auto json = nlohmann::json::parse(checkpoint.json);
    if (json.at("text_hash") != m_corpus.hash)
        throw Failure(ErrorCode::bad_input, m_options.text.front().string(),
                      "the text is not the one this run was trained on",
                      "put the old text back, or begin a new run without --resume");
    m_place = json.at("place");
    m_seconds_before = json.at("seconds");
    m_last_heldout = json.at("last_heldout");
    m_log->restore(json.at("pending"));
    m_heldout = json.value("heldout", std::vector<double>{});
    m_tokens = checkpoint.tokens;
    m_steps = checkpoint.step;
    m_hash = checkpoint.hash;
    const auto weights =
        readAlternatives(m_study.weightsFolder() / checkpoint.weights_file, m_dims, m_teacher.config().layers);
    for (const auto& p : weights) m_layers.emplace_back(m_dims, p, m_teacher.compute().dtype);
    readTrainingState(m_study.weightsFolder() / checkpoint.state_file, m_layers);
}

void Distillation::start() {
    const auto windows = std::min<std::int64_t>(kCalibration, static_cast<std::int64_t>(m_corpus.training.size()));
    const auto ids = m_corpus.batch(windowsAt(m_corpus, m_options.seed, 0, windows));
    const c10::NoGradGuard no_grad;
    bool go = true;
    walkTeacher(m_teacher, ids, [&](int layer, const at::Tensor& x, const at::Tensor& y) {
        auto p = initialiseFromTeacher(attentionOf(m_teacher, layer), m_dims, m_options.seed, layer);
        calibrate(m_dims, p, x, y);
        m_layers.emplace_back(m_dims, p, m_teacher.compute().dtype);
        report("fitting layer " + std::to_string(layer));
        return go = m_control.checkpoint();
    });
    if (!go) throw Failure(ErrorCode::interrupted, "training", "stopped before the first step");
    m_place = windows;
    m_tokens = windows * m_options.window;
}

at::Tensor Distillation::nextBatch() {
    auto ids = m_corpus.batch(windowsAt(m_corpus, m_options.seed, m_place, m_options.batch));
    for (int row = 0; row < m_options.batch; ++row)
        if (m_teacher_text.wanted(m_place + row) && !m_teacher_text.write(m_place + row, ids[row], m_control))
            return {};
    m_place += m_options.batch;
    return ids;
}

bool Distillation::finished() const {
    return m_schedule.progress(m_tokens, elapsed()) >= 1;
}
double Distillation::elapsed() const {
    return m_seconds_before + secondsSince(m_begin);
}

void Distillation::report(const std::string& note) const {
    Progress progress;
    progress.phase = "train";
    progress.unit = "tokens";
    progress.note = note;
    progress.done = static_cast<double>(m_tokens);
    const double done = m_schedule.progress(m_tokens, elapsed());
    if (m_options.tokens > 0 || done > 0)
        progress.total = m_options.tokens > 0 && m_options.minutes <= 0 ? static_cast<double>(m_options.tokens)
                                                                        : progress.done / std::max(1e-6, done);
    if (done > 0 && elapsed() > 5) {
        const double left = elapsed() * std::max(0.0, 1 - done) / done;
        progress.left_low_s = left * 0.9;
        progress.left_high_s = left * 1.2;
    }
    m_control.progress(progress);
}

bool Distillation::stepOnce() {
    const auto begin = std::chrono::steady_clock::now();
    bool go = true;
    if (m_next.x.empty()) {
        const auto place = m_place;
        const auto ids = nextBatch();
        if (!ids.defined()) return false;
        m_next = runTeacher(m_teacher, ids, [&](int) { return go = m_control.checkpoint(); });
        if (!go) {
            m_next = {};
            m_place = place;
            return false;
        }
    }
    const auto ahead = nextBatch();
    if (!ahead.defined()) return false;
    const double lr = m_schedule.rate(m_schedule.progress(m_tokens, elapsed()));
    const auto now = std::move(m_next);
    m_next = {};
    std::vector<LayerStep> steps(m_layers.size());
    const auto look = [&](bool on_caller) {
        if (on_caller && go) go = m_control.checkpoint();
    };
    runTasks(static_cast<int>(m_layers.size()) + 1, m_threads, [&](int task, bool on_caller) {
        look(on_caller);
        if (task == 0) {
            m_next = runTeacher(m_teacher, ahead, [&](int) {
                look(on_caller);
                return true;
            });
            return;
        }
        const auto i = static_cast<std::size_t>(task - 1);
        steps[i] = m_layers[i].step(now.x[i], now.y[i], lr);
    });
    const auto step_tokens = std::int64_t(m_options.batch) * m_options.window;
    m_tokens += step_tokens;
    ++m_steps;
    for (std::size_t i = 0; i < steps.size(); ++i)
        if (steps[i].rolled_back) m_log->rolledBack(m_tokens, static_cast<int>(i), m_layers[i].rateScale());
    const bool point = m_log->add(m_tokens, steps, step_tokens, lr, secondsSince(begin));
    if (point) {
        m_study.setRunProgress(m_run, static_cast<double>(m_tokens), static_cast<double>(m_options.tokens));
        m_control.changed({"sample"});
        report("output error " + std::to_string(m_log->lastLoss()).substr(0, 6) + ", " +
               std::to_string(static_cast<int>(m_log->tokensPerSecond())) + " tokens/s");
        if (secondsSince(m_last_checkpoint) >= m_options.checkpoint_seconds && !finished()) writeCheckpoint();
    }
    return go;
}

bool Distillation::train() {
    while (!finished()) {
        if (!stepOnce()) return false;
        if (m_tokens - m_last_heldout >= m_options.heldout_every && !finished()) measureHeldout(kHeldoutCurve);
    }
    measureHeldout(2 * kHeldoutCurve);
    return true;
}

void Distillation::measureHeldout(int windows) {
    std::vector<std::int64_t> numbers(
        m_corpus.heldout.begin(),
        m_corpus.heldout.begin() + std::min<std::int64_t>(windows, static_cast<std::int64_t>(m_corpus.heldout.size())));
    std::vector<std::pair<double, double>> errors(m_layers.size());
    bool go = true;
    for (std::size_t begin = 0; begin < numbers.size(); begin += 4) {
        const std::vector<std::int64_t> some(
            numbers.begin() + static_cast<std::ptrdiff_t>(begin),
            numbers.begin() + static_cast<std::ptrdiff_t>(std::min(numbers.size(), begin + 4)));
        const auto pass = runTeacher(m_teacher, m_corpus.batch(some),
                                     [&](int) { return (void)(go = go && m_control.checkpoint()), true; });
        runTasks(static_cast<int>(m_layers.size()), m_threads, [&](int task, bool on_caller) {
            if (on_caller) go = go && m_control.checkpoint();
            const auto i = static_cast<std::size_t>(task);
            const auto [wrong, all] = m_layers[i].error(pass.x[i], pass.y[i]);
            errors[i].first += wrong;
            errors[i].second += all;
        });
    }
    m_heldout.clear();
    for (const auto& [wrong, all] : errors) m_heldout.push_back(wrong / all);
    m_log->heldout(m_tokens, m_heldout);
    m_last_heldout = m_tokens;
}

void Distillation::commitWeights(const std::string& state_file) {
    std::vector<JetParameters> weights;
    for (const auto& layer : m_layers) weights.push_back(layer.parameters());
    CheckpointRow row;
    row.run_id = m_run;
    row.hash = m_hash = writeAlternatives(m_study.weightsFolder(), m_dims, weights);
    row.weights_file = alternativesFile(m_hash);
    row.state_file = state_file;
    row.tokens = m_tokens;
    row.step = m_steps;
    // The batch that the teacher ran ahead on is not trained on yet: a resumed run takes it again.
    const auto place = m_place - (m_next.x.empty() ? 0 : m_options.batch);
    row.json = nlohmann::json{{"heldout", m_heldout},       {"heldout_file", m_heldout_file},
                              {"text_hash", m_corpus.hash}, {"place", place},
                              {"seconds", elapsed()},       {"last_heldout", m_last_heldout},
                              {"pending", m_log->pending()}}
                   .dump();
    m_study.addCheckpoint(row);
    m_control.changed({"checkpoint"});
}

void Distillation::writeCheckpoint() {
    commitWeights(writeTrainingState(m_study.weightsFolder(), m_layers));
    for (auto& layer : m_layers) layer.rememberGood();
    forgetOldCheckpoints(m_study, m_run, 2);
    m_last_checkpoint = std::chrono::steady_clock::now();
}

void Distillation::writeFinal() {
    commitWeights("");
    forgetOldCheckpoints(m_study, m_run, 1);
}

DistillationResult Distillation::result() const {
    DistillationResult result;
    result.run = m_run;
    result.tokens = m_tokens;
    result.seconds = elapsed();
    result.heldout = m_heldout;
    result.checkpoint = m_hash;
    return result;
}

}  // namespace airframe
