// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/search/list_search.h"

#include <algorithm>
#include <utility>

#include "core/study/steering.h"

namespace airframe {

ListSearch::ListSearch(Constraints constraints) : m_constraints(std::move(constraints)) {
    m_constraints.check();
}

Round ListSearch::filled(const Constraints& constraints, const Round& before) const {
    Round out;
    out.full_layers = constraints.budget;
    for (const Candidate& candidate : before.candidates())
        if (candidate.origin == "person") out.add(candidate);
    for (Placement& placement : list(constraints)) {
        Candidate candidate;
        candidate.placement = std::move(placement);
        out.add(std::move(candidate));
    }
    return out;
}

void ListSearch::fill() {
    m_round = filled(m_constraints, m_round);
}

std::vector<Ask> ListSearch::next() {
    return m_round.asks(m_constraints, m_ledger);
}
void ListSearch::tell(const Told& told) {
    m_ledger.tell(told);
}

std::string ListSearch::steer(const Steering& steering, Constraints& constraints, Ledger& ledger, Round& round) const {
    const Constraints wanted = constraints.after(steering);
    const std::vector<Ask> before = round.asks(constraints, ledger);
    if (wanted.budget != constraints.budget || wanted.pinned != constraints.pinned ||
        wanted.forbidden != constraints.forbidden)
        round = filled(wanted, round);
    constraints = wanted;
    for (const Placement& placement : steering.drop)
        ledger.dropped[placement.text()] = steering.who.empty() ? "a person" : steering.who;
    for (auto it = steering.add.rbegin(); it != steering.add.rend(); ++it) {
        Candidate wish;
        wish.placement = *it;
        wish.origin = "person";
        wish.competes = static_cast<int>(it->fullLayers().size()) == constraints.budget;
        ledger.dropped.erase(it->text());
        round.add(std::move(wish), true);
    }
    const int ordered = round.order(steering.order);
    nlohmann::json effect = queueChange(before, round.asks(constraints, ledger));
    effect["ordered"] = ordered;
    effect["round"] = 0;
    effect["rounds"] = 1;
    return effect.dump();
}

std::string ListSearch::apply(const Steering& steering) {
    Constraints constraints = m_constraints;
    Ledger ledger = m_ledger;
    Round round = m_round;
    std::string effect = steer(steering, constraints, ledger, round);
    std::swap(m_constraints, constraints);
    std::swap(m_ledger, ledger);
    std::swap(m_round, round);
    return effect;
}

std::string ListSearch::preview(const Steering& steering) const {
    Constraints constraints = m_constraints;
    Ledger ledger = m_ledger;
    Round round = m_round;
    return steer(steering, constraints, ledger, round);
}

std::vector<Verdict> ListSearch::verdicts() const {
    if (!m_round.queue(m_constraints, m_ledger).empty()) return {};
    return m_round.close(m_constraints, m_ledger);
}

std::vector<Told> ListSearch::best() const {
    std::vector<Told> out;
    for (const Verdict& verdict : verdicts())
        if (verdict.kept) out.push_back(*m_ledger.find(verdict.placement.text()));
    return out;
}

std::string ListSearch::save() const {
    return nlohmann::json{{"kind", kind()},
                          {"version", 1},
                          {"constraints", m_constraints.json()},
                          {"ledger", m_ledger.json()},
                          {"round", m_round.json()},
                          {"options", options()}}
        .dump();
}

void ListSearch::restore(const std::string& text) {
    restoring(text, kind(), [&](const nlohmann::json& state) {
        Constraints constraints = Constraints::from(state.at("constraints"));
        Ledger ledger = Ledger::from(state.at("ledger"));
        Round round = Round::from(state.at("round"), constraints.layers);
        setOptions(state.at("options"));
        m_constraints = std::move(constraints);
        m_ledger = std::move(ledger);
        m_round = std::move(round);
    });
}

}  // namespace airframe
