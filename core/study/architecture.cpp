// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/architecture.h"

#include <cmath>

#include "core/base/error.h"
#include "core/base/json_object.h"
#include "core/base/text_file.h"

namespace airframe {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::uintmax_t max_file_bytes = 4 << 20;
constexpr std::size_t max_scores = 4096, max_blocks = 64, max_dims = 64, max_text = 4096;
constexpr std::int64_t max_size = 1 << 20;  // of a block's dimension
constexpr std::int64_t max_count = std::int64_t{1} << 53;  // beyond, a number of JSON is no longer exact

/// One object of the document and its place in it, for messages.
struct Field {
    const json& value;
    std::string where;

    [[noreturn]] void fail(const std::string& what, const std::string& hint = {}) const {
        throw Failure(ErrorCode::bad_input, where, what, hint);
    }
    [[nodiscard]] bool has(const char* key) const { return value.contains(key); }
    [[nodiscard]] Field at(const std::string& key) const {
        const auto found = value.find(key);
        if (found == value.end()) Field{value, where + ": " + key}.fail("is missing", "this is no architecture that Airframe wrote");
        return {*found, where + ": " + key};
    }
    /// Throws unless it is `kind` ("an object") with at most `limit` entries.
    const Field& container(bool right, const char* kind, std::size_t limit) const {
        if (!right) fail(std::string("wanted ") + kind + ", found " + value.type_name());
        if (value.size() > limit) fail("has " + std::to_string(value.size()) + " entries, at most " + std::to_string(limit) + " are read");
        return *this;
    }
    const Field& object(std::size_t limit = 1 << 16) const { return container(value.is_object(), "an object", limit); }
    const Field& array(std::size_t limit) const { return container(value.is_array(), "a list", limit); }

    [[nodiscard]] std::string text() const {
        if (!value.is_string()) fail(std::string("wanted a text, found ") + value.type_name());
        const auto& found = value.get_ref<const std::string&>();
        if (found.size() > max_text) fail("is a text of " + std::to_string(found.size()) + " bytes, at most " + std::to_string(max_text) + " are read");
        return found;
    }
    /// A name: a text that is not empty and has no control characters, so that it can stand in one line of a message.
    [[nodiscard]] std::string name() const {
        std::string found = text();
        if (found.empty()) fail("is empty");
        for (const char c : found)
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) fail("holds a control character");
        return found;
    }
    [[nodiscard]] std::int64_t integer(std::int64_t low, std::int64_t high) const {
        const bool whole = value.is_number_integer() && !(value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(max_count));
        const std::int64_t found = whole ? value.get<std::int64_t>() : 0;
        if (!whole || found < low || found > high)
            fail("wanted a whole number from " + std::to_string(low) + " to " + std::to_string(high) + ", found " + shown());
        return found;
    }
    [[nodiscard]] int small(std::int64_t low, std::int64_t high) const { return static_cast<int>(integer(low, high)); }
    [[nodiscard]] double number() const {
        if (!value.is_number()) fail("wanted a number, found " + shown());
        return value.get<double>();
    }

  private:
    [[nodiscard]] std::string shown() const {
        return value.is_number() ? value.dump() : std::string(value.type_name());
    }
};

Placement readPlacement(const Field& top) {
    const Field field = top.at("placement");
    try {
        return Placement::parse(field.text());
    } catch (const Failure& failure) {
        if (failure.error().where != "placement") throw;
        field.fail(failure.error().what, failure.error().hint);
    }
}

/// What the document says twice must agree, or one of the two is a lie.
void checkLayers(const Field& top, const Placement& placement) {
    const auto layers = static_cast<std::size_t>(placement.size());
    const Field list = top.at("layers");
    list.array(max_count);
    if (list.value.size() != layers)
        list.fail("has " + std::to_string(list.value.size()) + " entries, the placement has " + std::to_string(layers) + " layers");
    for (std::size_t i = 0; i < layers; ++i) {
        const Field entry{list.value[i], list.where + "[" + std::to_string(i) + "]"};
        entry.object();
        if (const int index = entry.at("layer").small(0, placement.size() - 1); index != static_cast<int>(i))
            entry.at("layer").fail("is " + std::to_string(index) + ", layers are listed in order from 0");
        const std::string block = entry.at("block").text(), &wanted = placement[static_cast<int>(i)];
        if (block != wanted) entry.at("block").fail("is \"" + block + "\", the placement has \"" + wanted + "\" there");
    }
}

std::map<std::string, std::map<std::string, int>> readDims(const Field& dims) {
    std::map<std::string, std::map<std::string, int>> out;
    dims.object(max_blocks);
    for (const auto& [id, sizes] : dims.value.items()) {
        const Field block{sizes, dims.where + ": " + id};
        block.object(max_dims);
        auto& into = out[id];
        for (const auto& [name, size] : sizes.items()) into[name] = Field{size, block.where + ": " + name}.small(1, max_size);
    }
    return out;
}

ArchitectureScore readScore(const Field& entry) {
    entry.object();
    ArchitectureScore score{entry.at("task").name(), entry.at("unit").text(), entry.at("value").number(),
                            entry.at("low").number(), entry.at("high").number(), entry.at("items").small(0, 1 << 30)};
    if (!(score.low <= score.value && score.value <= score.high))
        entry.at("value").fail("lies outside its own interval from " + entry.at("low").value.dump() + " to " + entry.at("high").value.dump());
    return score;
}

void finite(double number, const char* what) {
    if (!std::isfinite(number)) throw Failure(ErrorCode::internal, "architecture", std::string(what) + " is not a finite number");
}

}  // namespace

nlohmann::ordered_json toJson(const ArchitectureFile& a) {
    nlohmann::ordered_json out;
    out["schema_version"] = ArchitectureFile::schema_version;
    out["placement"] = a.placement.text();
    out["full_attention_layers"] = a.placement.fullLayers();
    out["layers"] = nlohmann::ordered_json::array();
    for (int i = 0; i < a.placement.size(); ++i) out["layers"].push_back({{"layer", i}, {"block", a.placement[i]}});
    out["block_dims"] = nlohmann::ordered_json::object();
    for (const auto& [id, dims] : a.block_dims) out["block_dims"][id] = dims;
    out["parameters"] = a.parameters;
    out["storage"] = a.storage;
    out["provenance"] = {{"program", a.program},
                         {"created", a.created},
                         {"study", a.study},
                         {"base_model", a.base_model},
                         {"base_file", a.base_file},
                         {"base_sha256", a.base_sha256},
                         {"base_licence", a.base_licence},
                         {"checkpoint_sha256", a.checkpoint_sha256},
                         {"weights_sha256", a.weights_sha256}};
    out["scores"] = nlohmann::ordered_json::array();
    for (const ArchitectureScore& s : a.scores) {
        for (const double number : {s.value, s.low, s.high}) finite(number, "a score");
        out["scores"].push_back({{"task", s.task}, {"unit", s.unit}, {"value", s.value}, {"low", s.low}, {"high", s.high},
                                 {"items", s.items}});
    }
    finite(a.max_logit_difference, "the logit difference");
    if (a.checked_tokens > 0) out["check"] = {{"max_logit_difference", a.max_logit_difference}, {"tokens", a.checked_tokens}};
    return out;
}

ArchitectureFile parseArchitecture(std::string_view text, const std::string& where) {
    const json document = parseJsonObject(text, where);
    const Field top{document, where};
    const std::int64_t version = top.at("schema_version").integer(1, max_count);
    if (version != ArchitectureFile::schema_version)
        top.at("schema_version").fail("is " + std::to_string(version) + "; this program reads " + std::to_string(ArchitectureFile::schema_version),
                                      "open it with a newer Airframe, or export it again with this one");
    ArchitectureFile out;
    out.placement = readPlacement(top);
    checkLayers(top, out.placement);
    out.block_dims = readDims(top.at("block_dims"));
    if (top.has("parameters")) out.parameters = top.at("parameters").integer(0, max_count);
    const auto optional = [](const Field& object, const char* key) { return object.has(key) ? object.at(key).text() : std::string(); };
    out.storage = optional(top, "storage");
    const Field origin = top.at("provenance");
    origin.object();
    out.program = optional(origin, "program");
    out.created = optional(origin, "created");
    out.study = optional(origin, "study");
    out.base_model = optional(origin, "base_model");
    out.base_file = optional(origin, "base_file");
    out.base_sha256 = optional(origin, "base_sha256");
    out.base_licence = optional(origin, "base_licence");
    out.checkpoint_sha256 = optional(origin, "checkpoint_sha256");
    out.weights_sha256 = optional(origin, "weights_sha256");
    const Field scores = top.at("scores");
    scores.array(max_scores);
    for (std::size_t i = 0; i < scores.value.size(); ++i)
        out.scores.push_back(readScore({scores.value[i], scores.where + "[" + std::to_string(i) + "]"}));
    if (top.has("check")) {
        const Field check = top.at("check");
        check.object();
        out.max_logit_difference = check.at("max_logit_difference").number();
        out.checked_tokens = check.at("tokens").small(0, 1 << 30);
    }
    return out;
}

ArchitectureFile readArchitecture(const fs::path& path) {
    std::error_code error;
    const fs::path file = fs::is_directory(path, error) ? path / "architecture.json" : path;
    const fs::file_status status = fs::status(file, error);
    if (!fs::exists(status)) throw Failure(ErrorCode::bad_input, file.string(), "does not exist", "give an architecture.json or the folder of an export");
    if (!fs::is_regular_file(status)) throw Failure(ErrorCode::bad_input, file.string(), "is not a regular file");
    if (const std::uintmax_t bytes = fs::file_size(file); bytes > max_file_bytes)
        throw Failure(ErrorCode::bad_input, file.string(), "has " + std::to_string(bytes) + " bytes, an architecture has at most " + std::to_string(max_file_bytes));
    if (file.extension() == ".zst") throw Failure(ErrorCode::bad_input, file.string(), "is compressed", "unpack it first");
    return parseArchitecture(readTextFile(file), file.string());
}

}  // namespace airframe
