// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/front.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/base/error.h"
#include "core/engine/jobs/common.h"
#include "core/engine/jobs/jobs.h"
#include "core/study/objective.h"

namespace airframe::jobs {
namespace {

/// The (context, batch) measured most often among those that fit what was asked; of several the larger work.
std::pair<int, int> measuredMost(const std::vector<MeasurementRow>& rows, const Params& params) {
    std::map<std::pair<int, int>, int> counts;
    for (const auto& row : rows) {
        if (params.has("context") && row.context != params.small("context")) continue;
        if (params.has("batch") && row.batch != params.small("batch")) continue;
        ++counts[{row.context, row.batch}];
    }
    std::pair<int, int> best{params.has("context") ? params.small("context") : 0, params.has("batch") ? params.small("batch") : 0};
    int most = 0;
    for (const auto& [pair, count] : counts)
        if (count >= most) best = pair, most = count;
    return best;
}

}  // namespace

nlohmann::json frontOf(const Study& study, const Params& params) {
    const auto measurements = study.measurements();
    const auto [context, batch] = measuredMost(measurements, params);
    std::vector<ProposalRow> controls;
    for (const auto& run : study.runs("search"))
        for (auto& proposal : study.proposals(run.id))
            if (proposal.origin == "control") controls.push_back(std::move(proposal));
    auto evaluations = study.evaluations(true);
    if (const auto tasks = params.words("tasks"); !tasks.empty()) {
        std::erase_if(evaluations, [&](const EvaluationRow& row) { return std::find(tasks.begin(), tasks.end(), row.key.task) == tasks.end(); });
    }
    const auto checkpoint = study.latestCheckpoint();
    const auto points = frontFrom(evaluations, measurements, controls, {},
                                  "jet*" + std::to_string(study.model().layers), checkpoint ? checkpoint->hash : "", context, batch,
                                  params.flag("by-cache"));
    nlohmann::json list = nlohmann::json::array();
    for (const auto& p : points) {
        list.push_back({{"placement", p.placement}, {"name", p.name}, {"score", p.score}, {"low", p.low}, {"high", p.high},
                        {"decode_tps", p.decode_tps.median}, {"decode_tps_q1", p.decode_tps.q1}, {"decode_tps_q3", p.decode_tps.q3},
                        {"repeats", p.decode_tps.n}, {"cache_bytes", p.cache_bytes}, {"context", p.context}, {"batch", p.batch}, {"items", p.items},
                        {"on_front", p.on_front}, {"dominated_beyond_error", p.dominated_beyond_error}});
    }
    return {{"points", std::move(list)}};
}

Operation front() {
    return {.name = "front",
            .summary = "The measured placements of a study: score against speed",
            .options = {studyOption(),
                        {.name = "context", .kind = OptionKind::integer, .help = "measured context; default: the one measured most", .low = 1, .high = 1e9},
                        {.name = "batch", .kind = OptionKind::integer, .help = "measured batch; default: the one measured most", .low = 1, .high = 1e6},
                        {.name = "by-cache", .kind = OptionKind::flag, .help = "score against bytes of cache instead of decode speed"},
                        tasksOption()},
            .details = "Reads the study only. A score is the gain over all layers linear, in nats per token, with its 95 % interval.",
            .run = [](JobContext& job) { return frontOf(*Study::open(job.params.path("study"), Study::Mode::read_only), job.params); }};
}

}  // namespace airframe::jobs
