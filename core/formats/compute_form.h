// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string_view>

namespace airframe {

/// How weights and activations are held while a model runs: the engine's --compute.
enum class ComputeForm {
    float32,
    bf16,
    native,  ///< matrices in the file's own quantised type, keys and values in bf16, the rest in float32
};

inline constexpr std::array<ComputeForm, 3> compute_forms{ComputeForm::float32, ComputeForm::bf16, ComputeForm::native};

/// As --compute spells it.
[[nodiscard]] constexpr std::string_view nameOf(ComputeForm form) {
    switch (form) {
        case ComputeForm::float32: return "float32";
        case ComputeForm::bf16: return "bf16";
        case ComputeForm::native: return "native";
    }
    return {};
}

}  // namespace airframe
