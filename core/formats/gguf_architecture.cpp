// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_architecture.h"

namespace airframe {
namespace {

constexpr GgufArchitecture rows[] = {
    // name, interleaved, rope_tensors, qkv_bias, o_bias, mlp_bias, qk_norm, optional_parts, ours
    {"llama", true, true, true, true, true, false, true, false},
    {"qwen2", false, false, true, false, false, false, false, false},
    {"qwen3", false, false, false, false, false, true, false, false},
    {"airframe", false, false, true, true, true, true, true, true},
};

}  // namespace

std::span<const GgufArchitecture> ggufArchitectures() { return rows; }

const GgufArchitecture* ggufArchitecture(std::string_view name) {
    for (const GgufArchitecture& row : rows) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

}  // namespace airframe
