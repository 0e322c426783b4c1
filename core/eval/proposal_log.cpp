// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/proposal_log.h"

#include <set>
#include <tuple>

#include "core/study/study.h"

namespace airframe {
namespace {

auto content(const ProposalRow& row) {
    return std::tie(row.round, row.placement, row.parent, row.origin, row.name, row.state, row.score, row.low, row.high,
                    row.kept, row.cut_reason, row.queue_pos);
}

}  // namespace

ProposalLog::ProposalLog(Study& study, std::int64_t run) : m_study(study), m_run(run), m_rows(study.proposals(run)) {
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const ProposalRow& row = m_rows[i];
        // Controls of two budgets may share a name; the later one counts.
        m_index[row.origin == "control" ? std::pair(-1, row.name) : std::pair(row.round, row.placement)] = i;
    }
}

void ProposalLog::write(ProposalRow& row, const ProposalRow& wanted) {
    if (content(row) == content(wanted)) return;
    row = wanted;
    m_study.updateProposal(row);
}

void ProposalLog::queue(const std::vector<Ask>& asks) {
    std::set<std::pair<int, std::string>> queued;
    for (std::size_t position = 0; position < asks.size(); ++position) {
        const Ask& ask = asks[position];
        const auto key = std::pair(ask.round, ask.placement.text());
        queued.insert(key);
        ProposalRow wanted;
        wanted.run_id = m_run;
        wanted.round = ask.round;
        wanted.placement = key.second;
        wanted.parent = ask.parent;
        wanted.origin = ask.origin;
        wanted.state = "queued";
        wanted.queue_pos = static_cast<int>(position);
        if (const auto known = m_index.find(key); known != m_index.end()) {
            wanted.id = m_rows[known->second].id;
            write(m_rows[known->second], wanted);
        } else {
            wanted.id = m_study.addProposal(wanted);
            m_index[key] = m_rows.size();
            m_rows.push_back(std::move(wanted));
        }
    }
    for (ProposalRow& row : m_rows) {
        if (row.state != "queued" || row.origin == "control" || queued.contains({row.round, row.placement})) continue;
        ProposalRow wanted = row;
        wanted.state = "dropped";
        write(row, wanted);
    }
}

ProposalRow ProposalLog::control(const std::string& name, const Placement& placement, const Interval& gain) {
    ProposalRow wanted;
    wanted.run_id = m_run;
    wanted.placement = placement.text();
    wanted.origin = "control";
    wanted.name = name;
    wanted.state = "done";
    wanted.score = gain.mean;
    wanted.low = gain.low;
    wanted.high = gain.high;
    const auto known = m_index.find({-1, name});
    if (known != m_index.end() && m_rows[known->second].placement == wanted.placement) {
        wanted.id = m_rows[known->second].id;
        write(m_rows[known->second], wanted);
    } else {
        wanted.id = m_study.addProposal(wanted);
        m_index[{-1, name}] = m_rows.size();
        m_rows.push_back(wanted);
    }
    return wanted;
}

void ProposalLog::scored(const Told& told) {
    for (ProposalRow& row : m_rows) {
        if (row.origin == "control" || row.state == "dropped" || row.placement != told.placement.text()) continue;
        ProposalRow wanted = row;
        wanted.state = told.failed ? "failed" : "done";
        wanted.score = told.score;
        wanted.low = told.low;
        wanted.high = told.high;
        write(row, wanted);
    }
}

void ProposalLog::decided(const std::vector<Verdict>& verdicts) {
    for (const Verdict& verdict : verdicts) {
        const auto known = m_index.find({verdict.round, verdict.placement.text()});
        if (known == m_index.end()) continue;  // cut before it was ever queued
        ProposalRow wanted = m_rows[known->second];
        wanted.kept = verdict.kept;
        wanted.cut_reason = verdict.cut_reason;
        write(m_rows[known->second], wanted);
    }
}

}  // namespace airframe
