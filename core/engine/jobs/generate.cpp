// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/generator.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>

#include <optional>

#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/engine/jobs/common.h"
#include "core/engine/jobs/jobs.h"
#include "core/formats/chat_template.h"
#include "core/formats/tokenizer.h"

namespace airframe::jobs {
namespace {

using nlohmann::json;

/// Turns ids into text as they come: a character that needs several tokens is held back until it is whole.
class TextStream {
  public:
    explicit TextStream(const Tokenizer& tokenizer) : m_tokenizer(tokenizer) {}
    std::string add(std::int32_t id) {
        m_held += m_tokenizer.decode(std::span(&id, 1));
        const std::size_t whole = completeUtf8Prefix(m_held);
        std::string text = toValidUtf8(std::string_view(m_held).substr(0, whole));
        m_held.erase(0, whole);
        return text;
    }
    std::string rest() { return toValidUtf8(std::exchange(m_held, {})); }

  private:
    const Tokenizer& m_tokenizer;
    std::string m_held;
};

struct Prompt {
    std::vector<std::int32_t> ids;
    std::string note;  ///< for whoever asked, may be empty
};

Prompt chatPrompt(const std::string& text, const Model& model) {
    const ChatTemplate chat = ChatTemplate::of(model.file());
    const Tokenizer& tokenizer = model.tokenizer();
    Prompt prompt{tokenizer.encode(chat.render(Conversation::of({{"user", text}}))), chat.note()};
    // A template writes the special tokens itself that the model wants: the tokenizer's own would be too many.
    if (chat.origin() == ChatTemplate::Origin::plain) return prompt;
    const TokenizerData& data = tokenizer.data();
    if (data.add_bos && !prompt.ids.empty() && prompt.ids.front() == data.bos_id) prompt.ids.erase(prompt.ids.begin());
    if (data.add_eos && !prompt.ids.empty() && prompt.ids.back() == data.eos_id) prompt.ids.pop_back();
    return prompt;
}

Prompt promptOf(const Params& params, const Model& model) {
    if (params.has("ids") == params.has("prompt")) {
        throw Failure(ErrorCode::options, "--ids or --prompt", params.has("ids") ? "are both given" : "is missing", "give one of the two");
    }
    if (params.has("ids")) {
        if (params.flag("chat")) throw Failure(ErrorCode::options, "--chat", "needs --prompt, not --ids");
        return {checkedIds(params, model.config().vocab), {}};
    }
    const std::string text = params.text("prompt");
    Prompt prompt = params.flag("chat") ? chatPrompt(text, model) : Prompt{model.tokenizer().encode(text), {}};
    if (prompt.ids.empty()) throw Failure(ErrorCode::options, "--prompt", "holds no token", "write at least one character");
    return prompt;
}

GenerateOptions optionsOf(const Params& params) {
    GenerateOptions options;
    options.tokens = params.small("tokens");
    options.stop_at_eos = params.flag("stop-at-eos");
    options.sampling.temperature = params.number("temperature");
    options.sampling.top_k = params.small("top-k");
    options.sampling.top_p = params.number("top-p");
    options.sampling.seed = static_cast<std::uint64_t>(params.integer("seed"));
    return options;
}

json tokenEvent(const GeneratedToken& token, const std::string& text, const std::string& slot, const Tokenizer& tokenizer) {
    json top = json::array();
    for (const auto& [id, logprob] : token.top) {
        top.push_back(json::array({id, toValidUtf8(tokenizer.decode(std::span(&id, 1))), logprob}));
    }
    return {{"slot", slot}, {"pos", token.pos}, {"token", token.id}, {"text", text}, {"t_ms", token.t_ms},
            {"logprob", token.logprob}, {"top", std::move(top)}, {"cache_bytes", token.cache_bytes}};
}

json run(JobContext& job) {
    const Params& params = job.params;
    const bool from_model = params.has("MODEL");
    if (from_model == (params.has("study") && params.has("placement"))) {
        throw Failure(ErrorCode::options, "MODEL", "or --study with --placement is needed, one of the two");
    }
    std::unique_ptr<Study> study;
    std::shared_ptr<const Supernet> supernet;
    Placement placement;
    if (from_model) {
        supernet = job.cache.fromModel(params.path("MODEL"), computeOf(params), job.control);
        placement = ownPlacement(supernet->model().file());
    } else {
        study = Study::open(params.path("study"));
        placement = Placement::parse(params.text("placement"), study->model().layers);
        supernet = job.cache.fromStudy(*study, computeOf(params), job.control);
    }
    const Model& model = supernet->model();
    const Prompt prompt = promptOf(params, model);
    const GenerateOptions options = optionsOf(params);
    TextStream stream(model.tokenizer());
    const std::string slot = params.text("slot");
    std::optional<json> held;  // one token behind, so that the last one carries what was held back
    const auto tell = [&](const GeneratedToken& token) {
        if (held) job.listener.token(*held);
        held = tokenEvent(token, stream.add(token.id), slot, model.tokenizer());
    };
    const Generation made = [&] {
        const c10::InferenceMode inference;
        return airframe::generate(*supernet, placement, prompt.ids, options, job.control, tell);
    }();
    if (held) {
        held->at("text") = held->at("text").get<std::string>() + stream.rest();
        job.listener.token(*held);
    }
    const std::string text = toValidUtf8(model.tokenizer().decode(made.ids));
    json result = {{"ids", made.ids}, {"text", text}, {"prefill_tps", made.prefill_tps}, {"decode_tps", made.decode_tps},
                         {"ttft_ms", made.ttft_ms}, {"cache_bytes", made.cache_bytes}};
    if (!prompt.note.empty()) result["note"] = prompt.note;
    if (study) {
        const json sampling = {{"temperature", options.sampling.temperature}, {"top_k", options.sampling.top_k},
                               {"top_p", options.sampling.top_p}, {"tokens", options.tokens}, {"chat", params.flag("chat")}};
        json stats = result;
        stats.erase("ids");
        stats.erase("text");
        GenerationRow row;
        row.slot = slot;
        row.placement = placement.text();
        row.prompt = params.has("prompt") ? toValidUtf8(params.text("prompt")) : json(prompt.ids).dump();
        row.sampling_json = sampling.dump();
        row.text = text;
        row.ids_json = json(made.ids).dump();
        row.stats_json = stats.dump();
        row.seed = params.integer("seed");
        study->addGeneration(row);
        job.control.changed({"generation"});
    }
    return result;
}

}  // namespace

Operation generate() {
    OptionSpec model = modelArgument(), study = studyOption(), placement = placementOption();
    model.required = study.required = placement.required = false;
    return {.name = "generate",
            .summary = "Write text with a model, or with a placement of a study",
            .options = joined(
                {model, study, placement, idsOption(),
                 {.name = "prompt", .help = "the text to go on from"},
                 {.name = "chat", .kind = OptionKind::flag, .help = "put the prompt into the model's chat template"},
                 {.name = "tokens", .kind = OptionKind::integer, .help = "tokens to write", .required = true, .low = 1, .high = 1e9},
                 {.name = "stop-at-eos", .kind = OptionKind::flag, .help = "end early at the end-of-text token"},
                 {.name = "temperature", .kind = OptionKind::number, .help = "0 = always the likeliest token", .fallback = 0, .low = 0, .high = 100},
                 {.name = "top-k", .kind = OptionKind::integer, .help = "draw among the k likeliest; 0 = all", .fallback = 0, .low = 0, .high = 1e9},
                 {.name = "top-p", .kind = OptionKind::number, .help = "draw among the likeliest that hold this share", .fallback = 1, .low = 0, .high = 1},
                 {.name = "seed", .kind = OptionKind::integer, .help = "of the draws", .fallback = 0, .low = 0, .high = 9e15},
                 {.name = "slot", .help = "A or B, handed back with every token", .protocol_only = true}},
                modelOptions("float32", NativeCompute::offered)),
            .details = "Writes the text as it comes, or with --json one document at the end. Only new tokens are written.",
            .run = run};
}

}  // namespace airframe::jobs
