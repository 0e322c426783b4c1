// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

namespace airframe {

/// Runs task(i) for i in [0, tasks) on `threads` threads (the caller is one of them), each task with one intra-op
/// thread: for many small independent tensor jobs this beats splitting each of them. Tasks are taken in order. The
/// first exception ends the rest and is thrown again here. `task` gets whether it runs on the caller's thread.
void runTasks(int tasks, int threads, const std::function<void(int task, bool on_caller)>& task);

}  // namespace airframe
