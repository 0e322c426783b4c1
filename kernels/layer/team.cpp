// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/layer/team.h"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace airframe::kernels {

void Team::wait() const {
#ifdef _OPENMP
    if (m_size > 1) {
#pragma omp barrier
    }
#endif
}

void runTeam(std::size_t threads, const std::function<void(const Team&)>& work) {
#ifdef _OPENMP
    if (threads > 1) {
#pragma omp parallel num_threads(static_cast<int>(threads))
        work(Team(static_cast<std::size_t>(omp_get_thread_num()), static_cast<std::size_t>(omp_get_num_threads())));
        return;
    }
#endif
    work(Team(0, 1));
}

}  // namespace airframe::kernels
