// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/search/exhaustive.h"

#include <algorithm>
#include <numeric>

#include "core/base/error.h"

namespace airframe {
namespace {

constexpr double most_placements = 1e6;

double choose(int n, int k) {
    double out = 1;
    for (int i = 1; i <= k; ++i) out = out * (n - k + i) / i;
    return out;
}

}  // namespace

ExhaustiveSearch::ExhaustiveSearch(Constraints constraints, std::vector<int> among)
    : ListSearch(std::move(constraints)), m_among(std::move(among)) {
    std::sort(m_among.begin(), m_among.end());
    m_among.erase(std::unique(m_among.begin(), m_among.end()), m_among.end());
    fill();
}

std::vector<Placement> ExhaustiveSearch::list(const Constraints& constraints) const {
    std::vector<int> free = m_among;
    if (free.empty()) {
        free.resize(static_cast<std::size_t>(constraints.layers));
        std::iota(free.begin(), free.end(), 0);
    }
    for (const int layer : free)
        if (layer < 0 || layer >= constraints.layers)
            throw Failure(
                ErrorCode::bad_input, "among",
                "layer " + std::to_string(layer) + " is outside 0 to " + std::to_string(constraints.layers - 1),
                "count layers from 0");
    std::erase_if(
        free, [&](int layer) { return constraints.pinned.contains(layer) || constraints.forbidden.contains(layer); });
    const int n = static_cast<int>(free.size()), k = constraints.budget - static_cast<int>(constraints.pinned.size());
    if (k > n)
        throw Failure(
            ErrorCode::bad_input, "full layers",
            std::to_string(k) + " more are wanted and " + std::to_string(n) + " layers are left to choose from",
            "name more layers or want fewer");
    if (choose(n, k) > most_placements)
        throw Failure(ErrorCode::bad_input, "full layers",
                      std::to_string(k) + " of " + std::to_string(n) + " layers are too many placements to try all",
                      "name fewer layers or use the beam search");
    std::vector<Placement> out;
    std::vector<int> chosen(static_cast<std::size_t>(k));
    std::iota(chosen.begin(), chosen.end(), 0);
    while (true) {
        std::set<int> full = constraints.pinned;
        for (const int i : chosen) full.insert(free[static_cast<std::size_t>(i)]);
        out.push_back(constraints.placement(full));
        int at = k - 1;  // the next combination in lexicographic order
        while (at >= 0 && chosen[static_cast<std::size_t>(at)] == n - k + at) --at;
        if (at < 0) return out;
        ++chosen[static_cast<std::size_t>(at)];
        for (int i = at + 1; i < k; ++i)
            chosen[static_cast<std::size_t>(i)] = chosen[static_cast<std::size_t>(i - 1)] + 1;
    }
}

}  // namespace airframe
