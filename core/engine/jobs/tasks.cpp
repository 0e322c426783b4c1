// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/common.h"
#include "core/engine/jobs/jobs.h"
#include "core/eval/task.h"

namespace airframe::jobs {

Operation tasks() {
    return {.name = "tasks", .summary = "The tasks that placements are scored on", .run = [](JobContext&) -> nlohmann::json {
                nlohmann::json list = nlohmann::json::array();
                for (const auto& task : taskTable()) {
                    list.push_back({{"id", task.id}, {"family", task.family}, {"chance", task.chance}});
                }
                return {{"tasks", std::move(list)}};
            }};
}

}  // namespace airframe::jobs
