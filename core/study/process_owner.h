// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace airframe {

/// Which process works on a run. Four facts, because a process id alone is used again: a dead owner is known at once,
/// without waiting for a heartbeat to fail.
struct ProcessOwner {
    std::string host;     ///< host name and process-id namespace: who can see the pid
    std::string boot_id;  ///< changes at every start of the machine
    std::int64_t pid = 0;
    std::int64_t pid_start = 0;  ///< clock ticks after boot, proc(5) field 22

    [[nodiscard]] static ProcessOwner self();
    /// False only when it is certain: another boot, or the pid is gone or was given to a later process. A process of
    /// another container on this machine cannot be seen and counts as alive.
    [[nodiscard]] bool alive() const;
};

}  // namespace airframe
