// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/search/beam.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/base/error.h"
#include "core/study/steering.h"

namespace airframe {
namespace {

constexpr std::size_t most_mended = 256;  // per placement: ways of giving up layers to meet the budget

std::set<int> fullSet(const Placement& placement) {
    const std::vector<int> full = placement.fullLayers();
    return {full.begin(), full.end()};
}

int fullCount(const Placement& placement) {
    return static_cast<int>(placement.fullLayers().size());
}

/// Every subset of `from` with `count` fewer members, given up only among `free`, in lexicographic order, at most
/// `limit`.
void giveUp(const std::set<int>& from, const std::vector<int>& free, std::size_t start, int count, std::size_t limit,
            std::vector<std::set<int>>& out) {
    if (out.size() >= limit) return;
    if (count == 0) {
        out.push_back(from);
        return;
    }
    for (std::size_t i = start; i < free.size(); ++i) {
        std::set<int> less = from;
        less.erase(free[i]);
        giveUp(less, free, i + 1, count - 1, limit, out);
    }
}

}  // namespace

BeamSearch::BeamSearch(Constraints constraints) : m_constraints(std::move(constraints)) {
    m_constraints.check();
    openRoot();
}

std::vector<Ask> BeamSearch::next() {
    settle();
    return m_round ? m_round->asks(m_constraints, m_ledger) : std::vector<Ask>{};
}

void BeamSearch::tell(const Told& told) {
    m_ledger.tell(told);
    settle();
}

int BeamSearch::round() const {
    return m_round ? m_round->index : std::max(0, m_closed - 1);
}

int BeamSearch::rounds() const {
    return m_round ? m_closed + 1 + std::max(0, m_constraints.budget - m_round->full_layers) : m_closed;
}

void BeamSearch::openRoot() {
    Round root;
    root.full_layers = static_cast<int>(m_constraints.pinned.size());
    Candidate candidate;
    candidate.placement = m_constraints.placement(m_constraints.pinned);
    root.add(std::move(candidate));
    if (m_round)  // pinned before the root was scored: a person's wishes stay
        for (const Candidate& wish : m_round->candidates())
            if (wish.origin == "person") root.add(wish, true);
    m_round = std::move(root);
}

void BeamSearch::settle() {
    while (m_round) {
        const bool over = m_round->full_layers > m_constraints.budget;
        if (!over && !m_round->queue(m_constraints, m_ledger).empty()) return;
        closeRound();
        openRound();
    }
}

void BeamSearch::closeRound() {
    std::vector<Verdict> verdicts = m_round->close(m_constraints, m_ledger);
    std::vector<Placement> kept;
    for (Verdict& verdict : verdicts) {
        if (m_round->full_layers > m_constraints.budget) {
            verdict.kept = false;
            verdict.cut_reason = "over the budget";
        }
        if (verdict.kept) kept.push_back(verdict.placement);
    }
    // A round that keeps nothing leaves the beam as it was: openRound mends it, or the search is over.
    if (!kept.empty()) m_beam = std::move(kept);
    m_verdicts.insert(m_verdicts.end(), verdicts.begin(), verdicts.end());
    ++m_closed;
    m_round.reset();
}

void BeamSearch::openRound() {
    // What the beam gives for each number of full layers; only candidates that can still be kept, so that a round that
    // kept nothing is not opened again.
    std::map<int, std::vector<Candidate>> fresh;
    const auto offer = [&](Candidate candidate) {
        candidate.text = candidate.placement.text();
        const int depth = fullCount(candidate.placement);
        if (depth > m_constraints.budget) return;
        if (!Round().cutReason(candidate, m_constraints, m_ledger).empty()) return;
        fresh[depth].push_back(std::move(candidate));
    };
    for (const Placement& parent : m_beam)
        for (Candidate& candidate : needsMending(parent) ? mended(parent) : childrenOf(parent))
            offer(std::move(candidate));

    int depth = fresh.empty() ? std::numeric_limits<int>::max() : fresh.begin()->first;
    for (const auto& [waiting_depth, candidates] : m_waiting)
        if (fresh.empty() ||
            std::any_of(candidates.begin(), candidates.end(), [](const Candidate& c) { return c.origin != "person"; }))
            depth = std::min(depth, waiting_depth);
    if (depth > m_constraints.budget) return;  // over, until the budget grows or a person adds something

    // Placements of the beam that are ahead of this round wait for theirs; mended ones that are ahead do too.
    for (const Placement& parent : m_beam) {
        if (needsMending(parent) || fullCount(parent) < depth) continue;
        Candidate ahead;
        ahead.placement = parent;
        ahead.text = parent.text();
        m_waiting[fullCount(parent)].push_back(std::move(ahead));
        fresh.erase(fullCount(parent) + 1);  // its children come back from it
    }
    m_round.emplace();
    m_round->index = m_closed;
    m_round->full_layers = depth;
    for (auto& [at, candidates] : fresh)
        for (Candidate& candidate : candidates)
            if (at == depth)
                m_round->add(std::move(candidate));
            else
                m_waiting[at].push_back(std::move(candidate));
    for (Candidate& candidate : m_waiting[depth]) m_round->add(std::move(candidate));
    m_waiting.erase(m_waiting.begin(), m_waiting.upper_bound(depth));
}

bool BeamSearch::needsMending(const Placement& placement) const {
    return !m_constraints.violation(placement).empty();
}

std::vector<Candidate> BeamSearch::childrenOf(const Placement& parent) const {
    std::vector<Candidate> out;
    const std::set<int> full = fullSet(parent);
    for (int layer = 0; layer < m_constraints.layers; ++layer) {
        if (full.contains(layer) || m_constraints.forbidden.contains(layer)) continue;
        std::set<int> more = full;
        more.insert(layer);
        Candidate child;
        child.placement = m_constraints.placement(more);
        child.parents = {parent.text()};
        out.push_back(std::move(child));
    }
    return out;
}

std::vector<Candidate> BeamSearch::mended(const Placement& parent) const {
    std::set<int> core = fullSet(parent);
    core.insert(m_constraints.pinned.begin(), m_constraints.pinned.end());
    for (const int layer : m_constraints.forbidden) core.erase(layer);
    std::vector<int> free;
    for (const int layer : core)
        if (!m_constraints.pinned.contains(layer)) free.push_back(layer);
    std::vector<std::set<int>> sets;
    giveUp(core, free, 0, std::max(0, static_cast<int>(core.size()) - m_constraints.budget), most_mended, sets);
    std::vector<Candidate> out;
    for (const std::set<int>& set : sets) {
        Candidate candidate;
        candidate.placement = m_constraints.placement(set);
        candidate.parents = {parent.text()};
        out.push_back(std::move(candidate));
    }
    return out;
}

void BeamSearch::refill() {
    if (!m_round) return;
    for (const Placement& parent : m_beam)
        if (!needsMending(parent) && fullCount(parent) + 1 == m_round->full_layers)
            for (Candidate& child : childrenOf(parent)) m_round->add(std::move(child));
}

void BeamSearch::addPersonal(const Placement& placement) {
    Candidate wish;
    wish.placement = placement;
    wish.text = placement.text();
    wish.origin = "person";
    if (m_ledger.dropped.erase(wish.text) > 0)  // taken back, and with it what went because of it
        for (const Candidate& child : childrenOf(placement))
            if (m_ledger.orphans.erase(child.placement.text()) > 0) m_ledger.dropped.erase(child.placement.text());
    const int depth = fullCount(placement);
    if (!m_round) {  // the search is over: a last round in which the beam defends its places
        m_round.emplace();
        m_round->index = m_closed;
        m_round->full_layers = m_beam.empty() ? depth : fullCount(m_beam.front());
        for (const Placement& kept : m_beam) {
            Candidate defender;
            defender.placement = kept;
            m_round->add(std::move(defender));
        }
    }
    wish.competes = depth == m_round->full_layers;
    if (depth > m_round->full_layers) {
        Candidate later = wish;
        later.competes = true;
        m_waiting[depth].push_back(std::move(later));
    }
    if (wish.competes || !m_ledger.find(wish.text)) m_round->add(std::move(wish), true);
}

void BeamSearch::drop(const Placement& placement, const std::string& who) {
    m_ledger.dropped[placement.text()] = who;
    if (std::erase(m_beam, placement) == 0 || !m_round) return;
    const auto alive = [&](const std::string& parent) {
        return std::any_of(m_beam.begin(), m_beam.end(), [&](const Placement& kept) { return kept.text() == parent; });
    };
    for (const std::size_t i : m_round->queue(m_constraints, m_ledger)) {
        const Candidate& candidate = m_round->candidates()[i];
        if (candidate.origin == "person" || std::any_of(candidate.parents.begin(), candidate.parents.end(), alive))
            continue;
        m_ledger.dropped[candidate.text] = who;
        m_ledger.orphans.insert(candidate.text);
    }
}

std::string BeamSearch::apply(const Steering& steering) {
    const Constraints wanted = m_constraints.after(steering);  // throws before anything has changed
    const std::vector<Ask> before = next();
    m_constraints = wanted;
    if (m_closed == 0 && m_round) openRoot();
    for (const Placement& placement : steering.drop) drop(placement, steering.who.empty() ? "a person" : steering.who);
    refill();
    for (auto it = steering.add.rbegin(); it != steering.add.rend(); ++it)
        addPersonal(*it);  // the first named comes first
    const int ordered = m_round ? m_round->order(steering.order) : 0;
    if (!m_round) openRound();  // a grown budget, or layers to mend
    const std::vector<Ask> after = next();
    nlohmann::json effect = queueChange(before, after);
    effect["ordered"] = ordered;
    effect["round"] = round();
    effect["rounds"] = rounds();
    return effect.dump();
}

std::string BeamSearch::preview(const Steering& steering) const {
    BeamSearch copy = *this;
    return copy.apply(steering);
}

std::vector<Told> BeamSearch::best() const {
    std::vector<Told> out;
    for (int index = m_closed - 1; index >= 0 && out.empty(); --index) {
        for (const Verdict& verdict : m_verdicts) {
            const std::string text = verdict.placement.text();
            if (verdict.round != index || !verdict.kept || m_ledger.dropped.contains(text)) continue;
            if (fullCount(verdict.placement) > m_constraints.budget || needsMending(verdict.placement)) continue;
            out.push_back(*m_ledger.find(text));
        }
    }
    std::sort(out.begin(), out.end(), [](const Told& a, const Told& b) {
        return a.score != b.score ? a.score > b.score : a.placement.text() < b.placement.text();
    });
    return out;
}

std::string BeamSearch::save() const {
    nlohmann::json out = {{"kind", kind()},
                          {"version", 1},
                          {"constraints", m_constraints.json()},
                          {"ledger", m_ledger.json()},
                          {"closed", m_closed},
                          {"round", m_round ? m_round->json() : nlohmann::json()}};
    nlohmann::json beam = nlohmann::json::array(), verdicts = nlohmann::json::array(),
                   waiting = nlohmann::json::array();
    for (const Placement& placement : m_beam) beam.push_back(placement.text());
    for (const Verdict& verdict : m_verdicts) verdicts.push_back(toJson(verdict));
    for (const auto& [depth, candidates] : m_waiting) {
        Round as_round;  // the same form as a round's candidates
        as_round.full_layers = depth;
        for (const Candidate& candidate : candidates) as_round.add(candidate);
        waiting.push_back(as_round.json());
    }
    out["beam"] = beam;
    out["verdicts"] = verdicts;
    out["waiting"] = waiting;
    return out.dump();
}

void BeamSearch::restore(const std::string& text) {
    restoring(text, kind(), [&](const nlohmann::json& state) {
        BeamSearch out(Constraints::from(state.at("constraints")));
        const int layers = out.m_constraints.layers;
        out.m_ledger = Ledger::from(state.at("ledger"));
        out.m_closed = state.at("closed").get<int>();
        out.m_round.reset();
        if (!state.at("round").is_null()) out.m_round = Round::from(state.at("round"), layers);
        for (const auto& entry : state.at("beam"))
            out.m_beam.push_back(Placement::parse(entry.get<std::string>(), layers));
        for (const auto& entry : state.at("verdicts")) out.m_verdicts.push_back(verdictFrom(entry, layers));
        for (const auto& entry : state.at("waiting")) {
            const Round as_round = Round::from(entry, layers);
            out.m_waiting[as_round.full_layers] = as_round.candidates();
        }
        *this = std::move(out);
    });
}

}  // namespace airframe
