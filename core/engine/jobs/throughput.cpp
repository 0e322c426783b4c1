// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/throughput.h"
#include "core/eval/throughput.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/engine/jobs/job_run.h"
#include "core/engine/jobs/jobs.h"
#include "core/supernet/supernet.h"

namespace airframe {
namespace {

constexpr int least_prefill = 64;  // tokens of a sequence: fewer would time the calls, not the work

nlohmann::json spread(const MeasurementRow::Spread& s) { return {{"median", s.median}, {"q1", s.q1}, {"q3", s.q3}, {"n", s.n}}; }

}  // namespace

nlohmann::json measureSpeed(JobContext& job, Study& study) {
    const Params& params = job.params;
    const Placement placement = Placement::parse(params.text("placement"), study.model().layers);
    ThroughputOptions options;
    options.context = params.small("context");
    options.batch = params.small("batch");
    options.repeats = params.small("repeats");
    if (params.has("decode-tokens")) options.decode_tokens = params.small("decode-tokens");
    options.prefill_limit = params.has("prefill-limit") ? params.small("prefill-limit")
                                                        : std::max(least_prefill, options.prefill_limit / options.batch);
    options.fill_random = !params.flag("real-prefill");
    const c10::InferenceMode inference;
    const auto supernet = job.cache.fromStudy(study, computeOf(params), job.control);
    supernet->check(placement);
    return asRun(job, study, "throughput", 0, [&](JobRun& run) -> nlohmann::json {
        MeasurementRow row = measureThroughput(*supernet, placement, options, job.control);
        row.run_id = run.id;
        study.addMeasurement(row);
        job.control.changed({"measurement"});
        if (!row.fits) {
            throw Failure(ErrorCode::no_room, placement.text(), "does not fit in memory at this context and batch (" + row.repeats_json + ")",
                          "use a smaller --context or --batch; the fact is stored in the study");
        }
        return {{"prefill_tps", spread(row.prefill_tps)}, {"decode_tps", spread(row.decode_tps)}, {"ttft_ms", spread(row.ttft_ms)},
                {"cache_bytes", row.cache_bytes}, {"peak_bytes", row.peak_bytes}, {"device", row.device}};
    });
}

namespace jobs {

Operation throughput() {
    return {.name = "throughput",
            .summary = "Speed and memory of a placement on this device",
            .options = joined(
                {studyOption(), placementOption(),
                 {.name = "context", .kind = OptionKind::integer, .help = "tokens in the caches while decoding", .required = true, .low = 1, .high = 1e8},
                 {.name = "batch", .kind = OptionKind::integer, .help = "sequences at once", .required = true, .low = 1, .high = 1e5},
                 {.name = "repeats", .kind = OptionKind::integer, .help = "timed repeats", .fallback = 5, .low = 1, .high = 10000},
                 {.name = "decode-tokens", .kind = OptionKind::integer, .help = "decode steps of one repeat", .low = 1, .high = 100000},
                 {.name = "prefill-limit", .kind = OptionKind::integer, .help = "tokens per sequence that are prefilled for prefill_tps and ttft_ms, at most; default: 2048 over the whole batch", .low = 1, .high = 1e8},
                 {.name = "real-prefill", .kind = OptionKind::flag, .help = "fill the caches by a prefill, not with random numbers"}},
                modelOptions("fastest", NativeCompute::offered)),
            .has_run = true,
            .details = "Decoding is timed with caches filled with random keys and values. Native are the "
                       "fused kernels, with the model's own quantised weights and trained blocks in Q8_0.",
            .resume_hint = "run it again",
            .run = [](JobContext& job) {
                const OpenStudy study(job);
                return measureSpeed(job, *study);
            }};
}

}  // namespace jobs
}  // namespace airframe
