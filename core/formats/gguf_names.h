// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace airframe {

/// "blk.3.attn_q.weight" -> "model.layers.3.self_attn.q_proj.weight"; a name that is not known stays as it is. With
/// `post_norms` (Gemma's four norms a layer) "ffn_norm" is the norm before the MLP under the name it has there.
[[nodiscard]] std::string ggufToHfName(std::string_view name, bool post_norms);
/// The inverse.
[[nodiscard]] std::string hfToGgufName(std::string_view name, bool post_norms);

}  // namespace airframe
