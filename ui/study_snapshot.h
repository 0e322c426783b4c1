// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/study/importance.h"
#include "core/study/records.h"

namespace airframe::ui {

/// All rows of a study as read at one moment, and what is derived from them. Built on the reader's thread, then shared
/// as shared_ptr<const>; never changed after that.
struct StudySnapshot {
    std::string path, uuid;
    bool read_only = false, newer_version = false;
    ModelRow model;
    std::vector<RunRow> runs;                ///< oldest first
    std::vector<SampleRow> samples;          ///< of all training runs
    std::vector<CheckpointRow> checkpoints;
    std::vector<CandidateRow> candidates;
    std::vector<EvaluationRow> evaluations;  ///< with items
    std::vector<ProposalRow> proposals;      ///< of all search runs
    std::vector<MeasurementRow> measurements;
    std::vector<ControlRow> controls;
    std::vector<GenerationRow> generations;
    std::vector<ImportanceCell> importance;  ///< for the latest checkpoint
    std::string checkpoint_hash;             ///< of the latest checkpoint, "" = nothing trained
    [[nodiscard]] const RunRow* latestRun(const std::string& kind) const;  ///< nullptr if none
};

using SnapshotPtr = std::shared_ptr<const StudySnapshot>;

}  // namespace airframe::ui
