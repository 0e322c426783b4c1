// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "core/base/run_control.h"
#include "core/model/model.h"
#include "core/supernet/text_corpus.h"

namespace airframe {

/// Training text that the teacher writes itself: sampled at temperature 1 after the first tokens of windows of the
/// corpus, a batch of windows at a time. What stands at a place depends on seed and place alone, so a resumed run sees
/// it again. Holds references to the model and the corpus; one thread.
class TeacherText {
  public:
    /// `share` of all places, 0 to 1, is written by the teacher.
    TeacherText(const Model& teacher, const TextCorpus& corpus, std::int64_t seed, double share)
        : m_teacher(teacher), m_corpus(corpus), m_seed(seed), m_share(share) {}

    [[nodiscard]] bool wanted(std::int64_t place) const;
    /// Fills `row` [T] int64 for a wanted place. False, with `row` untouched, if control says stop while sampling.
    [[nodiscard]] bool write(std::int64_t place, at::Tensor row, RunControl& control);

  private:
    [[nodiscard]] at::Tensor sample(std::int64_t block, RunControl& control) const;

    const Model& m_teacher;
    const TextCorpus& m_corpus;
    std::int64_t m_seed;
    double m_share;
    std::int64_t m_block = -1;  // number of the batch in m_windows
    at::Tensor m_windows;       // [block size, T]
};

}  // namespace airframe
