// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <nlohmann/json.hpp>

#include "core/study/search/search.h"

namespace airframe {

/// A search from its options: {"kind":"beam"|"greedy"|"exhaustive"|"random","layers":30,"budget":6,"width":4,"pin":[],
/// "forbid":[],"base":"jet","among":[] (exhaustive),"draws":8,"seed":0 (random)}. Greedy is a beam of width 1. Throws
/// Failure(bad_input) naming the option.
[[nodiscard]] std::unique_ptr<Search> makeSearch(const nlohmann::json& options);
/// The search that Search::save() wrote.
[[nodiscard]] std::unique_ptr<Search> restoreSearch(const std::string& state);

}  // namespace airframe
