// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/blocks/block.h"
#include "core/blocks/compute.h"
#include "core/blocks/jet_native.h"

namespace airframe {

/// A JetBlock ready to run, and its per-sequence state.
class JetBlock final : public Block {
  public:
    /// Converts matrices to the compute type; A_log, dt_bias and o_norm stay float32. Throws Failure(bad_input, where)
    /// naming the tensor whose shape does not fit.
    JetBlock(JetDims dims, JetParameters parameters, const Compute& compute, const std::string& where = "jet");
    [[nodiscard]] const char* id() const override { return "jet"; }
    [[nodiscard]] at::Tensor forward(const at::Tensor& x, BlockState* state) const override;
    [[nodiscard]] std::unique_ptr<BlockState> emptyState(std::int64_t batch, std::int64_t capacity) const override;
    [[nodiscard]] std::int64_t stateBytes(std::int64_t batch, std::int64_t tokens) const override;
    [[nodiscard]] std::vector<std::pair<std::string, at::Tensor>> parameters() const override;
    [[nodiscard]] const JetDims& dims() const { return m_dims; }
    [[nodiscard]] JetParameters unpacked() const;  ///< the tensors by their names, matrices in the compute type

  private:
    JetDims m_dims;
    JetNativeWeights m_weights;
    LinearWeight m_o;  // [D, H*V]
};

/// What a JetBlock's state holds. Throws Failure(internal) for a state of another block.
[[nodiscard]] const JetCarry& jetCarryOf(const BlockState& state);

}  // namespace airframe
