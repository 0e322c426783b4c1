// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/engine/job_control.h"
#include "core/engine/job_listener.h"
#include "core/engine/params.h"
#include "core/engine/supernet_cache.h"

namespace airframe {

/// What an operation is given. Lives for one job, on the job's thread.
struct JobContext {
    const Params& params;
    JobControl& control;
    JobListener& listener;
    SupernetCache& cache;
};

}  // namespace airframe
