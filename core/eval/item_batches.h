// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "core/eval/scorer.h"

namespace airframe {

/// Sequences of similar length, padded on the right, and what is asked of them. Choices that read the same tokens share
/// one sequence.
struct ItemBatch {
    at::Tensor ids;              ///< [B, T] int64
    at::Tensor positions;        ///< [P] int64: rows of h.view(B * T, D) at which something is scored, ascending
    at::Tensor targets;          ///< [N] int64: token scored
    at::Tensor target_position;  ///< [N] int64: index into positions, ascending
    std::vector<int> owner;      ///< [N] the flat index of the choice that the target belongs to
    std::int64_t tokens = 0;     ///< without padding
};

/// All choices of all items of some tasks as batches, and back from their summed losses to item scores.
class ItemBatches {
  public:
    ItemBatches(const TaskList& tasks, std::int64_t batch_tokens);

    [[nodiscard]] const std::vector<ItemBatch>& batches() const { return m_batches; }
    [[nodiscard]] std::size_t choices() const { return m_choice_tokens.size(); }
    [[nodiscard]] std::int64_t tokens() const;  ///< of all distinct sequences, without padding
    /// nll_sums [choices]: summed negative log-likelihood of each choice's scored tokens.
    [[nodiscard]] ScoresPerTask scores(const std::vector<double>& nll_sums) const;

  private:
    std::vector<ItemBatch> m_batches;
    std::vector<int> m_choice_tokens;              // scored tokens of each flat choice
    std::vector<std::vector<int>> m_item_choices;  // per task: choices of each item, in order
};

}  // namespace airframe
