// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/export.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <ctime>

#include "core/base/error.h"
#include "core/export/gguf_export.h"
#include "core/export/hf_export.h"
#include "core/export/model_card.h"
#include "core/export/staging.h"
#include "core/formats/model_name.h"
#include "core/formats/output_file.h"

namespace airframe {
namespace fs = std::filesystem;
namespace {

void goOn(RunControl& control, const fs::path& path, const char* phase) {
    if (!control.checkpoint()) throw Failure(ErrorCode::interrupted, path.string(), "the export was stopped", "nothing was left behind");
    Progress progress;
    progress.phase = phase;
    control.progress(progress);
}

void writeText(const fs::path& file, const std::string& text) {
    OutputFile out(file.parent_path());
    out.write(text);
    out.commit(file);
}

std::string utcNow() {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

/// The wanted storage, or the usual one of the format.
std::string storageOf(const ExportInfo& info) {
    const std::vector<std::string>& offered = exportStorages(info.format);
    if (info.storage.empty()) return offered.empty() ? std::string() : offered.front();
    if (std::find(offered.begin(), offered.end(), info.storage) != offered.end()) return info.storage;
    std::string list;
    for (const std::string& word : offered) list += (list.empty() ? "" : ", ") + word;
    throw Failure(ErrorCode::options, "storage",
                  "\"" + info.storage + "\" is not offered by the format " + exportFormatWord(info.format),
                  list.empty() ? "leave --storage out: no weights are written" : "it offers " + list);
}

/// What is known before anything is written.
ArchitectureFile facts(const ExportedModel& model, const ExportInfo& info, const std::string& storage) {
    const ModelFile& file = model.supernet().model().file();
    const auto said = file.facts();
    const auto fact = [&](const char* name) { return said.contains(name) ? said.at(name) : std::string(); };
    const auto first = [](std::initializer_list<std::string> texts) {
        for (const std::string& text : texts) {
            if (!text.empty()) return text;
        }
        return std::string();
    };
    ArchitectureFile a;
    a.placement = model.placement();
    a.block_dims = model.config().block_dims;
    a.parameters = model.parameters();
    a.storage = storage;
    a.program = std::string("airframe ") + AIRFRAME_VERSION;
    a.created = utcNow();
    a.study = info.study_uuid;
    a.base_model = first({info.base_name, fact("name"), modelName(file.path())});
    a.base_file = file.path().filename().string();
    a.base_sha256 = info.model_hash.empty() ? file.hash() : info.model_hash;
    a.base_licence = first({info.base_licence, fact("license")});
    a.checkpoint_sha256 = first({info.checkpoint_hash, model.supernet().checkpointHash()});
    a.scores = info.scores;
    return a;
}

/// What a GGUF file says of itself.
std::map<std::string, std::string> ggufFacts(const ArchitectureFile& a) {
    std::map<std::string, std::string> facts{{"name", a.base_model + (a.placement.allFull() ? "" : ", hybrid")},
                                             {"description", "placement " + a.placement.text() + "; base model SHA-256 " +
                                                                 a.base_sha256 + "; written by " + a.program + ", " + a.created}};
    if (!a.base_licence.empty()) facts["license"] = a.base_licence;
    return facts;
}

void writeArchitecture(const fs::path& file, const ArchitectureFile& architecture) {
    writeText(file, toJson(architecture).dump(2) + "\n");
    if (readArchitecture(file) != architecture) {
        throw Failure(ErrorCode::bad_input, file.string(), "reads back as another architecture", "the disk may be faulty; nothing was kept");
    }
}

}  // namespace

ExportResult exportPlacement(const Supernet& supernet, const Placement& placement, const fs::path& path,
                             const ExportInfo& info, RunControl& control) {
    const at::NoGradGuard no_grad;
    ExportResult result;
    result.path = path;
    result.storage = storageOf(info);
    const ExportedModel model(supernet, placement);
    const bool folder = info.format == ExportFormat::hf;
    Staging staging(path, folder ? Staging::Kind::folder : Staging::Kind::file);
    goOn(control, path, "write");
    ArchitectureFile about = facts(model, info, result.storage);
    constexpr std::uintmax_t texts = 1 << 24;  // tokenizer and all that is not weights
    if (folder) {
        staging.needRoom(hfWeightBytes(model, result.storage) + texts);
        about.weights_sha256 = writeHfFolder(staging.path(), model, result.storage, info.shard_bytes, control);
    } else if (info.format == ExportFormat::gguf) {
        staging.needRoom(ggufWeightBytes(model, result.storage) + texts);
        about.weights_sha256 = writeGguf(staging.path(), model, result.storage, ggufFacts(about), control);
    } else {
        writeArchitecture(staging.path(), about);
    }
    if (info.format != ExportFormat::architecture) {
        goOn(control, path, "compare");
        result.check = checkReloaded(model, staging.path(), path.string(), control);
    }
    if (folder) {
        about.max_logit_difference = result.check.max_logit_difference;
        about.checked_tokens = result.check.tokens;
        writeArchitecture(staging.path() / "architecture.json", about);
        writeText(staging.path() / "README.md", modelCard(about, model.config()));
        for (const fs::directory_entry& entry : fs::directory_iterator(staging.path())) {
            result.files.push_back(entry.path().filename().string());
        }
        std::sort(result.files.begin(), result.files.end());
    } else {
        result.files = {staging.path().filename().string()};
    }
    goOn(control, path, "write");
    staging.commit();
    return result;
}

}  // namespace airframe
