// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/snapshot_builder.h"

#include <QFileInfo>

#include "core/study/study.h"

namespace airframe::ui {

SnapshotPtr SnapshotBuilder::build() {
    auto snapshot = std::make_shared<StudySnapshot>();
    snapshot->path = m_study.path().string();
    snapshot->uuid = m_study.uuid();
    snapshot->newer_version = m_study.newerVersion();
    // This connection only reads; what counts is whether the engine could write.
    snapshot->read_only = snapshot->newer_version || !QFileInfo(QString::fromStdString(snapshot->path)).isWritable();
    snapshot->model = m_study.model();
    snapshot->runs = m_study.runs();
    for (RunRow& run : snapshot->runs) {
        // A reader may not write, so the row still says "running" after its process was killed.
        const bool claims_life = run.state == RunState::running || run.state == RunState::paused;
        if (claims_life && !m_study.ownerAlive(run.id)) run.state = RunState::interrupted;
        if (run.kind == "train") {
            auto samples = m_study.samples(run.id);
            snapshot->samples.insert(snapshot->samples.end(), samples.begin(), samples.end());
        } else if (run.kind == "search") {
            auto proposals = m_study.proposals(run.id);
            snapshot->proposals.insert(snapshot->proposals.end(), proposals.begin(), proposals.end());
        }
    }
    snapshot->checkpoints = m_study.checkpoints();
    snapshot->candidates = m_study.candidates();
    const auto fresh = m_study.evaluations(true, m_evaluations.empty() ? 0 : m_evaluations.back().id);
    m_evaluations.insert(m_evaluations.end(), fresh.begin(), fresh.end());
    snapshot->evaluations = m_evaluations;
    snapshot->measurements = m_study.measurements();
    snapshot->controls = m_study.controls();
    snapshot->generations = m_study.generations();
    if (const auto checkpoint = m_study.latestCheckpoint()) {
        snapshot->checkpoint_hash = checkpoint->hash;
        if (m_importance_evaluations != m_evaluations.size() || m_importance_checkpoint != checkpoint->hash) {
            m_importance = importanceFrom(m_evaluations, snapshot->model.layers, checkpoint->block, checkpoint->hash);
            m_importance_evaluations = m_evaluations.size();
            m_importance_checkpoint = checkpoint->hash;
        }
        snapshot->importance = m_importance;
    }
    return snapshot;
}

}  // namespace airframe::ui
