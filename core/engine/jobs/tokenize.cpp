// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/jobs/common.h"
#include "core/engine/jobs/jobs.h"
#include "core/formats/model_file.h"
#include "core/formats/tokenizer.h"

namespace airframe::jobs {

Operation tokenize() {
    return {.name = "tokenize",
            .summary = "Token ids of the text on standard input",
            .options = {modelArgument(), {.name = "text", .help = "the text", .required = true, .protocol_only = true}},
            .stdin_param = "text",
            .details = "Reads standard input to its end, byte for byte. Special tokens are recognised; a BOS token is added only if "
                       "the model's file says so.",
            .run = [](JobContext& job) -> nlohmann::json {
                const auto tokenizer = ModelFile::open(job.params.path("MODEL"))->tokenizer();
                return {{"ids", tokenizer->encode(job.params.text("text"))}};
            }};
}

Operation detokenize() {
    OptionSpec ids = idsOption();
    ids.required = true;
    return {.name = "detokenize",
            .summary = "The text of token ids",
            .options = {modelArgument(), ids},
            .details = "Without --json the raw bytes are written and no newline is added; with it, bytes that are not UTF-8 become U+FFFD.",
            .run = [](JobContext& job) -> nlohmann::json {
                const auto tokenizer = ModelFile::open(job.params.path("MODEL"))->tokenizer();
                return {{"text", tokenizer->decode(checkedIds(job.params, tokenizer->size(), true))}};
            }};
}

}  // namespace airframe::jobs
