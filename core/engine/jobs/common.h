// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/blocks/compute.h"
#include "core/engine/job.h"
#include "core/engine/option_spec.h"
#include "core/study/placement.h"
#include "core/study/study.h"

namespace airframe {

class ModelFile;
class Supernet;

/// --device, --threads and --compute, for operations that run a model.
/// Whether an operation can run on the fused kernels: those that write, time or read text; placements are scored in bf16.
enum class NativeCompute { not_offered, offered };
[[nodiscard]] std::vector<OptionSpec> modelOptions(const std::string& default_compute, NativeCompute native = NativeCompute::not_offered);
/// `own` followed by `more`.
[[nodiscard]] std::vector<OptionSpec> joined(std::vector<OptionSpec> own, const std::vector<OptionSpec>& more);
[[nodiscard]] OptionSpec modelArgument();  ///< MODEL, required
[[nodiscard]] OptionSpec studyOption();    ///< --study, required
[[nodiscard]] OptionSpec placementOption();
[[nodiscard]] OptionSpec idsOption();
[[nodiscard]] OptionSpec tasksOption();

[[nodiscard]] Compute computeOf(const Params& params);
/// The study of --study, to write to; the control follows the runs that this job makes in it until `Opened` dies.
class OpenStudy {
  public:
    explicit OpenStudy(JobContext& job);
    OpenStudy(JobContext& job, std::unique_ptr<Study> study);
    ~OpenStudy();
    OpenStudy(const OpenStudy&) = delete;
    OpenStudy& operator=(const OpenStudy&) = delete;
    Study& operator*() const { return *m_study; }
    Study* operator->() const { return m_study.get(); }

  private:
    JobControl& m_control;
    std::unique_ptr<Study> m_study;
};

/// What a model file's own layers are: "attn" everywhere for a transformer, the hybrid's blocks for an exported one.
[[nodiscard]] Placement ownPlacement(const ModelFile& file);
/// --ids as int32. Throws Failure(options) if there are none, Failure(bad_input) naming an id outside the vocabulary.
[[nodiscard]] std::vector<std::int32_t> checkedIds(const Params& params, int vocab, bool allow_empty = false);
/// Layers of --pin or --forbid. Throws Failure(bad_input) naming the one outside the model.
[[nodiscard]] std::vector<int> checkedLayers(const Params& params, const std::string& option, int layers);

}  // namespace airframe
