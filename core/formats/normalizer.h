// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/formats/normalizer_step.h"

namespace airframe {

/// Does a tokenizer's normalisation. Immutable, any thread.
class Normalizer {
  public:
    /// Throws Failure(bad_input, where) for a step that cannot be done: replacing the empty text,
    /// or texts so long and steps so many that the text would grow without bound.
    Normalizer(std::vector<NormalizerStep> steps, const std::string& where);
    /// `text`, well-formed UTF-8, after all steps. The result is `text` itself where nothing changes, else lies in `storage`,
    /// which `text` must not point into. Throws Failure(bad_input) if the text grows more than 64-fold.
    [[nodiscard]] std::string_view normalize(std::string_view text, std::string& storage) const;

  private:
    std::vector<NormalizerStep> m_steps;
    std::string m_where;
};

}  // namespace airframe
