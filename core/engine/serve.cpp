// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/serve.h"

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "core/engine/engine.h"
#include "core/engine/environment.h"
#include "core/engine/line_pipe.h"
#include "core/engine/operation.h"
#include "core/study/protocol.h"

namespace airframe {
namespace {

using nlohmann::json;
using protocol::Request;

/// Turns what a job tells into event lines.
class LineListener final : public JobListener {
  public:
    LineListener(LinePipe& pipe, std::int64_t id) : m_pipe(pipe), m_id(id) {}
    void started(std::int64_t run) override { send("started", {{"run", run}}); }
    void progress(const Progress& progress) override { m_pipe.write(protocol::progressLine(m_id, progress)); }
    void state(const std::string& state) override { send("state", {{"state", state}}); }
    void changed(const std::vector<std::string>& tables) override { send("changed", {{"tables", tables}}); }
    void token(const json& token) override { send("token", token); }

  private:
    void send(const std::string& event, const json& fields) { m_pipe.write(protocol::eventLine(m_id, event, fields)); }
    LinePipe& m_pipe;
    std::int64_t m_id;
};

class Server {
  public:
    Server(int input, int output) : m_pipe(input, output) {}
    int run();

  private:
    void work();                            ///< the worker thread
    void doJob(const Request& request);
    void obey(const std::string& line);     ///< one line from the pipe
    void about(const Request& request);     ///< pause, resume, stop, cancel, steer
    bool dropWaiting(std::int64_t id);      ///< takes a job that has not begun out of the queue
    void stopAll();
    bool abandoned();

    LinePipe m_pipe;
    Engine m_engine;
    std::mutex m_mutex;  ///< guards the rest
    std::condition_variable m_wake;
    std::deque<Request> m_queue;
    std::int64_t m_current = 0;
    JobControl* m_control = nullptr;  ///< of the current job
    bool m_detached = false, m_quit = false;  ///< as asked for
    bool m_closing = false;                   ///< no more lines will come
    bool m_worker_left = false;
};

void Server::doJob(const Request& request) {
    LineListener listener(m_pipe, request.id);
    JobControl control(listener, userName());
    {
        const std::lock_guard lock(m_mutex);
        m_control = &control;
    }
    const Operation* operation = findOperation(request.op);
    if (operation && !operation->has_run) listener.started(0);
    const auto outcome = m_engine.run(request.op, request.params, control, listener);
    {
        // Before the last event: whoever reads it may already ask for something about this job.
        const std::lock_guard lock(m_mutex);
        m_control = nullptr;
        m_current = 0;
    }
    if (outcome) {
        m_pipe.write(protocol::eventLine(request.id, outcome.value().stopped ? "stopped" : "result", {{"data", outcome.value().data}}));
    } else if (outcome.error().code == ErrorCode::interrupted) {
        m_pipe.write(protocol::eventLine(request.id, "stopped", {{"data", json::object()}}));
    } else {
        m_pipe.write(protocol::errorLine(request.id, outcome.error()));
    }
}

void Server::work() {
    while (true) {
        Request request;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_closing || !m_queue.empty(); });
            if (m_queue.empty()) {
                m_worker_left = true;
                m_wake.notify_all();
                return;
            }
            request = std::move(m_queue.front());
            m_queue.pop_front();
            m_current = request.id;
        }
        doJob(request);
    }
}

bool Server::dropWaiting(std::int64_t id) {
    for (auto waiting = m_queue.begin(); waiting != m_queue.end(); ++waiting) {
        if (waiting->id != id) continue;
        m_queue.erase(waiting);
        m_pipe.write(protocol::eventLine(id, "stopped", {{"data", json::object()}}));
        return true;
    }
    return false;
}

void Server::about(const Request& request) {
    const std::lock_guard lock(m_mutex);
    const bool ends = request.op == "stop" || request.op == "cancel";
    if (ends && dropWaiting(request.target)) return;
    if (m_current != request.target || (!m_control && request.op != "cancel")) return;  // over already: its last event is on the way
    if (request.op == "pause") m_control->requestPause();
    if (request.op == "resume") m_control->requestResume();
    if (request.op == "stop") m_control->requestStop();
    if (request.op == "steer") m_control->requestSteering(request.steering.dump());
    if (request.op == "cancel") std::_Exit(static_cast<int>(ErrorCode::interrupted));  // everything finished is committed
}

void Server::obey(const std::string& line) {
    if (line.find_first_not_of(" \t") == std::string::npos) return;
    Request request;
    try {
        request = protocol::parseRequest(line);
    } catch (const Failure& failure) {
        return m_pipe.write(protocol::errorLine(0, failure.error()));
    }
    if (request.op == "hello") {
        auto about_us = m_engine.describe();
        if (!about_us) return m_pipe.write(protocol::errorLine(0, about_us.error()));
        about_us.value()["version"] = protocol::version;
        return m_pipe.write(protocol::eventLine(0, "hello", about_us.value()));
    }
    if (request.op == "detach") {
        const std::lock_guard lock(m_mutex);
        m_detached = true;
        return;
    }
    if (request.op == "quit") {
        const std::lock_guard lock(m_mutex);
        m_quit = true;
        return;
    }
    if (request.target != 0) return about(request);
    m_pipe.write(protocol::eventLine(request.id, "accepted"));
    const std::lock_guard lock(m_mutex);
    m_queue.push_back(std::move(request));
    m_wake.notify_all();
}

void Server::stopAll() {
    const std::lock_guard lock(m_mutex);
    for (const auto& waiting : m_queue) m_pipe.write(protocol::eventLine(waiting.id, "stopped", {{"data", json::object()}}));
    m_queue.clear();
    if (m_control) m_control->requestStop();
}

/// Nobody is there to hear results, or they said that they want none.
bool Server::abandoned() {
    const bool broken = m_pipe.broken();
    const std::lock_guard lock(m_mutex);
    return m_quit || stopSignalled() || (broken && !m_detached);
}

int Server::run() {
    std::thread worker([this] { work(); });
    while (!m_pipe.ended() && !abandoned())
        if (const auto line = m_pipe.read(200)) obey(*line);
    {
        const std::lock_guard lock(m_mutex);
        m_closing = true;  // the worker leaves when its queue is empty
        m_wake.notify_all();
    }
    while (true) {
        if (abandoned()) stopAll();
        std::unique_lock lock(m_mutex);
        if (m_wake.wait_for(lock, std::chrono::milliseconds(200), [this] { return m_worker_left; })) break;
    }
    worker.join();
    return stopSignalled() ? static_cast<int>(ErrorCode::interrupted) : 0;
}

}  // namespace

int serveLines(int input, int output) {
    installStopSignals();
    return Server(input, output).run();
}

}  // namespace airframe
