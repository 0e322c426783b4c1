// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/study/study.h"
#include "core/supernet/layer_trainer.h"

namespace airframe {

/// Collects the losses of training steps into points of the study's curves: the mean over `every` tokens per layer
/// ("loss", layers 0..L-1) and over all layers ("loss", layer -1), the learning rate, the speed. Points lie at
/// multiples of `every` tokens whatever the clock does, so a resumed run repeats them exactly. One thread.
class TrainingLog {
  public:
    TrainingLog(Study& study, std::int64_t run, int layers, std::int64_t every);
    /// True if a point was written: then nothing is waiting, a good moment for a checkpoint.
    bool add(std::int64_t tokens, const std::vector<LayerStep>& steps, std::int64_t step_tokens, double lr,
             double seconds);
    /// A held-out point: relative error per layer; layer -1 gets the mean.
    void heldout(std::int64_t tokens, const std::vector<double>& errors);
    void rolledBack(std::int64_t tokens, int layer, double rate_scale);
    /// What waits for the next point, and back: a checkpoint between two points carries it.
    [[nodiscard]] std::string pending() const;
    void restore(const std::string& pending);
    [[nodiscard]] double lastLoss() const { return m_last; }  ///< mean over layers at the last point
    [[nodiscard]] double tokensPerSecond() const { return m_speed; }

  private:
    Study& m_study;
    std::int64_t m_run, m_every, m_tokens = 0;
    std::vector<double> m_sums;
    std::vector<int> m_counts;
    double m_seconds = 0, m_last = 0, m_speed = 0;
};

}  // namespace airframe
