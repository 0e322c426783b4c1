// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <set>

#include "core/base/error.h"
#include "core/engine/jobs/front.h"
#include "core/engine/jobs/importance.h"
#include "core/engine/jobs/jobs.h"
#include "core/engine/jobs/new_study.h"
#include "core/engine/jobs/score.h"
#include "core/engine/jobs/search.h"
#include "core/engine/jobs/throughput.h"
#include "core/engine/jobs/train.h"
#include "core/engine/jobs/worth_measuring.h"
#include "core/formats/model_file.h"

namespace airframe::jobs {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

// Parts of the time. A step that needs less leaves the rest to those behind it; the measurements of speed are always made.
constexpr double train_part = 0.46, importance_part = 0.17, search_part = 0.17, score_part = 0.1, speed_part = 0.1;
// Where a cache is long and shared by few, as in serving: there a hybrid differs from its teacher.
constexpr int measured_context = 8192, measured_batch = 8, prefilled = 64;
// Of a model's layers one in so many keeps its attention; Jet-Nemotron-2B keeps two of 28.
constexpr int layers_per_full = 15;

/// The whole path on one study, step by step; each step goes on where an earlier call was interrupted.
class Path {
  public:
    Path(JobContext& job, Study& study) : m_job(job), m_study(study), m_layers(study.model().layers), m_end(after(minutes() * 60)) {}

    json run() {
        train();
        if (goesOn()) importance();
        if (goesOn()) search();
        if (goesOn()) score();
        if (goesOn()) measureAll();
        const auto front = with("front", {{"study", m_study.path().string()}}, [&](JobContext& job) { return frontOf(m_study, job.params); });
        return {{"study", m_study.path().string()}, {"front", front}};
    }

  private:
    [[nodiscard]] bool goesOn() const { return !m_job.control.stopped(); }
    [[nodiscard]] double minutes() const { return m_job.params.number("minutes"); }

    /// Does `work` as the operation `name` with these parameters.
    template <class Work>
    json with(const std::string& name, json params, Work&& work) {
        const Operation* operation = findOperation(name);
        for (const char* shared : {"device", "threads"})
            if (m_job.params.has(shared) && name != "front") params[shared] = m_job.params.json().at(shared);
        const Params checked(name, operation->options, params);
        JobContext job{checked, m_job.control, m_job.listener, m_job.cache};
        return work(job);
    }

    static Clock::time_point after(double seconds) {
        return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    }

    /// Gives the next step its part of the time that is left, where `parts` are still to be shared out.
    void setDeadline(double part, double parts) {
        const double left = std::chrono::duration<double>(m_end - Clock::now()).count();
        m_job.control.setDeadline(after(std::max(1.0, left) * part / parts));
    }

    void train() {
        const auto runs = m_study.runs("train");
        if (m_study.latestCheckpoint() && !runs.empty() && runs.back().state == RunState::done) return;
        DistillationOptions options;
        options.text = m_job.params.paths("text");
        options.minutes = minutes() * train_part;
        options.resume = !runs.empty() && runs.back().state != RunState::failed;
        if (options.text.empty() && !options.resume) {
            throw Failure(ErrorCode::options, "--text", "is missing", "name files or folders of UTF-8 text to train on");
        }
        const Compute compute = Compute::parse("bf16", m_job.params.text("device"));
        static_cast<void>(trainStudy(m_job, m_study, studyModelFile(m_study, {}), options, compute));
    }

    /// A finished run of this kind over the weights of now is not repeated.
    [[nodiscard]] bool finished(const std::string& kind) const {
        const auto checkpoint = m_study.latestCheckpoint();
        const auto runs = m_study.runs(kind);
        return std::any_of(runs.begin(), runs.end(), [&](const RunRow& run) {
            return run.state == RunState::done && checkpoint && run.created >= checkpoint->created;
        });
    }

    /// Items per task that the time allows, with the same items in importance and search so that scores are shared.
    [[nodiscard]] int items() const { return std::clamp(static_cast<int>(0.6 * minutes()), 4, 32); }

    void importance() {
        if (finished("importance")) return;
        setDeadline(importance_part, 1 - train_part);
        static_cast<void>(with("importance", {{"study", m_study.path().string()}, {"items", items()}},
                               [&](JobContext& job) { return measureImportance(job, m_study); }));
        m_job.control.setDeadline({});
    }

    void search() {
        if (finished("search")) return;
        setDeadline(search_part, search_part + score_part + speed_part);
        const int budget = std::clamp(m_layers / layers_per_full, 1, m_layers);
        static_cast<void>(with("search", {{"study", m_study.path().string()}, {"items", items()}, {"full_layers", budget}, {"width", 2}},
                               [&](JobContext& job) { return searchPlacements(job, m_study); }));
        m_job.control.setDeadline({});
    }

    /// More items for the few that the front shows. What the time cuts off keeps its scores of the search.
    void score() {
        if (finished("score")) return;
        setDeadline(score_part, score_part + speed_part);
        const int more = std::max(25, items());  // of each of four tasks: a hundred items at least
        static_cast<void>(with("score", {{"study", m_study.path().string()}, {"items", more}},
                               [&](JobContext& job) { return scorePlacements(job, m_study); }));
        m_job.control.setDeadline({});
    }

    void measureAll() {
        std::set<std::string> known;
        const auto checkpoint = m_study.latestCheckpoint();
        for (const auto& row : m_study.measurements()) {
            const bool same = row.checkpoint_hash.empty() || (checkpoint && row.checkpoint_hash == checkpoint->hash);
            if (same && row.context == measured_context && row.batch == measured_batch) known.insert(row.placement);
        }
        for (const auto& placement : worthMeasuring(m_study)) {
            if (!goesOn()) return;
            if (!known.insert(placement).second) continue;
            static_cast<void>(with("throughput",
                                   {{"study", m_study.path().string()}, {"placement", placement}, {"context", measured_context},
                                    {"batch", measured_batch}, {"prefill_limit", prefilled}},
                                   [&](JobContext& job) { return measureSpeed(job, m_study); }));
        }
    }

    JobContext& m_job;
    Study& m_study;
    int m_layers;
    Clock::time_point m_end;
};

json run(JobContext& job) {
    const auto path = job.params.path("study");
    std::unique_ptr<Study> made;
    if (std::filesystem::exists(path)) {
        made = Study::open(path);
        if (job.params.has("MODEL")) static_cast<void>(studyModelFile(*made, job.params.path("MODEL")));
    } else if (job.params.has("MODEL")) {
        made = makeStudy(path, job.params.path("MODEL"));
    } else {
        throw Failure(ErrorCode::options, "MODEL", "is missing, and there is no study " + path.string() + " yet",
                      "name the model file that the study shall be made from");
    }
    const OpenStudy study(job, std::move(made));
    return Path(job, *study).run();
}

}  // namespace

Operation demo() {
    OptionSpec model = modelArgument();
    model.required = false;
    return {.name = "demo",
            .summary = "The whole path in one go: train, importance, search, score, throughput, front",
            .options = {model, studyOption(),
                        {.name = "text", .kind = OptionKind::texts, .help = "UTF-8 text files and folders to train on"},
                        {.name = "minutes", .kind = OptionKind::number, .help = "time for all of it", .fallback = 15, .low = 0.05, .high = 1e6},
                        {.name = "device", .help = "where to compute: cpu or cuda:N", .fallback = "cpu"},
                        {.name = "threads", .kind = OptionKind::integer, .help = "processor threads; all cores if not given", .low = 1, .high = 4096}},
            .has_run = true,
            .details = "About half of the time trains. What an earlier call finished is kept and not done again; what was interrupted goes on.",
            .resume_hint = "run it again to go on",
            .run = run};
}

}  // namespace airframe::jobs
