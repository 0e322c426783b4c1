// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/search/random_search.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/study/random.h"

namespace airframe {

RandomSearch::RandomSearch(Constraints constraints, int draws, std::uint64_t seed)
    : ListSearch(std::move(constraints)), m_draws(draws), m_seed(seed) {
    if (draws < 1)
        throw Failure(ErrorCode::bad_input, "draws", "at least 1 is needed, found " + std::to_string(draws), "use 8");
    fill();
}

void RandomSearch::setOptions(const nlohmann::json& options) {
    m_draws = options.at("draws").get<int>();
    m_seed = options.at("seed").get<std::uint64_t>();
}

std::vector<Placement> RandomSearch::list(const Constraints& constraints) const {
    std::vector<int> layers;
    for (int layer = 0; layer < constraints.layers; ++layer)
        if (!constraints.pinned.contains(layer) && !constraints.forbidden.contains(layer)) layers.push_back(layer);
    const auto wanted = static_cast<std::size_t>(constraints.budget) - constraints.pinned.size();
    Random random(m_seed);
    std::vector<Placement> out;
    // 1,000 draws in a row without a new one: no further placement exists, or none worth waiting for.
    for (int misses = 0; misses < 1000 && out.size() < static_cast<std::size_t>(m_draws);) {
        std::vector<int> pool = layers;
        for (std::size_t i = 0; i < wanted; ++i)  // Fisher and Yates: the first `wanted` of a shuffle
            std::swap(pool[i], pool[i + random.below(static_cast<std::uint32_t>(pool.size() - i))]);
        std::set<int> full = constraints.pinned;
        full.insert(pool.begin(), pool.begin() + static_cast<std::ptrdiff_t>(wanted));
        Placement placement = constraints.placement(full);
        if (std::find(out.begin(), out.end(), placement) != out.end()) {
            ++misses;
            continue;
        }
        misses = 0;
        out.push_back(std::move(placement));
    }
    return out;
}

std::vector<std::pair<std::string, Placement>> controls(int layers, int budget, std::uint64_t seed,
                                                        const std::string& base) {
    std::vector<std::pair<std::string, Placement>> out = {{"uniform", Placement::uniform(layers, budget, base)},
                                                          {"last", Placement::last(layers, budget, base)}};
    Constraints constraints;
    constraints.layers = layers;
    constraints.budget = budget;
    constraints.base = base;
    RandomSearch draws(constraints, 8, seed);
    int number = 0;
    for (const Ask& ask : draws.next()) out.emplace_back("random-" + std::to_string(++number), ask.placement);
    return out;
}

}  // namespace airframe
