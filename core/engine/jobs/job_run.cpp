// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/job_run.h"

#include <exception>

#include "core/base/error.h"
#include "core/engine/environment.h"

namespace airframe {
namespace {

using nlohmann::json;

/// What makes two requests the same work: all parameters but where and on how many threads.
json identity(const json& params) {
    json copy = params;
    for (const char* key : {"study", "threads"}) copy.erase(key);
    return copy;
}

bool canGoOn(RunState state) {
    return state == RunState::stopped || state == RunState::interrupted || state == RunState::failed;
}

/// The run to go on with, or a new one.
std::int64_t takeRun(JobContext& job, Study& study, const std::string& kind, std::int64_t seed) {
    const json wanted = identity(job.params.json());
    const auto checkpoint = study.latestCheckpoint();
    std::int64_t found = 0;
    for (const auto& run : study.runs(kind)) {
        const json known = json::parse(run.params_json, nullptr, false);
        if (!canGoOn(run.state) || !known.is_object() || identity(known) != wanted) continue;
        if (checkpoint && run.created < checkpoint->created) continue;  // it was about other weights
        found = run.id;
    }
    if (found != 0) {
        study.adoptRun(found);
        return found;
    }
    json env = environment();
    env["compute"] = job.params.text("compute");
    return study.beginRun(kind, seed, wanted.dump(), env.dump());
}

std::string errorJson(const Error& error) {
    return json{{"code", static_cast<int>(error.code)}, {"where", error.where}, {"what", error.what}, {"hint", error.hint}}
        .dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

json asRun(JobContext& job, Study& study, const std::string& kind, std::int64_t seed,
           const std::function<json(JobRun&)>& work) {
    JobRun run{.id = takeRun(job, study, kind, seed)};
    job.control.follow(run.id);
    const auto end = [&](RunState state, const std::string& error) {
        study.setRunState(run.id, state, error);
        job.control.follow(0);
    };
    const auto endBadly = [&](const Error& error) {
        const bool stopped = error.code == ErrorCode::interrupted;
        try {
            end(stopped ? RunState::stopped : RunState::failed, stopped ? std::string() : errorJson(error));
        } catch (const Failure&) {
            // The disk may be full for the study too; the first error is the one to tell, and the next open marks the run.
        }
    };
    try {
        json result = work(run);
        end(run.complete ? RunState::done : RunState::stopped, {});
        return result;
    } catch (const Failure& failure) {
        endBadly(failure.error());
        throw;
    } catch (const std::exception& error) {
        endBadly({ErrorCode::internal, kind, error.what(), {}});
        throw;
    }
}

}  // namespace airframe
