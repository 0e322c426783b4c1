// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/records.h"

#include <array>
#include <string_view>

#include "core/base/error.h"

namespace airframe {
namespace {

constexpr std::array<std::string_view, 6> run_state_words = {"running", "paused",      "done",
                                                             "stopped", "interrupted", "failed"};

}  // namespace

std::string toString(RunState state) {
    return std::string(run_state_words[static_cast<std::size_t>(state)]);
}

RunState runStateFrom(const std::string& text) {
    for (std::size_t i = 0; i < run_state_words.size(); ++i)
        if (run_state_words[i] == text) return static_cast<RunState>(i);
    throw Failure(ErrorCode::bad_input, "run state", "\"" + text + "\" is not one",
                  "the study may be of a newer version");
}

}  // namespace airframe
