// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/job_control.h"

#include <csignal>
#include <utility>

#include "core/study/study.h"

namespace airframe {
namespace {

using namespace std::chrono_literals;
constexpr auto poll_every = 200ms;
constexpr auto tell_every = 60ms;  // below 20 events a second, three kinds of event counted

volatile std::sig_atomic_t g_signalled = 0;

extern "C" void onStopSignal(int number) {
    g_signalled = 1;
    std::signal(number, SIG_DFL);  // a second signal ends the process
}

bool running(const RunRow& run) { return run.state == RunState::running || run.state == RunState::paused; }

}  // namespace

void installStopSignals() {
    std::signal(SIGINT, onStopSignal);
    std::signal(SIGTERM, onStopSignal);
    std::signal(SIGPIPE, SIG_IGN);
}

bool stopSignalled() { return g_signalled != 0; }

JobControl::JobControl(JobListener& listener, std::string who) : m_listener(listener), m_who(std::move(who)) {}

void JobControl::requestPause() {
    const std::lock_guard lock(m_mutex);
    m_requests.push_back({"pause", {}});
    m_wake.notify_all();
}

void JobControl::requestResume() {
    const std::lock_guard lock(m_mutex);
    m_requests.push_back({"resume", {}});
    m_wake.notify_all();
}

void JobControl::requestStop() {
    const std::lock_guard lock(m_mutex);
    if (std::exchange(m_stop_requested, true)) return;
    m_requests.push_back({"stop", {}});
    m_wake.notify_all();
}

void JobControl::requestSteering(const std::string& json) {
    const std::lock_guard lock(m_mutex);
    m_requests.push_back({"steer", json});
    m_wake.notify_all();
}

void JobControl::attach(Study* study) {
    m_study = study;
    m_run = 0;
    m_foreign.clear();
    if (!study || study->readOnly()) {
        m_study = nullptr;
        return;
    }
    for (const auto& run : study->runs())
        if (running(run)) m_foreign.insert(run.id);
}

void JobControl::finish() {
    if (!m_study) return;
    findRun();
    if (!m_changed.empty()) {
        m_last_changed = {};
        changed({});
    }
    m_study = nullptr;
}

bool JobControl::stopped() const { return m_stop; }

void JobControl::findRun() {
    std::int64_t found = 0;
    for (const auto& run : m_study->runs())
        if (running(run) && !m_foreign.contains(run.id)) found = run.id;
    if (found != 0 && found != m_run) m_listener.started(found);
    m_run = found;
}

void JobControl::follow(std::int64_t run) {
    if (run != 0 && run != m_run) m_listener.started(run);
    m_run = run;
    changed({"run"});
}

void JobControl::obey(const Command& command) {
    if (command.kind == "pause") setPaused(true);
    if (command.kind == "resume") setPaused(false);
    if (command.kind == "stop") m_stop = true;
    if (command.kind == "steer" && m_run == 0) m_steering.push_back(command.payload);
}

void JobControl::setPaused(bool paused) {
    if (m_paused == paused) return;
    m_paused = paused;
    m_listener.state(paused ? "paused" : "running");
    if (m_study && m_run) m_study->setRunState(m_run, paused ? RunState::paused : RunState::running);
}

void JobControl::pollStudy(bool at_once) {
    const auto now = Clock::now();
    if (!m_study || (!at_once && now - m_last_poll < poll_every)) return;
    m_last_poll = now;
    findRun();
    if (m_run == 0) return;
    for (const auto& row : m_study->pendingControls(m_run)) {
        if (row.kind == "steer") continue;  // the search takes it and logs what it changed
        m_study->consumeControl(row.id, -1, "{}");
        obey({row.kind, row.payload_json});
    }
}

/// A command that came by a call becomes a row too: obeyed here, or, for steering, waiting for the search.
void JobControl::log(const Command& command) {
    if (!m_study || m_run == 0) return;
    ControlRow row;
    row.run_id = m_run;
    row.who = m_who;
    row.kind = command.kind;
    row.payload_json = command.payload.empty() ? "{}" : command.payload;
    const std::int64_t id = m_study->addControl(row);
    if (command.kind != "steer") m_study->consumeControl(id, -1, "{}");
}

bool JobControl::checkpoint() {
    while (true) {
        std::vector<Command> requests;
        {
            const std::lock_guard lock(m_mutex);
            requests.swap(m_requests);
        }
        pollStudy(!requests.empty());
        for (const auto& request : requests) {
            log(request);
            obey(request);
        }
        if (stopSignalled()) m_stop = true;
        if (m_stop) {
            if (!std::exchange(m_told_stop, true)) m_listener.state("stopping");
            return false;
        }
        if (m_deadline && Clock::now() >= *m_deadline) return false;
        if (!m_paused) return true;
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, poll_every, [this] { return !m_requests.empty(); });
    }
}

void JobControl::progress(const Progress& progress) {
    const auto now = Clock::now();
    const bool last = progress.total > 0 && progress.done >= progress.total;
    if (now - m_last_progress < tell_every && progress.phase == m_last_phase && !last) return;
    m_last_progress = now;
    m_last_phase = progress.phase;
    m_listener.progress(progress);
}

std::vector<std::string> JobControl::steering() { return std::exchange(m_steering, {}); }

void JobControl::changed(const std::vector<std::string>& tables) {
    m_changed.insert(tables.begin(), tables.end());
    const auto now = Clock::now();
    if (m_changed.empty() || now - m_last_changed < tell_every * 3) return;
    m_last_changed = now;
    m_listener.changed({m_changed.begin(), m_changed.end()});
    m_changed.clear();
}

}  // namespace airframe
