// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "core/formats/gguf_architecture.h"
#include "core/formats/gguf_fields.h"
#include "core/formats/gguf_keys.h"
#include "core/formats/model_config.h"

namespace airframe {

/// A small float32 tensor that the metadata need beside the keys: name and values.
using GgufRopeTensor = std::pair<std::string, std::vector<float>>;

/// Whether this tensor (name in the file) describes the rotation, not a weight, in an architecture of this kind.
[[nodiscard]] bool isGgufRopeTensor(std::string_view name, const GgufArchitecture& architecture);

/// Reads the rotation (base, scaling, factors per frequency) into `config`, whose head_dim and context are known. `tensors`
/// are all tensors of the model. Throws Failure(bad_input) naming key or tensor for what is no rotation that we know; whether
/// its numbers make sense is checkConfig()'s to say.
void readGgufRope(GgufFields& in, const GgufArchitecture& architecture, const std::vector<const GgufTensor*>& tensors,
                  ModelConfig& config);

/// Whether llama.cpp turns by the same angles as this config when it is written for the architecture, which is not ours.
[[nodiscard]] bool fitsGgufRope(const ModelConfig& config, const GgufArchitecture& architecture);

/// The inverse of readGgufRope: adds the keys and returns the tensors. Llama 3's scaling becomes rope_freqs.weight, as
/// llama.cpp wants it, and reads back as factors per frequency; in our own architecture everything reads back equal.
[[nodiscard]] std::vector<GgufRopeTensor> writeGgufRope(GgufKeys& out, const GgufArchitecture& architecture, const ModelConfig& config);

}  // namespace airframe
