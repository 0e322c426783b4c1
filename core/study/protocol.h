// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/run_control.h"

namespace airframe::protocol {

// JSON lines between the window and `airframe-engine serve`, one object a line, UTF-8. Version 1.
//
// Window -> engine
//   {"op":"hello"}
//   {"id":7,"op":OPERATION,"params":{...}}      start a job; OPERATION is a command's name: "new", "train",
//        "importance", "search" (beam), "throughput", "generate", "export", "loss", "inspect".
//        params are the command's long options with '_' for '-': {"study":PATH,"placement":"...","tasks":["kv"],
//        "items":64,"full_layers":6,"width":4,"pin":[3],"context":8192,"batch":8,"repeats":5,"slot":"A",...}.
//        One job runs at a time; a second request waits its turn.
//   {"op":"pause"|"resume"|"stop"|"cancel","target":7}   act at the next checkpoint; cancel ends the process
//   {"op":"steer","target":7,"steering":{...}}           see steering.h; only makes the row in `control` come sooner
//   {"op":"detach"}                                      finish alone when the pipe closes
//   {"op":"quit"}
// Engine -> window
//   {"event":"hello","version":1,"program":"0.1.0","device":"...","cpu":"...","threads":2}
//   {"id":7,"event":"accepted"}                          it waits or starts
//   {"id":7,"event":"started","run":12}                  study row id of the run, 0 if it has none
//   {"id":7,"event":"progress","phase":"train","done":1,"total":9,"unit":"tokens","left_low_s":1,"left_high_s":2,"note":""}
//   {"id":7,"event":"state","state":"paused"|"running"|"stopping"}
//   {"id":7,"event":"token","slot":"A","pos":0,"token":123,"text":"...","t_ms":1.5,"logprob":-0.1,
//        "top":[[123," the",-0.1],...],"cache_bytes":0}
//   {"id":7,"event":"changed","tables":["sample","evaluation"]}     committed rows to read
//   {"id":7,"event":"result","data":{...}}               the command's --json document; the job is over
//   {"id":7,"event":"stopped","data":{...}}              stopped on request, results kept; the job is over
//   {"id":7,"event":"error","code":3,"where":"..","what":"..","hint":".."}    the job is over
// Progress, state and changed events come at most 20 a second.

inline constexpr int version = 1;

struct Request {
    std::int64_t id = 0;
    std::string op;
    std::int64_t target = 0;
    nlohmann::json params = nlohmann::json::object();
    nlohmann::json steering;
};

/// Throws Failure(bad_input, "protocol", ...) saying which field of the line is wrong.
[[nodiscard]] Request parseRequest(const std::string& line);
[[nodiscard]] std::string toLine(const Request& request);

[[nodiscard]] std::string progressLine(std::int64_t id, const Progress& progress);
[[nodiscard]] std::string errorLine(std::int64_t id, const Error& error);
/// {"id":..,"event":name, ...fields}
[[nodiscard]] std::string eventLine(std::int64_t id, const std::string& name,
                                    nlohmann::json fields = nlohmann::json::object());

}  // namespace airframe::protocol
