// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/supernet/layer_trainer.h"
#include "core/supernet/local_distillation.h"
#include "core/supernet/teacher_pass.h"
#include "core/supernet/teacher_text.h"
#include "core/supernet/text_corpus.h"
#include "core/supernet/training_log.h"
#include "core/supernet/training_schedule.h"

namespace airframe {

/// One training run from its first token to its last: what distillLocally() drives. Owns trainers and corpus; writes
/// curves and checkpoints into the study as it goes. One thread calls it; it uses at::get_num_threads() threads.
class Distillation {
  public:
    /// Begins `run`, or continues it from its last checkpoint if it has one: points after that are dropped.
    Distillation(Study& study, const Model& teacher, const DistillationOptions& options, TextCorpus corpus,
                 std::int64_t run, RunControl& control);
    /// How many windows to hold out of a text for evaluation.
    static constexpr int heldout_windows = 64;

    /// Trains until the end, or until control says stop. Returns false if it was stopped.
    bool train();
    /// Commits weights and optimiser, and forgets the checkpoint before the last.
    void writeCheckpoint();
    /// The same for a run that is over: only its weights stay.
    void writeFinal();
    [[nodiscard]] DistillationResult result() const;

  private:
    void restore(const CheckpointRow& checkpoint);
    void start();
    /// Ids of the next step [batch, T] and moves on; undefined, and stays, if control says stop meanwhile.
    [[nodiscard]] at::Tensor nextBatch();
    bool stepOnce();
    void measureHeldout(int windows);
    void report(const std::string& note) const;
    [[nodiscard]] bool finished() const;
    [[nodiscard]] double elapsed() const;
    void commitWeights(const std::string& state_file);

    Study& m_study;
    const Model& m_teacher;
    DistillationOptions m_options;
    RunControl& m_control;
    JetDims m_dims;
    int m_threads;
    TextCorpus m_corpus;
    std::int64_t m_run;
    TeacherText m_teacher_text;
    TrainingSchedule m_schedule;
    std::string m_heldout_file;
    std::unique_ptr<TrainingLog> m_log;
    std::vector<LayerTrainer> m_layers;
    TeacherPass m_next;        // what the next step trains on, run ahead while the layers train
    std::int64_t m_place = 0;  // windows taken from the corpus, those of m_next not counted
    std::int64_t m_tokens = 0, m_steps = 0, m_last_heldout = 0;
    double m_seconds_before = 0;  // of the sessions before this one
    std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now(), m_last_checkpoint = m_begin;
    std::vector<double> m_heldout;
    std::string m_hash;
};

}  // namespace airframe
