// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/steered_control.h"

#include <algorithm>

#include "core/study/study.h"

namespace airframe {
namespace {

using namespace std::chrono_literals;

bool withoutEffect(const ControlRow& row) {
    return row.effect_json.empty() || row.effect_json == "{}";
}

std::string outcome(const std::string& kind) {
    if (kind == "pause") return R"({"state":"paused"})";
    if (kind == "resume") return R"({"state":"running"})";
    if (kind == "stop") return R"({"state":"stopped"})";
    return R"({"state":")" + kind + R"("})";
}

}  // namespace

bool SteeredControl::checkpoint() {
    if (!m_inner.checkpoint()) {
        m_stopped = true;
        return false;
    }
    if (!m_waiting) m_waiting = look();
    return !m_waiting;
}

bool SteeredControl::look() {
    for (std::string& text : m_inner.steering()) m_texts.push_back(std::move(text));
    if (!m_texts.empty()) return true;
    const auto now = std::chrono::steady_clock::now();
    if (now - m_looked < 100ms) return false;
    m_looked = now;
    const auto pending = m_study.pendingControls(m_run);
    return std::any_of(pending.begin(), pending.end(), [](const ControlRow& row) { return row.kind == "steer"; });
}

std::vector<ControlRow> SteeredControl::take(std::int64_t step) {
    for (std::string& text : m_inner.steering()) m_texts.push_back(std::move(text));
    std::vector<ControlRow> waiting;
    const auto gather = [&] {
        waiting.clear();
        for (const ControlRow& row : m_study.controls(m_run)) {
            if (!withoutEffect(row)) continue;
            if (row.kind == "steer")
                waiting.push_back(row);
            else if (row.consumed != 0)
                log(row, step, outcome(row.kind));
        }
    };
    gather();
    bool added = false;
    for (const std::string& text : m_texts) {
        const bool has_row = std::any_of(waiting.begin(), waiting.end(),
                                         [&text](const ControlRow& row) { return row.payload_json == text; });
        if (has_row) continue;
        ControlRow row;
        row.run_id = m_run;
        row.who = "program";
        row.kind = "steer";
        row.payload_json = text;
        m_study.addControl(row);
        added = true;
    }
    if (added) gather();
    m_texts.clear();
    m_waiting = false;
    return waiting;
}

void SteeredControl::log(const ControlRow& row, std::int64_t step, const std::string& effect_json) {
    m_study.consumeControl(row.id, step, effect_json);
    m_inner.changed({"control"});
}

}  // namespace airframe
