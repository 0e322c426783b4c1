// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/run_parameters.h"

#include <ATen/Version.h>
#include <torch/headeronly/version.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/error.h"

namespace airframe {
namespace {

std::string processor() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    return "unknown";
}

}  // namespace

std::string trainingParameters(const DistillationOptions& o, const std::string& text_hash) {
    std::vector<std::string> text;
    for (const auto& path : o.text) text.push_back(std::filesystem::absolute(path).string());
    return nlohmann::json{{"text", text},
                          {"text_hash", text_hash},
                          {"tokens", o.tokens},
                          {"minutes", o.minutes},
                          {"window", o.window},
                          {"batch", o.batch},
                          {"lr", o.lr},
                          {"lr_end", o.lr_end},
                          {"block", "jet"},
                          {"teacher_text_share", o.teacher_text_share},
                          {"checkpoint_seconds", o.checkpoint_seconds},
                          {"heldout_every", o.heldout_every}}
        .dump();
}

DistillationOptions trainingOptions(const RunRow& run) {
    try {
        const auto json = nlohmann::json::parse(run.params_json);
        DistillationOptions o;
        for (const auto& path : json.at("text")) o.text.emplace_back(path.get<std::string>());
        o.tokens = json.at("tokens");
        o.minutes = json.at("minutes");
        o.seed = run.seed;
        o.window = json.at("window");
        o.batch = json.at("batch");
        o.lr = json.at("lr");
        o.lr_end = json.at("lr_end");
        o.teacher_text_share = json.at("teacher_text_share");
        o.checkpoint_seconds = json.at("checkpoint_seconds");
        o.heldout_every = json.at("heldout_every");
        return o;
    } catch (const nlohmann::json::exception& e) {
        throw Failure(ErrorCode::bad_input, "run " + std::to_string(run.id),
                      std::string("its stored options are damaged: ") + e.what(), "begin a new run without --resume");
    }
}

std::string trainingEnvironment(const Model& teacher, int threads) {
    return nlohmann::json{{"program", AIRFRAME_VERSION},
                          {"cpu", processor()},
                          {"threads", threads},
                          {"libtorch", TORCH_VERSION},
                          {"compute", teacher.compute().name()},
                          {"device", teacher.compute().device.str()}}
        .dump();
}

void forgetOldCheckpoints(Study& study, std::int64_t run, std::size_t keep) {
    const auto mine = study.checkpoints(run);
    std::set<std::string> files;
    for (std::size_t i = 0; i + keep < mine.size(); ++i) {
        study.removeCheckpoint(mine[i].id);
        files.insert({mine[i].weights_file, mine[i].state_file});
    }
    for (const auto& row : study.checkpoints()) {
        files.erase(row.weights_file);
        files.erase(row.state_file);
    }
    for (const auto& file : files)
        if (!file.empty()) {
            std::error_code ignored;  // a file already gone is what is wanted
            std::filesystem::remove(study.weightsFolder() / file, ignored);
        }
}

}  // namespace airframe
