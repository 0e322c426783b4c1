// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/search_driver.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/eval/progress_meter.h"
#include "core/eval/proposal_log.h"
#include "core/eval/steered_control.h"
#include "core/study/objective.h"
#include "core/study/search/random_search.h"
#include "core/study/steering.h"
#include "core/study/study.h"

namespace airframe {
namespace {

/// One run of a search. The loop is run(); everything else is what its words mean.
class Driver {
  public:
    Driver(Study& study, std::int64_t run, Search& search, SearchRequest request, EvaluationRun& evaluation,
           RunControl& control)
        : m_study(study),
          m_run(run),
          m_search(search),
          m_request(std::move(request)),
          m_evaluation(evaluation),
          m_control(study, run, control),
          m_log(study, run),
          m_meter(control, "search", "candidates"),
          m_base(Placement::withFull(study.model().layers, {}, m_request.base_block)) {}

    SearchResult run() {
        resume();
        bool over = false;
        while (!over && !m_control.stopped()) {
            steer();
            if (!measureControls()) continue;
            const auto asks = m_search.next();
            m_log.queue(asks);
            over = asks.empty();
            if (!over) measure(asks);
        }
        m_control.take(m_search.round());  // logs the stop; steering that came too late waits for the next start
        return {m_search.verdicts(), m_search.best(), m_controls, m_evaluation.cost(), over};
    }

  private:
    /// The saved state, and the weights and the budget as steering left them.
    void resume() {
        if (const std::string state = m_study.searchState(m_run); !state.empty()) m_search.restore(state);
        for (const ControlRow& row : m_study.controls(m_run)) {
            const auto effect = nlohmann::json::parse(row.effect_json, nullptr, false);
            if (row.kind == "steer" && effect.is_object() && !effect.empty() && !effect.contains("error"))
                adopt(Steering::parse(row.payload_json, m_base.size()));
        }
        m_log.decided(m_search.verdicts());
    }

    void adopt(const Steering& steering) {
        if (!steering.weights.empty()) m_request.weights = steering.weights;
        if (steering.budget) m_request.full_layers = *steering.budget;
        m_first = steering.add;
        m_first.insert(m_first.end(), steering.order.begin(), steering.order.end());
    }

    void steer() {
        for (const ControlRow& row : m_control.take(m_search.round())) {
            std::string effect;
            try {
                const Steering steering = Steering::parse(row.payload_json, m_base.size());
                effect = m_search.apply(steering);
                adopt(steering);
                if (!steering.weights.empty()) tellAgain();
                m_study.saveSearchState(m_run, m_search.save());
            } catch (const Failure& failure) {
                // A choice that makes no sense changes nothing and must not end the search.
                effect = nlohmann::json{{"error", failure.error().line()}}.dump();
            }
            m_control.log(row, m_search.round(), effect);
            m_log.decided(m_search.verdicts());
        }
    }

    /// Scores under new weights of all that the search knows; nothing is evaluated.
    void tellAgain() {
        for (const ProposalRow& row : m_study.proposals(m_run)) {
            if (row.origin == "control" || row.state != "done") continue;
            const Placement placement = Placement::parse(row.placement, m_base.size());
            if (!m_evaluation.evaluate({placement}, m_control)) return;  // already in the study
            const Told told = score(placement);
            m_search.tell(told);
            m_log.scored(told);
        }
    }

    [[nodiscard]] Told score(const Placement& placement) const {
        const Interval gain = gainOver(m_evaluation.rows(m_base), m_evaluation.rows(placement), m_request.weights,
                                       static_cast<std::uint64_t>(m_request.seed));
        return {placement, gain.mean, gain.low, gain.high, false};
    }

    /// Base and controls of the budget in force. False: ended early, by a stop or by steering.
    bool measureControls() {
        const auto named = controls(m_base.size(), m_request.full_layers, static_cast<std::uint64_t>(m_request.seed),
                                    m_request.base_block);
        std::vector<Placement> placements = {m_base};
        for (const auto& [name, placement] : named) placements.push_back(placement);
        if (!evaluate(placements, {})) return false;
        m_controls.clear();
        for (const auto& [name, placement] : named) {
            const Told told = score(placement);
            m_controls.push_back(m_log.control(name, placement, {told.score, told.low, told.high}));
        }
        return true;
    }

    /// All candidates of the round in one walk; those that a person put first, in a walk before.
    void measure(const std::vector<Ask>& asks) {
        std::vector<Placement> first, rest;
        for (const Ask& ask : asks)
            (std::find(m_first.begin(), m_first.end(), ask.placement) != m_first.end() ? first : rest)
                .push_back(ask.placement);
        m_rounds_ahead = static_cast<double>(asks.size()) * std::max(0, m_search.rounds() - 1 - m_search.round());
        const Tell tell = [this](const Placement& placement) { told(score(placement)); };
        try {
            if (evaluate(first, tell)) evaluate(rest, tell);
        } catch (const Failure& failure) {
            if (failure.error().code != ErrorCode::no_room) throw;
            measureOneByOne(asks, tell);
        }
    }

    using Tell = std::function<void(const Placement&)>;

    /// The walk did not fit in memory: that is a fact about a candidate only if it does not fit alone.
    void measureOneByOne(const std::vector<Ask>& asks, const Tell& tell) {
        for (const Ask& ask : asks) {
            try {
                if (!evaluate({ask.placement}, tell)) return;
            } catch (const Failure& failure) {
                if (failure.error().code != ErrorCode::no_room) throw;
                told({ask.placement, 0, 0, 0, true});
            }
        }
    }

    bool evaluate(const std::vector<Placement>& placements, const Tell& tell) {
        m_meter.setTotal(m_meter.done() + static_cast<double>(m_evaluation.missing(placements)) + m_rounds_ahead);
        const bool whole = m_evaluation.evaluate(placements, m_control, [&](const Placement& placement, bool fresh) {
            if (tell) tell(placement);
            if (!fresh) return;
            m_meter.finished(true, placement.text());
            m_study.setRunProgress(m_run, m_meter.done(), m_meter.total());
        });
        if (!whole && !m_control.stopped() && !m_control.steeringWaits())
            throw Failure(ErrorCode::internal, "search", "the evaluator left placements out without being stopped");
        return whole;
    }

    void told(const Told& told) {
        m_search.tell(told);
        m_study.saveSearchState(m_run, m_search.save());
        m_log.scored(told);
        m_log.decided(m_search.verdicts());
        m_control.changed({"proposal"});
    }

    Study& m_study;
    std::int64_t m_run;
    Search& m_search;
    SearchRequest m_request;
    EvaluationRun& m_evaluation;
    SteeredControl m_control;
    ProposalLog m_log;
    ProgressMeter m_meter;
    Placement m_base;
    std::vector<Placement> m_first;  // what a person wants next
    std::vector<ProposalRow> m_controls;
    double m_rounds_ahead = 0;  // candidates of rounds to come, if they are as large as this one
};

}  // namespace

SearchResult runSearch(Study& study, std::int64_t run, Search& search, const SearchRequest& request,
                       EvaluationRun& evaluation, RunControl& control) {
    return Driver(study, run, search, request, evaluation, control).run();
}

}  // namespace airframe
