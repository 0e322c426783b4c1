// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>

namespace airframe::kernels {

/// One of the threads that run a fused step together: every thread calls the same functions in the same order, does its
/// share of each, and waits for the others where the next share reads what they wrote.
class Team {
  public:
    Team(std::size_t rank, std::size_t size) : m_rank(rank), m_size(size) {}
    [[nodiscard]] std::size_t rank() const { return m_rank; }
    [[nodiscard]] std::size_t size() const { return m_size; }
    void wait() const;  ///< until every thread of the team is here

    struct Range {
        std::size_t begin = 0, end = 0;
    };
    /// This thread's part of `count` units, contiguous, parts differing by at most one.
    [[nodiscard]] Range share(std::size_t count) const { return {count * m_rank / m_size, count * (m_rank + 1) / m_size}; }

  private:
    std::size_t m_rank, m_size;
};

/// Runs `work` on at most `threads` threads at once (OpenMP's, whose pool is shared with LibTorch's; one without OpenMP)
/// and returns when all are done. `work` must not throw.
void runTeam(std::size_t threads, const std::function<void(const Team&)>& work);

}  // namespace airframe::kernels
