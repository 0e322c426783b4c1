// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/hf_tensor_names.h"

#include <string_view>

namespace airframe {

std::optional<std::string> layoutName(const std::string& architecture, const std::string& stored) {
    if (architecture != "gemma3") return stored;
    for (const std::string_view vision : {"vision_tower.", "multi_modal_projector.", "model.vision_tower.", "model.multi_modal_projector."})
        if (stored.starts_with(vision)) return std::nullopt;
    constexpr std::string_view text = "language_model.", newer = "model.language_model.";
    if (stored.starts_with(newer)) return "model." + stored.substr(newer.size());
    if (stored.starts_with(text)) return stored.substr(text.size());
    return stored;
}

}  // namespace airframe
