// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/workers.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace airframe {

void runTasks(int tasks, int threads, const std::function<void(int, bool)>& task) {
    const int before = at::get_num_threads();
    std::atomic<int> next{0};
    std::mutex mutex;
    std::exception_ptr failure;
    const auto work = [&](bool on_caller) {
        at::set_num_threads(1);
        try {
            for (int i; (i = next++) < tasks;) task(i, on_caller);
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!failure) failure = std::current_exception();
            next = tasks;
        }
    };
    {
        std::vector<std::jthread> helpers;
        for (int i = 1; i < std::min(threads, tasks); ++i) helpers.emplace_back(work, false);
        work(true);
    }
    at::set_num_threads(before);
    if (failure) std::rethrow_exception(failure);
}

}  // namespace airframe
