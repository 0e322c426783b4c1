// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/study/records.h"

namespace airframe {

/// One SQLite file (*.airframe) that holds everything known about one model: runs, curves, scores, searches, steering,
/// measurements, generations. Owns its connection; use one Study object per thread. WAL; every write is one
/// BEGIN IMMEDIATE transaction and is committed when the call returns. Failures: Failure(bad_input) for a file that is
/// not a study, is damaged or newer than this program (for writing); Failure(no_room) for a full disk.
class Study {
  public:
    enum class Mode { read_write, read_only };

    /// Makes a new study for `model`. Throws if the file exists.
    static std::unique_ptr<Study> create(const std::filesystem::path& path, const ModelRow& model);
    /// Opens an existing one, migrating an older schema after a backup (<file>.v<N>.bak). A study of a newer version
    /// opens read_only only. Runs whose process is gone are marked interrupted (read_write mode).
    static std::unique_ptr<Study> open(const std::filesystem::path& path, Mode mode = Mode::read_write);
    ~Study();

    [[nodiscard]] const std::filesystem::path& path() const;
    [[nodiscard]] std::filesystem::path weightsFolder() const;  ///< <study>.weights, made on first use by the writer
    [[nodiscard]] bool readOnly() const;
    [[nodiscard]] bool newerVersion() const;
    [[nodiscard]] std::string uuid() const;
    [[nodiscard]] ModelRow model() const;
    /// Changes whenever another connection commits (PRAGMA data_version).
    [[nodiscard]] std::int64_t dataVersion() const;
    [[nodiscard]] std::string integrityCheck() const;  ///< "ok" or what SQLite found
    void saveCopy(const std::filesystem::path& to) const;  ///< VACUUM INTO, and the weights folder

    // Runs. The process that begins a run owns it (host, boot id, pid, pid start time).
    std::int64_t beginRun(const std::string& kind, std::int64_t seed, const std::string& params_json,
                          const std::string& env_json);
    void adoptRun(std::int64_t run);  ///< resume: this process owns it now, state running
    void setRunState(std::int64_t run, RunState state, const std::string& error_json = {});
    void setRunProgress(std::int64_t run, double done, double total);
    [[nodiscard]] RunRow run(std::int64_t id) const;
    [[nodiscard]] std::vector<RunRow> runs(const std::string& kind = {}) const;  ///< oldest first
    [[nodiscard]] bool ownerAlive(std::int64_t run) const;

    // Curves and checkpoints.
    void addSamples(const std::vector<SampleRow>& samples);
    /// Deletes the points of a run after `step`: a resumed run replaces them, never doubles them.
    void dropSamplesAfter(std::int64_t run, std::int64_t step);
    [[nodiscard]] std::vector<SampleRow> samples(std::int64_t run, std::int64_t after_id = 0) const;
    std::int64_t addCheckpoint(const CheckpointRow& checkpoint);
    [[nodiscard]] std::vector<CheckpointRow> checkpoints(std::int64_t run = 0) const;  ///< oldest first; 0 = all runs
    [[nodiscard]] std::optional<CheckpointRow> latestCheckpoint(const std::string& block = "jet") const;
    void forgetCheckpointState(std::int64_t checkpoint);  ///< state_file := ""
    void removeCheckpoint(std::int64_t checkpoint);

    // Candidates and scores.
    CandidateRow candidate(const std::string& placement);  ///< found or made
    [[nodiscard]] std::vector<CandidateRow> candidates() const;
    void star(const std::string& placement, bool on);
    /// Stores a finished evaluation with its items; if the key exists already nothing is written and false is returned.
    bool addEvaluation(const EvaluationRow& evaluation);
    [[nodiscard]] std::optional<EvaluationRow> findEvaluation(const EvaluationKey& key, bool with_items = true) const;
    /// All evaluations, oldest first; with_items fills the per-item scores.
    [[nodiscard]] std::vector<EvaluationRow> evaluations(bool with_items = false, std::int64_t after_id = 0) const;

    // Searches.
    std::int64_t addProposal(const ProposalRow& proposal);
    void updateProposal(const ProposalRow& proposal);  ///< by id
    [[nodiscard]] std::vector<ProposalRow> proposals(std::int64_t run) const;
    void saveSearchState(std::int64_t run, const std::string& json);
    [[nodiscard]] std::string searchState(std::int64_t run) const;  ///< "" if none

    // Measurements and generations.
    std::int64_t addMeasurement(const MeasurementRow& measurement);
    [[nodiscard]] std::vector<MeasurementRow> measurements(std::int64_t after_id = 0) const;
    std::int64_t addGeneration(const GenerationRow& generation);
    [[nodiscard]] std::vector<GenerationRow> generations() const;

    // Commands to runs.
    std::int64_t addControl(const ControlRow& control);
    [[nodiscard]] std::vector<ControlRow> pendingControls(std::int64_t run) const;
    void consumeControl(std::int64_t control, std::int64_t step, const std::string& effect_json);
    [[nodiscard]] std::vector<ControlRow> controls(std::int64_t run = 0) const;

    // The window's own.
    void setViewState(const std::string& key, const std::string& json);
    [[nodiscard]] std::string viewState(const std::string& key) const;
    void setNote(const std::string& target_kind, const std::string& target, const std::string& text);
    [[nodiscard]] std::string note(const std::string& target_kind, const std::string& target) const;

  private:
    Study();
    struct Impl;
    std::unique_ptr<Impl> m;
};

}  // namespace airframe
