// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/search/make_search.h"

#include "core/base/error.h"
#include "core/study/search/beam.h"
#include "core/study/search/exhaustive.h"
#include "core/study/search/random_search.h"

namespace airframe {
namespace {

[[noreturn]] void unknownKind(const std::string& where, const std::string& kind) {
    throw Failure(ErrorCode::bad_input, where, "\"" + kind + "\" is no kind of search",
                  "kinds: beam, greedy, exhaustive, random");
}

std::unique_ptr<Search> make(const std::string& kind, Constraints constraints, const nlohmann::json& options) {
    if (kind == "greedy") constraints.width = 1;
    if (kind == "beam" || kind == "greedy") return std::make_unique<BeamSearch>(std::move(constraints));
    if (kind == "exhaustive")
        return std::make_unique<ExhaustiveSearch>(std::move(constraints), options.value("among", std::vector<int>{}));
    if (kind == "random")
        return std::make_unique<RandomSearch>(std::move(constraints), options.value("draws", 8),
                                              options.value("seed", std::uint64_t{0}));
    unknownKind("search", kind);
}

}  // namespace

std::unique_ptr<Search> makeSearch(const nlohmann::json& options) {
    try {
        return make(options.at("kind").get<std::string>(), Constraints::from(options), options);
    } catch (const nlohmann::json::exception& exception) {
        throw Failure(ErrorCode::bad_input, "search",
                      std::string("an option is missing or of the wrong type: ") + exception.what(),
                      "give kind, layers and budget");
    }
}

std::unique_ptr<Search> restoreSearch(const std::string& state) {
    const nlohmann::json saved = nlohmann::json::parse(state, nullptr, false);
    std::unique_ptr<Search> out;
    try {
        const nlohmann::json none = nlohmann::json::object();
        out = make(saved.at("kind").get<std::string>(), Constraints::from(saved.at("constraints")),
                   saved.contains("options") ? saved["options"] : none);
    } catch (const nlohmann::json::exception& exception) {
        throw Failure(ErrorCode::bad_input, "search state", std::string("cannot be read: ") + exception.what(),
                      "start the search anew; its evaluations are kept");
    }
    out->restore(state);
    return out;
}

}  // namespace airframe
