// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/search/constraints.h"

#include "core/base/error.h"
#include "core/study/block_ids.h"
#include "core/study/steering.h"

namespace airframe {
namespace {

[[noreturn]] void fail(const std::string& where, const std::string& what, const std::string& hint) {
    throw Failure(ErrorCode::bad_input, where, what, hint);
}

}  // namespace

void Constraints::check() const {
    if (layers < 1) fail("layers", "a search needs at least 1 layer, found " + std::to_string(layers), "");
    if (!findBlockId(base) || base == "attn") fail("base", "\"" + base + "\" is not a linear block", "use jet");
    if (width < 1) fail("width", "at least 1 candidate must be kept, found " + std::to_string(width), "use 4");
    for (const auto* set : {&pinned, &forbidden})
        for (const int layer : *set)
            if (layer < 0 || layer >= layers)
                fail(set == &pinned ? "pin" : "forbid",
                     "layer " + std::to_string(layer) + " is outside 0 to " + std::to_string(layers - 1),
                     "count layers from 0");
    for (const int layer : pinned)
        if (forbidden.contains(layer))
            fail("pin", "layer " + std::to_string(layer) + " is both pinned and forbidden", "choose one");
    const int most = layers - static_cast<int>(forbidden.size());
    if (budget < static_cast<int>(pinned.size()) || budget > most)
        fail("full layers",
             std::to_string(budget) + " were asked for, " + std::to_string(pinned.size()) + " are pinned and " +
                 std::to_string(most) + " are not forbidden",
             "choose a number from " + std::to_string(pinned.size()) + " to " + std::to_string(most));
}

Constraints Constraints::after(const Steering& steering) const {
    Constraints out = *this;
    for (const int layer : steering.unpin) out.pinned.erase(layer);
    for (const int layer : steering.unforbid) out.forbidden.erase(layer);
    out.pinned.insert(steering.pin.begin(), steering.pin.end());
    out.forbidden.insert(steering.forbid.begin(), steering.forbid.end());
    if (steering.width) out.width = *steering.width;
    if (steering.budget) out.budget = *steering.budget;
    out.check();
    for (const auto* list : {&steering.add, &steering.drop, &steering.order})
        for (const Placement& placement : *list)
            if (placement.size() != layers)
                fail("steering",
                     "a placement has " + std::to_string(placement.size()) + " layers, the model has " +
                         std::to_string(layers),
                     "");
    return out;
}

std::string Constraints::violation(const Placement& candidate) const {
    for (int layer = 0; layer < candidate.size(); ++layer) {
        const bool full = candidate[layer] == "attn";
        if (full && forbidden.contains(layer)) return "forbidden layer";
        if (!full && pinned.contains(layer)) return "pinned layer missing";
        if (!full && candidate[layer] != base) return "another block";
    }
    return {};
}

Placement Constraints::placement(const std::set<int>& full) const {
    return Placement::withFull(layers, std::vector<int>(full.begin(), full.end()), base);
}

nlohmann::json Constraints::json() const {
    return {{"layers", layers}, {"budget", budget}, {"width", width},
            {"base", base},     {"pin", pinned},    {"forbid", forbidden}};
}

Constraints Constraints::from(const nlohmann::json& json) {
    Constraints out;
    out.layers = json.at("layers").get<int>();
    out.budget = json.at("budget").get<int>();
    out.width = json.value("width", out.width);
    out.base = json.value("base", out.base);
    out.pinned = json.value("pin", out.pinned);
    out.forbidden = json.value("forbid", out.forbidden);
    out.check();
    return out;
}

}  // namespace airframe
