// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/tokenizer_json_steps.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/formats/pre_tokenizer_table.h"

namespace airframe {
namespace {

using nlohmann::json;
using Step = PreTokenizerStep;

constexpr std::array<std::pair<const char*, NormalizerStep::Kind>, 4> forms{{{"NFC", NormalizerStep::Kind::nfc},
                                                                              {"NFD", NormalizerStep::Kind::nfd},
                                                                              {"NFKC", NormalizerStep::Kind::nfkc},
                                                                              {"NFKD", NormalizerStep::Kind::nfkd}}};
constexpr std::array<std::pair<const char*, Step::Behavior>, 5> behaviors{
    {{"Isolated", Step::Behavior::isolated},
     {"Removed", Step::Behavior::removed},
     {"MergedWithPrevious", Step::Behavior::merged_with_previous},
     {"MergedWithNext", Step::Behavior::merged_with_next},
     {"Contiguous", Step::Behavior::contiguous}}};
constexpr std::array<std::pair<const char*, Step::Prepend>, 3> prepends{
    {{"never", Step::Prepend::never}, {"first", Step::Prepend::first}, {"always", Step::Prepend::always}}};

/// The value of a name in one of the tables above.
template <class Table>
auto valueOf(const JsonSource& from, const Table& table, const std::string& name, const std::string& field) {
    for (const auto& [known, value] : table) {
        if (name == known) return value;
    }
    from.fail(field, "\"" + name + "\" is not supported");
}

std::string pattern(const JsonSource& from, const json& in, const std::string& field, bool& literal) {
    const json& value = from.object(in, "pattern");
    literal = value.contains("String");
    if (!literal && !value.contains("Regex")) from.fail(field + ".pattern", "String or Regex was wanted, found " + shown(value));
    return from.text(value, literal ? "String" : "Regex");
}

/// A component, or each of a Sequence in turn, which the format nests.
template <class Use>
void eachComponent(const JsonSource& from, const json& in, const std::string& field, const char* list, const Use& use) {
    if (!in.is_object()) from.fail(field, "an object was wanted, found " + shown(in));
    const std::string type = from.text(in, "type");
    if (type != "Sequence") return use(in, type);
    for (const json& one : from.list(in, list)) eachComponent(from, one, field, list, use);
}

NormalizerStep normalizerStep(const JsonSource& from, const json& in, const std::string& type) {
    for (const auto& [name, kind] : forms) {
        if (type == name) return {.kind = kind};
    }
    if (type == "Prepend") return {.kind = NormalizerStep::Kind::prepend, .content = from.text(in, "prepend")};
    if (type == "Replace") {
        bool literal = false;
        NormalizerStep step{.kind = NormalizerStep::Kind::replace, .pattern = pattern(from, in, "normalizer", literal),
                            .content = from.text(in, "content")};
        if (!literal) from.fail("normalizer", "replacing an expression (Regex) is not supported");
        return step;
    }
    from.fail("normalizer", "the type \"" + type + "\" is not supported");
}

Step preTokenizerStep(const JsonSource& from, const json& in, const std::string& type) {
    Step step;
    if (type == "ByteLevel") {
        step.kind = Step::Kind::byte_level;
        step.add_prefix_space = from.boolean(in, "add_prefix_space", true);
        step.use_regex = from.boolean(in, "use_regex", true);
    } else if (type == "Digits") {
        step.kind = Step::Kind::digits;
        step.individual = from.boolean(in, "individual_digits", false);
    } else if (type == "Split") {
        step.pattern = pattern(from, in, "pre_tokenizer", step.literal);
        step.behavior = valueOf(from, behaviors, from.text(in, "behavior"), "pre_tokenizer.behavior");
        step.invert = from.boolean(in, "invert", false);
    } else if (type == "Metaspace") {
        step.kind = Step::Kind::metaspace;
        step.pattern = from.text(in, "replacement");
        step.use_regex = from.boolean(in, "split", true);
        // Files before the field prepend_scheme say add_prefix_space.
        const std::string scheme = from.find(in, "prepend_scheme")                    ? from.text(in, "prepend_scheme")
                                   : from.boolean(in, "add_prefix_space", true) ? "always"
                                                                                      : "never";
        step.prepend = valueOf(from, prepends, scheme, "pre_tokenizer.prepend_scheme");
    } else {
        from.fail("pre_tokenizer", "the type \"" + type + "\" is not supported");
    }
    return step;
}

template <class Table, class Value>
const char* nameOf(const Table& table, Value value) {
    return std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.second == value; })->first;
}

/// Nothing, one component, or a Sequence of them.
nlohmann::ordered_json chain(std::vector<nlohmann::ordered_json> all, const char* list) {
    if (all.empty()) return nullptr;
    if (all.size() == 1) return std::move(all.front());
    return {{"type", "Sequence"}, {list, std::move(all)}};
}

}  // namespace

void readNormalizer(const JsonSource& from, const json& file, TokenizerData& data) {
    const json* in = from.find(file, "normalizer");
    if (!in) return;
    eachComponent(from, *in, "normalizer", "normalizers", [&](const json& one, const std::string& type) {
        data.normalizer.push_back(normalizerStep(from, one, type));
    });
}

void readPreTokenizer(const JsonSource& from, const json& file, TokenizerData& data) {
    const json* in = from.find(file, "pre_tokenizer");
    if (!in) return;
    eachComponent(from, *in, "pre_tokenizer", "pretokenizers", [&](const json& one, const std::string& type) {
        data.pre_steps.push_back(preTokenizerStep(from, one, type));
    });
    for (const KnownPreTokenizer& known : knownPreTokenizers()) {
        if (known.steps != data.pre_steps) continue;
        data.pre = known.name;
        data.pre_steps.clear();
        return;
    }
}

void readPostProcessor(const JsonSource& from, const json& file, TokenizerData& data) {
    const json* in = from.find(file, "post_processor");
    if (!in) return;
    eachComponent(from, *in, "post_processor", "processors", [&](const json& one, const std::string& type) {
        if (type == "ByteLevel") return;  // only moves the offsets
        if (type != "TemplateProcessing") from.fail("post_processor", "the type \"" + type + "\" is not supported");
        bool after_text = false;
        for (const json& part : from.list(one, "single")) {
            if (!part.is_object()) from.fail("post_processor.single", "an object was wanted, found " + shown(part));
            if (part.contains("Sequence")) {
                if (std::exchange(after_text, true)) from.fail("post_processor.single", "the text twice is not supported");
                continue;
            }
            const std::string name = from.text(from.object(part, "SpecialToken"), "id");
            const json& ids = from.list(from.object(from.object(one, "special_tokens"), name), "ids");
            if (ids.size() != 1) from.fail("post_processor.special_tokens", "one id was wanted for \"" + name + "\"");
            const auto id = static_cast<int>(from.id(ids[0], "post_processor: \"" + name + "\"", static_cast<int>(data.tokens.size())));
            if (after_text ? data.add_eos : data.add_bos) from.fail("post_processor.single", "two tokens in a row are not supported");
            (after_text ? data.add_eos : data.add_bos) = true;
            (after_text ? data.eos_id : data.bos_id) = id;
        }
        if (!after_text) from.fail("post_processor.single", "does not hold the text");
    });
}

void checkDecoder(const JsonSource& from, const json& file, const TokenizerData& data) {
    const json* in = from.find(file, "decoder");
    if (!in) return;
    const bool of_bytes = data.kind == TokenizerKind::byte_bpe;
    eachComponent(from, *in, "decoder", "decoders", [&](const json&, const std::string& type) {
        const std::array<const char*, 5> of_pieces{"Replace", "ByteFallback", "Fuse", "Strip", "Metaspace"};
        const bool known = of_bytes ? type == "ByteLevel" || type == "Fuse"
                                    : std::find(of_pieces.begin(), of_pieces.end(), type) != of_pieces.end();
        if (!known) from.fail("decoder", "the type \"" + type + "\" is not supported with this model");
    });
}

nlohmann::ordered_json normalizerJson(const TokenizerData& data) {
    std::vector<nlohmann::ordered_json> all;
    for (const NormalizerStep& step : data.normalizer) {
        switch (step.kind) {
            case NormalizerStep::Kind::prepend: all.push_back({{"type", "Prepend"}, {"prepend", step.content}}); break;
            case NormalizerStep::Kind::replace:
                all.push_back({{"type", "Replace"}, {"pattern", {{"String", step.pattern}}}, {"content", step.content}});
                break;
            default: all.push_back({{"type", nameOf(forms, step.kind)}});
        }
    }
    return chain(std::move(all), "normalizers");
}

nlohmann::ordered_json preTokenizerJson(const TokenizerData& data) {
    std::vector<nlohmann::ordered_json> all;
    for (const Step& step : data.pre.empty() ? data.pre_steps : knownPreTokenizer(data.pre, "pre-tokenizer").steps) {
        switch (step.kind) {
            case Step::Kind::byte_level:
                all.push_back({{"type", "ByteLevel"}, {"add_prefix_space", step.add_prefix_space}, {"trim_offsets", true},
                               {"use_regex", step.use_regex}});
                break;
            case Step::Kind::digits: all.push_back({{"type", "Digits"}, {"individual_digits", step.individual}}); break;
            case Step::Kind::split:
                all.push_back({{"type", "Split"},
                               {"pattern", {{step.literal ? "String" : "Regex", step.pattern}}},
                               {"behavior", nameOf(behaviors, step.behavior)},
                               {"invert", step.invert}});
                break;
            case Step::Kind::metaspace:
                all.push_back({{"type", "Metaspace"}, {"replacement", step.pattern}, {"prepend_scheme", nameOf(prepends, step.prepend)},
                               {"split", step.use_regex}});
        }
    }
    return chain(std::move(all), "pretokenizers");
}

nlohmann::ordered_json postProcessorJson(const TokenizerData& data) {
    if (!data.add_bos && !data.add_eos) return nullptr;
    using ordered = nlohmann::ordered_json;
    ordered single = ordered::array(), pair = ordered::array(), special = ordered::object();
    const auto token = [&](int id, int type) {
        const std::string& text = data.tokens[static_cast<std::size_t>(id)];
        special[text] = {{"id", text}, {"ids", ordered::array({id})}, {"tokens", ordered::array({text})}};
        return ordered{{"SpecialToken", {{"id", text}, {"type_id", type}}}};
    };
    const auto add = [&](ordered& to, const char* sequence, int type) {
        if (data.add_bos) to.push_back(token(data.bos_id, type));
        to.push_back({{"Sequence", {{"id", sequence}, {"type_id", type}}}});
        if (data.add_eos) to.push_back(token(data.eos_id, type));
    };
    add(single, "A", 0);
    add(pair, "A", 0);
    add(pair, "B", 1);
    return {{"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}, {"special_tokens", special}};
}

nlohmann::ordered_json decoderJson(const TokenizerData& data) {
    if (data.kind == TokenizerKind::byte_bpe) {
        return {{"type", "ByteLevel"}, {"add_prefix_space", true}, {"trim_offsets", true}, {"use_regex", true}};
    }
    std::vector<nlohmann::ordered_json> all;
    bool prepends_mark = false;
    for (const NormalizerStep& step : data.normalizer) {
        prepends_mark = prepends_mark || step.kind == NormalizerStep::Kind::prepend;
        if (step.kind != NormalizerStep::Kind::replace || step.pattern != " ") continue;
        all.push_back({{"type", "Replace"}, {"pattern", {{"String", step.content}}}, {"content", " "}});
    }
    for (const Step& step : data.pre_steps) {
        if (step.kind != Step::Kind::metaspace) continue;
        prepends_mark = prepends_mark || step.prepend != Step::Prepend::never;
        all.push_back({{"type", "Replace"}, {"pattern", {{"String", step.pattern}}}, {"content", " "}});
    }
    if (data.byte_fallback) all.push_back({{"type", "ByteFallback"}});
    all.push_back({{"type", "Fuse"}});
    if (prepends_mark) all.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
    return chain(std::move(all), "decoders");
}

}  // namespace airframe
