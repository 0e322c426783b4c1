// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/blocks/jet_parameters.h"

namespace airframe {

/// What one step of one layer did.
struct LayerStep {
    double loss = 0;           ///< |f(x) - y|^2 / |y|^2 before the step; not finite if the step was refused
    bool rolled_back = false;  ///< loss or gradient was not finite: weights are the last good ones, the rate is halved
};

/// How a layer's weights move; the rates multiply the schedule's.
struct TrainerOptions {
    double new_rate = 1;   ///< of what the teacher has no counterpart for: g, a, b, w1, w2
    double gate_rate = 3;  ///< of A_log and dt_bias
    double o_rate = 1;     ///< of o_proj
    double clip = 1;       ///< largest norm of a layer's gradient
    double decay = 0.01;   ///< weight decay of matrices; vectors have none
    double beta1 = 0.9, beta2 = 0.95, eps = 1e-10;
};

/// One layer's JetBlock in training: float32 master weights, AdamW moments, and the copies in the compute type that
/// autograd sees. The seven input matrices are one tensor. One thread at a time.
class LayerTrainer {
  public:
    LayerTrainer(const JetDims& dims, const JetParameters& start, at::ScalarType compute,
                 const TrainerOptions& options = {});

    /// One step towards y [B, T, D] from x [B, T, D] with learning rate `lr`.
    LayerStep step(const at::Tensor& x, const at::Tensor& y, double lr);
    /// |f(x) - y|^2 and |y|^2, without gradients.
    [[nodiscard]] std::pair<double, double> error(const at::Tensor& x, const at::Tensor& y) const;
    /// A copy of the master weights, float32.
    [[nodiscard]] JetParameters parameters() const;
    /// Now is a good moment to come back to.
    void rememberGood();
    [[nodiscard]] double rateScale() const { return m_rate_scale; }  ///< 1, halved by every roll-back

    /// Everything a resumed run needs, by name: masters, moments, counters. The tensors are the live ones: to save,
    /// read them; to restore, copy into them and call restored().
    [[nodiscard]] std::vector<std::pair<std::string, at::Tensor>> state();
    void restored();

  private:
    struct Slot {
        std::string name;
        at::Tensor master, m, v, copy, good;
        std::vector<std::int64_t> rows;  ///< row groups with their own rate; empty = one group
        std::vector<double> rates;       ///< per group, times lr
        double decay = 0;
    };
    [[nodiscard]] at::Tensor run(const at::Tensor& x) const;
    void rollBack();

    JetDims m_dims;
    TrainerOptions m_options;
    std::vector<Slot> m_slots;
    at::Tensor m_counters;  // [2] float64: steps taken, rate scale
    double m_rate_scale = 1;
};

}  // namespace airframe
