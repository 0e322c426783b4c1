// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/formats/gguf.h"
#include "core/formats/gguf_architecture.h"
#include "core/formats/gguf_keys.h"
#include "core/formats/model_config.h"
#include "core/formats/tokenizer.h"

namespace airframe {

/// The row of the architecture that a file names. Throws Failure(bad_input) for one that is not read.
[[nodiscard]] const GgufArchitecture& architectureOf(const GgufFile& file);

/// What the metadata of a GGUF model say about it, checked against each other. `file` holds the metadata (the first part of a
/// split model), `tensors` all tensors, `tokenizer` what the file says about its tokenizer. A key of the architecture that is
/// not known is refused. Throws Failure(bad_input) naming file and key.
[[nodiscard]] ModelConfig readGgufConfig(const GgufFile& file, const std::vector<const GgufTensor*>& tensors,
                                         const TokenizerData& tokenizer);

/// The inverse: the keys of the model's shape. The rotation (gguf_rope.h) and the tokenizer have writers of their own.
void writeGgufConfig(GgufKeys& out, const GgufArchitecture& architecture, const ModelConfig& config);

}  // namespace airframe
