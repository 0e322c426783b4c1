// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace airframe::kernels::bench {

/// Threads that wait for work awake, so that a timing of microseconds holds no start of a thread. The caller
/// is the first of them. For one caller.
class Helpers {
  public:
    explicit Helpers(unsigned threads) : m_threads(threads) {
        for (unsigned i = 1; i < threads; ++i) m_helpers.emplace_back([this, i] { serve(i); });
    }
    ~Helpers() {
        m_work = nullptr;
        m_round.fetch_add(1, std::memory_order_release);
        for (auto& helper : m_helpers) helper.join();
    }
    Helpers(const Helpers&) = delete;
    Helpers& operator=(const Helpers&) = delete;

    /// Runs `work` over equal parts of [0, units), one per thread, and waits for all.
    void split(std::size_t units, const std::function<void(std::size_t, std::size_t)>& work) {
        if (m_threads == 1) return work(0, units);
        m_units = units;
        m_work = &work;
        m_done.store(0, std::memory_order_relaxed);
        m_round.fetch_add(1, std::memory_order_release);
        part(0);
        while (m_done.load(std::memory_order_acquire) + 1 < m_threads) std::this_thread::yield();
    }

  private:
    void part(unsigned i) const { (*m_work)(m_units * i / m_threads, m_units * (i + 1) / m_threads); }
    void serve(unsigned i) {
        for (unsigned seen = 0;;) {
            while (m_round.load(std::memory_order_acquire) == seen) std::this_thread::yield();
            ++seen;
            if (!m_work) return;
            part(i);
            m_done.fetch_add(1, std::memory_order_release);
        }
    }

    unsigned m_threads;
    std::size_t m_units = 0;
    const std::function<void(std::size_t, std::size_t)>* m_work = nullptr;
    std::atomic<unsigned> m_round{0}, m_done{0};
    std::vector<std::thread> m_helpers;
};

}  // namespace airframe::kernels::bench
