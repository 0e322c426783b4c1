// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/formats/json_fields.h"

namespace airframe {

/// The names in a config's layer_types, one per layer: a JSON list, or a string that holds a list of quoted names as some
/// published files have it ("['attn', 'jet']"). The string is data: anything but quoted names between commas is refused.
/// Throws Failure(bad_input) naming the field.
[[nodiscard]] std::vector<std::string> readLayerTypes(const Fields& in, int layers);

}  // namespace airframe
