// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/engine/job_listener.h"

namespace airframe {

class Study;

/// How a running job is paused, resumed, stopped and steered: by calls from another thread, by signals, and by rows of
/// `control` that any process adds to the study. Commands that come by a call are logged as such rows too.
/// The request functions may be called from any thread; everything else from the job's thread.
class JobControl final : public RunControl {
  public:
    /// `listener` outlives the control. `who` is written into the control rows.
    JobControl(JobListener& listener, std::string who);

    // From any thread.
    void requestPause();
    void requestResume();
    void requestStop();
    void requestSteering(const std::string& json);

    // From the job's thread.
    /// Follows the runs that this process begins or adopts in `study` from now on; nullptr ends that.
    void attach(Study* study);
    /// The run that this job works on now (0 = none): its start is told at once instead of being found at a checkpoint.
    void follow(std::int64_t run);
    /// Tells the run's start if it was not told yet. Called when a job ends.
    void finish();
    /// From this time on checkpoint() says stop, which does not count as stopped(); nothing = no limit. For a part of a
    /// job that has its share of the time.
    void setDeadline(std::optional<std::chrono::steady_clock::time_point> deadline) { m_deadline = deadline; }
    [[nodiscard]] bool stopped() const;  ///< a stop was asked for and seen by checkpoint()
    [[nodiscard]] std::int64_t run() const { return m_run; }

    [[nodiscard]] bool checkpoint() override;
    void progress(const Progress& progress) override;
    [[nodiscard]] std::vector<std::string> steering() override;
    void changed(const std::vector<std::string>& tables) override;

  private:
    using Clock = std::chrono::steady_clock;
    struct Command {
        std::string kind, payload;
    };
    void findRun();
    void pollStudy(bool at_once);
    void obey(const Command& command);
    void log(const Command& command);
    void setPaused(bool paused);

    JobListener& m_listener;
    std::string m_who;
    Study* m_study = nullptr;
    std::set<std::int64_t> m_foreign;  ///< runs of other processes that were running before
    std::int64_t m_run = 0;
    bool m_paused = false, m_stop = false, m_told_stop = false;
    std::optional<Clock::time_point> m_deadline;
    Clock::time_point m_last_poll{}, m_last_progress{}, m_last_changed{};
    std::string m_last_phase;
    std::set<std::string> m_changed;  ///< tables not yet told
    std::vector<std::string> m_steering;

    std::mutex m_mutex;  ///< guards what follows
    std::condition_variable m_wake;
    std::vector<Command> m_requests;
    bool m_stop_requested = false;
};

/// SIGINT and SIGTERM ask every running job to stop; a second one ends the process the ordinary way. SIGPIPE is ignored.
void installStopSignals();
[[nodiscard]] bool stopSignalled();

}  // namespace airframe
