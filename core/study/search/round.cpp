// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/search/round.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/error.h"

namespace airframe {

using nlohmann::json;

const Told* Ledger::find(const std::string& placement) const {
    const auto it = told.find(placement);
    return it == told.end() ? nullptr : &it->second;
}

void Ledger::tell(Told entry) {
    if (entry.failed || !std::isfinite(entry.score)) {
        entry.failed = true;
        entry.score = entry.low = entry.high = 0;
    }
    std::string text = entry.placement.text();
    told[std::move(text)] = std::move(entry);
}

json Ledger::json() const {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& [text, entry] : told) list.push_back({text, entry.score, entry.low, entry.high, entry.failed});
    return {{"told", list}, {"dropped", dropped}, {"orphans", orphans}};
}

Ledger Ledger::from(const nlohmann::json& json) {
    Ledger out;
    for (const auto& entry : json.at("told")) {
        Told told;
        told.placement = Placement::parse(entry.at(0).get<std::string>());
        told.score = entry.at(1).get<double>();
        told.low = entry.at(2).get<double>();
        told.high = entry.at(3).get<double>();
        told.failed = entry.at(4).get<bool>();
        out.told[told.placement.text()] = told;
    }
    out.dropped = json.at("dropped").get<std::map<std::string, std::string>>();
    out.orphans = json.at("orphans").get<std::set<std::string>>();
    return out;
}

void Round::add(Candidate candidate, bool first) {
    if (candidate.text.empty()) candidate.text = candidate.placement.text();
    const auto known = std::find_if(m_candidates.begin(), m_candidates.end(),
                                    [&](const Candidate& c) { return c.text == candidate.text; });
    if (known == m_candidates.end()) {
        m_candidates.insert(first ? m_candidates.begin() : m_candidates.end(), std::move(candidate));
        return;
    }
    for (const std::string& parent : candidate.parents)
        if (std::find(known->parents.begin(), known->parents.end(), parent) == known->parents.end())
            known->parents.push_back(parent);
    if (candidate.origin == "person") known->origin = "person";
    if (first) std::rotate(m_candidates.begin(), known, known + 1);
}

std::vector<std::size_t> Round::queue(const Constraints& constraints, const Ledger& ledger) const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < m_candidates.size(); ++i) {
        const Candidate& candidate = m_candidates[i];
        if (ledger.find(candidate.text) || ledger.dropped.contains(candidate.text)) continue;
        if (candidate.origin != "person" && !constraints.violation(candidate.placement).empty()) continue;
        out.push_back(i);
    }
    return out;
}

std::vector<Ask> Round::asks(const Constraints& constraints, const Ledger& ledger) const {
    std::vector<Ask> out;
    for (const std::size_t i : queue(constraints, ledger)) {
        const Candidate& candidate = m_candidates[i];
        out.push_back({candidate.placement, index,
                       candidate.parents.empty() ? std::string() : candidate.parents.front(), candidate.origin});
    }
    return out;
}

std::string Round::cutReason(const Candidate& candidate, const Constraints& constraints, const Ledger& ledger) const {
    if (const auto dropped = ledger.dropped.find(candidate.text); dropped != ledger.dropped.end())
        return "dropped by " + dropped->second;
    if (!candidate.competes) return "scored only";
    if (std::string violation = constraints.violation(candidate.placement); !violation.empty()) return violation;
    const Told* told = ledger.find(candidate.text);
    return told && told->failed ? "failed" : std::string();
}

int Round::order(const std::vector<Placement>& first) {
    auto front = m_candidates.begin();
    for (const Placement& placement : first) {
        const auto found =
            std::find_if(front, m_candidates.end(), [&](const Candidate& c) { return c.placement == placement; });
        if (found == m_candidates.end()) continue;
        std::rotate(front, found, found + 1);
        ++front;
    }
    return static_cast<int>(front - m_candidates.begin());
}

std::vector<Verdict> Round::close(const Constraints& constraints, const Ledger& ledger) const {
    struct Entry {
        const Candidate* candidate;
        Verdict verdict;
    };
    std::vector<Entry> entries;
    for (const Candidate& candidate : m_candidates) {
        Verdict verdict;
        verdict.placement = candidate.placement;
        verdict.round = index;
        verdict.cut_reason = cutReason(candidate, constraints, ledger);
        const Told* told = ledger.find(candidate.text);
        verdict.scored = told != nullptr;
        if (told) {
            verdict.score = told->score;
            verdict.low = told->low;
            verdict.high = told->high;
        } else if (verdict.cut_reason.empty()) {
            verdict.cut_reason = "not scored";
        }
        entries.push_back({&candidate, std::move(verdict)});
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        const bool a_may = a.verdict.cut_reason.empty(), b_may = b.verdict.cut_reason.empty();
        if (a_may != b_may) return a_may;
        if (a.verdict.scored != b.verdict.scored) return a.verdict.scored;
        if (a.verdict.score != b.verdict.score) return a.verdict.score > b.verdict.score;
        return a.candidate->text < b.candidate->text;
    });
    std::vector<Verdict> out;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        Verdict& verdict = entries[i].verdict;
        if (verdict.cut_reason.empty()) {
            verdict.kept = i < static_cast<std::size_t>(constraints.width);
            if (!verdict.kept) verdict.cut_reason = "below width";
        }
        out.push_back(std::move(verdict));
    }
    return out;
}

json Round::json() const {
    nlohmann::json list = nlohmann::json::array();
    for (const Candidate& c : m_candidates)
        list.push_back({{"placement", c.text}, {"parents", c.parents}, {"origin", c.origin}, {"competes", c.competes}});
    return {{"index", index}, {"full_layers", full_layers}, {"candidates", list}};
}

Round Round::from(const nlohmann::json& json, int layers) {
    Round out;
    out.index = json.at("index").get<int>();
    out.full_layers = json.at("full_layers").get<int>();
    for (const auto& entry : json.at("candidates")) {
        Candidate c;
        c.placement = Placement::parse(entry.at("placement").get<std::string>(), layers);
        c.text = c.placement.text();
        c.parents = entry.at("parents").get<std::vector<std::string>>();
        c.origin = entry.at("origin").get<std::string>();
        c.competes = entry.at("competes").get<bool>();
        out.m_candidates.push_back(std::move(c));
    }
    return out;
}

void restoring(const std::string& text, const std::string& kind,
               const std::function<void(const nlohmann::json&)>& take) {
    const auto fail = [](const std::string& what) {
        throw Failure(ErrorCode::bad_input, "search state", what, "start the search anew; its evaluations are kept");
    };
    const nlohmann::json state = nlohmann::json::parse(text, nullptr, false);
    if (!state.is_object()) fail("is not a JSON object");
    try {
        if (const auto found = state.at("kind").get<std::string>(); found != kind)
            fail("is of a \"" + found + "\" search, not of a \"" + kind + "\" one");
        if (state.at("version") != 1) fail("has the version " + state.at("version").dump() + ", this program knows 1");
        take(state);
    } catch (const nlohmann::json::exception& exception) {
        fail(std::string("cannot be read: ") + exception.what());
    }
}

json toJson(const Verdict& v) {
    return {{"placement", v.placement.text()},
            {"round", v.round},
            {"score", v.score},
            {"low", v.low},
            {"high", v.high},
            {"kept", v.kept},
            {"cut_reason", v.cut_reason},
            {"scored", v.scored}};
}

Verdict verdictFrom(const json& j, int layers) {
    Verdict v;
    v.placement = Placement::parse(j.at("placement").get<std::string>(), layers);
    v.round = j.at("round").get<int>();
    v.score = j.at("score").get<double>();
    v.low = j.at("low").get<double>();
    v.high = j.at("high").get<double>();
    v.kept = j.at("kept").get<bool>();
    v.cut_reason = j.at("cut_reason").get<std::string>();
    v.scored = j.at("scored").get<bool>();
    return v;
}

json queueChange(const std::vector<Ask>& before, const std::vector<Ask>& after) {
    std::set<Placement> old;
    for (const Ask& ask : before) old.insert(ask.placement);
    int kept = 0;
    for (const Ask& ask : after) kept += old.contains(ask.placement) ? 1 : 0;
    return {{"kept", kept},
            {"dropped", before.size() - static_cast<std::size_t>(kept)},
            {"added", after.size() - static_cast<std::size_t>(kept)},
            {"queue", after.size()}};
}

}  // namespace airframe
