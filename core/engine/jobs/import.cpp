// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <set>

#include "core/base/error.h"
#include "core/engine/jobs/common.h"
#include "core/engine/jobs/jobs.h"
#include "core/formats/block_memory.h"
#include "core/study/architecture.h"

namespace airframe::jobs {
namespace {

using nlohmann::json;

std::string shortened(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return text;
}

/// What a study keeps of the document beside the placement. The same document gives the same text.
std::string noteOf(const ArchitectureFile& a) {
    std::string text = "Imported architecture";
    if (!a.base_model.empty()) text += " of " + a.base_model;
    if (!a.created.empty()) text += ", written " + a.created;
    if (!a.study.empty()) text += ", study " + a.study;
    if (!a.checkpoint_sha256.empty()) text += ", trained mixers " + a.checkpoint_sha256;
    for (const ArchitectureScore& s : a.scores)
        text += "\n" + s.task + ": " + shortened(s.value) + " [" + shortened(s.low) + ", " + shortened(s.high) + "] " + s.unit + ", " +
                std::to_string(s.items) + " items";
    return text;
}

/// Dimensions that this study gives its own blocks and the document asks otherwise: "jet k: 96 there, 64 here".
std::vector<std::string> otherDims(const ArchitectureFile& a, const Study& study) {
    const json known = json::parse(study.model().config_json);
    ModelConfig config;
    config.hidden = known.at("hidden");
    config.heads = known.at("heads");
    config.kv_heads = known.at("kv_heads");
    config.head_dim = known.at("head_dim");
    std::vector<std::string> found;
    for (const std::string& id : std::set<std::string>(a.placement.blocks().begin(), a.placement.blocks().end())) {
        const auto there = a.block_dims.find(id);
        if (there == a.block_dims.end()) continue;
        const auto here = usualDims(config, id);
        for (const auto& [name, size] : there->second) {
            const auto mine = here.find(name);
            if (mine != here.end() && mine->second != size)
                found.push_back(id + " " + name + ": " + std::to_string(size) + " there, " + std::to_string(mine->second) + " here");
        }
    }
    return found;
}

/// Blocks of the placement that nothing in the study is trained for.
std::vector<std::string> untrained(const Placement& placement, const Study& study) {
    std::vector<std::string> found;
    for (const std::string& id : std::set<std::string>(placement.blocks().begin(), placement.blocks().end()))
        if (id != "attn" && !study.latestCheckpoint(id)) found.push_back(id);
    return found;
}

bool isStarred(const Study& study, const std::string& placement) {
    for (const CandidateRow& row : study.candidates())
        if (row.placement == placement) return row.starred;
    return false;
}

json run(JobContext& job) {
    const std::filesystem::path path = job.params.path("FILE");
    const ArchitectureFile a = readArchitecture(path);
    const OpenStudy study(job);
    const ModelRow model = study->model();
    if (a.placement.size() != model.layers)
        throw Failure(ErrorCode::bad_input, path.string() + ": placement",
                      "has " + std::to_string(a.placement.size()) + " layers, the model of this study has " + std::to_string(model.layers),
                      "import it into a study of a model with as many layers");
    const std::string placement = a.placement.text(), text = noteOf(a), before = study->note("candidate", placement);
    const bool noted = before.find(text) != std::string::npos, known = noted && isStarred(*study, placement);
    if (!known) {
        study->star(placement, true);
        // A person's own words stay.
        if (!noted) study->setNote("candidate", placement, before.empty() ? text : before + "\n\n" + text);
        job.control.changed({"candidate", "note"});
    }
    return {{"placement", placement},
            {"full_attention_layers", a.placement.fullLayers()},
            {"new", !known},
            {"base", a.base_sha256.empty() ? "unknown" : a.base_sha256 == model.hash ? "same" : "other"},
            {"base_model", a.base_model},
            {"scores", a.scores.size()},
            {"other_dims", otherDims(a, *study)},
            {"untrained_blocks", untrained(a.placement, *study)}};
}

}  // namespace

Operation importArchitecture() {
    return {.name = "import",
            .summary = "Bring an architecture from elsewhere into a study, as a starred placement",
            .options = {{.name = "FILE", .help = "an architecture.json, or the folder of an export", .required = true}, studyOption()},
            .details = "Adds the placement with a star and a note that tells its origin and scores; 'score' and 'throughput' then find it.\n"
                       "Importing the same file again changes nothing. The model must have as many layers.",
            .run = run};
}

}  // namespace airframe::jobs
