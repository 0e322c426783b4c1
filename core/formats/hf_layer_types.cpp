// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/hf_layer_types.h"

#include <algorithm>
#include <string_view>

namespace airframe {
namespace {

constexpr const char* field = "layer_types";

bool isName(std::string_view name) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
    return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

/// ['a', "b"] -> a, b.
std::vector<std::string> listInText(const Fields& in, std::string_view text) {
    const auto refuse = [&] { in.fail(field, "a list of quoted block names was wanted, found the string \"" + std::string(text.substr(0, 80)) + "\""); };
    std::string_view rest = text;
    const auto skipBlanks = [&] { rest.remove_prefix(std::min(rest.find_first_not_of(" \t\n"), rest.size())); };
    const auto take = [&](char wanted) {
        skipBlanks();
        if (rest.empty() || rest.front() != wanted) return false;
        rest.remove_prefix(1);
        return true;
    };
    std::vector<std::string> names;
    if (!take('[')) refuse();
    do {
        skipBlanks();
        if (rest.empty() || (rest.front() != '\'' && rest.front() != '"')) refuse();
        const std::size_t end = rest.find(rest.front(), 1);
        if (end == std::string_view::npos || !isName(rest.substr(1, end - 1))) refuse();
        names.emplace_back(rest.substr(1, end - 1));
        rest.remove_prefix(end + 1);
    } while (take(','));
    if (!take(']')) refuse();
    skipBlanks();
    if (!rest.empty()) refuse();
    return names;
}

}  // namespace

std::vector<std::string> readLayerTypes(const Fields& in, int layers) {
    const nlohmann::json& types = in.get(field);
    std::vector<std::string> names;
    if (types.is_string()) {
        names = listInText(in, types.get_ref<const std::string&>());
    } else {
        if (!types.is_array()) in.fail(field, "a list of block names was wanted, found " + types.dump());
        for (const nlohmann::json& type : types) {
            if (!type.is_string()) in.fail(field, "a block name was wanted, found " + type.dump());
            names.push_back(type);
        }
    }
    if (names.size() != static_cast<std::size_t>(layers))
        in.fail(field, std::to_string(names.size()) + " entries for " + std::to_string(layers) + " layers");
    return names;
}

}  // namespace airframe
