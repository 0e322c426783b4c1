// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/new_study.h"

#include "core/base/error.h"
#include "core/engine/jobs/jobs.h"
#include "core/formats/model_file.h"

namespace airframe {

ModelRow modelRow(const ModelFile& file) {
    const ModelConfig& c = file.config();
    ModelRow row;
    row.hash = file.hash();
    row.path = std::filesystem::absolute(file.path()).lexically_normal().string();
    row.format = file.format();
    row.architecture = c.architecture;
    row.layers = c.layers;
    row.config_json = nlohmann::json{{"hidden", c.hidden}, {"intermediate", c.intermediate}, {"heads", c.heads},
                                     {"kv_heads", c.kv_heads}, {"head_dim", c.head_dim}, {"vocab", c.vocab},
                                     {"tied", c.tied}, {"context", c.context}, {"parameters", file.parameters()},
                                     {"tensors", file.tensors().size()}, {"bytes", file.bytes()}}.dump();
    return row;
}

std::unique_ptr<Study> makeStudy(const std::filesystem::path& path, const std::filesystem::path& model) {
    const auto file = ModelFile::open(model);
    static_cast<void>(file->tokenizer());  // a model whose text cannot be read is refused before a study exists
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
    return Study::create(path, modelRow(*file));
}

namespace jobs {

Operation newStudy() {
    return {.name = "new",
            .summary = "Make a study of a model; nothing is trained yet",
            .options = {modelArgument(), studyOption()},
            .run = [](JobContext& job) -> nlohmann::json {
                const auto study = makeStudy(job.params.path("study"), job.params.path("MODEL"));
                const ModelRow model = study->model();
                return {{"study", study->path().string()}, {"model_sha256", model.hash}, {"layers", model.layers}};
            }};
}

}  // namespace jobs
}  // namespace airframe
