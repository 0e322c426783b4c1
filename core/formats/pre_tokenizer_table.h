// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/formats/normalizer_step.h"
#include "core/formats/pre_tokenizer_step.h"

namespace airframe {

/// A pre-tokenizer that GGUF files name.
struct KnownPreTokenizer {
    std::string name{};
    std::vector<PreTokenizerStep> steps{};
    std::vector<NormalizerStep> normalizer{};  ///< what the models that name it do before, though GGUF has no field for it
    bool ignore_merges = false;              ///< likewise
    bool add_bos = false;                    ///< where the file does not say
};

/// THE table of them.
[[nodiscard]] std::span<const KnownPreTokenizer> knownPreTokenizers();
/// Throws Failure(bad_input, where) with all names if this one is not in the table.
[[nodiscard]] const KnownPreTokenizer& knownPreTokenizer(const std::string& name, const std::string& where);

}  // namespace airframe
