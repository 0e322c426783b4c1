// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/hf_config.h"

#include <climits>

#include "core/base/error.h"
#include "core/formats/json_file.h"
#include "core/formats/model_layout.h"

namespace airframe {
namespace {

using nlohmann::json;

/// Typed fields of one JSON object; absent and null are the same.
struct Fields {
    const json& object;
    const std::string where;

    [[noreturn]] void fail(const std::string& field, const std::string& what, const std::string& hint = {}) const {
        throw Failure(ErrorCode::bad_input, where + ": " + field, what, hint);
    }
    const json* find(const char* field) const {
        const auto it = object.find(field);
        return it == object.end() || it->is_null() ? nullptr : &*it;
    }
    const json& get(const char* field) const {
        if (const json* value = find(field)) return *value;
        fail(field, "the field is missing");
    }
    int integer(const json& value, const char* field) const {
        if (!value.is_number_integer()) fail(field, "a whole number was wanted, found " + value.dump());
        const bool fits = value.is_number_unsigned() ? value.get<std::uint64_t>() <= INT_MAX : value.get<std::int64_t>() >= INT_MIN;
        if (!fits) fail(field, "the number " + value.dump() + " is out of range");
        return value.get<int>();
    }
    int integer(const char* field) const { return integer(get(field), field); }
    int integer(const char* field, int otherwise) const {
        const json* value = find(field);
        return value ? integer(*value, field) : otherwise;
    }
    double number(const char* field, double otherwise) const {
        const json* value = find(field);
        if (!value) return otherwise;
        if (!value->is_number()) fail(field, "a number was wanted, found " + value->dump());
        return value->get<double>();
    }
    bool flag(const char* field, bool otherwise) const {
        const json* value = find(field);
        if (!value) return otherwise;
        if (!value->is_boolean()) fail(field, "true or false was wanted, found " + value->dump());
        return value->get<bool>();
    }
    std::string text(const char* field) const {
        const json& value = get(field);
        if (!value.is_string()) fail(field, "a string was wanted, found " + value.dump());
        return value;
    }
    Fields child(const char* field) const {
        const json& value = get(field);
        if (!value.is_object()) fail(field, "an object was wanted, found " + value.dump());
        return {value, where + ": " + field};
    }
};

/// A token id, or the first of several (eos_token_id may be a list); -1 if absent.
int tokenId(const Fields& in, const char* field) {
    const json* value = in.find(field);
    if (!value) return -1;
    if (value->is_array() && !value->empty()) return in.integer((*value)[0], field);
    return in.integer(*value, field);
}

void rope(const Fields& in, ModelConfig& c) {
    c.rope_theta = in.number("rope_theta", 10000.0);
    for (const char* field : {"rope_scaling", "rope_parameters"}) {
        if (!in.find(field)) continue;
        const Fields scaling = in.child(field);
        const char* key = scaling.find("rope_type") ? "rope_type" : "type";
        const std::string type = scaling.find(key) ? scaling.text(key) : "default";
        if (type != "default") scaling.fail(key, "rotary scaling \"" + type + "\" is not read yet");
        c.rope_theta = scaling.number("rope_theta", c.rope_theta);
    }
}

void blocks(const Fields& in, ModelConfig& c) {
    const json& types = in.get("layer_types");
    if (!types.is_array()) in.fail("layer_types", "a list of block names was wanted, found " + types.dump());
    if (types.size() != static_cast<std::size_t>(c.layers)) {
        in.fail("layer_types", std::to_string(types.size()) + " entries for " + std::to_string(c.layers) + " layers");
    }
    c.layer.clear();
    for (const json& type : types) {
        if (!type.is_string()) in.fail("layer_types", "a block name was wanted, found " + type.dump());
        c.layer.push_back({type.get<std::string>()});
    }
    if (in.find("block_dims")) {
        const Fields dims = in.child("block_dims");
        for (const auto& [id, unused] : dims.object.items()) {
            const Fields block = dims.child(id.c_str());
            for (const auto& [dim, value] : block.object.items()) c.block_dims[id][dim] = block.integer(value, dim.c_str());
        }
    }
    c.jet_norm_eps = in.number("jet_norm_eps", c.jet_norm_eps);
}

}  // namespace

ModelConfig readHfConfig(const std::filesystem::path& file) {
    const json object = readJsonFile(file);
    const Fields in{object, file.string()};
    ModelConfig c;
    c.architecture = in.text("model_type");
    if (c.architecture != "llama" && c.architecture != "airframe") {
        in.fail("model_type", "\"" + c.architecture + "\" is not read yet", "use a model of type llama, or one exported here");
    }
    c.layers = in.integer("num_hidden_layers");
    if (c.layers < 1 || c.layers > (1 << 16)) in.fail("num_hidden_layers", std::to_string(c.layers) + " is out of range");
    c.hidden = in.integer("hidden_size");
    c.intermediate = in.integer("intermediate_size");
    c.heads = in.integer("num_attention_heads");
    if (c.heads < 1) in.fail("num_attention_heads", std::to_string(c.heads) + " is out of range");
    c.kv_heads = in.integer("num_key_value_heads", c.heads);
    if (!in.find("head_dim") && c.hidden % c.heads != 0) {
        in.fail("num_attention_heads", std::to_string(c.heads) + " does not divide hidden_size " + std::to_string(c.hidden));
    }
    c.head_dim = in.integer("head_dim", c.hidden / c.heads);
    c.vocab = in.integer("vocab_size");
    c.context = in.integer("max_position_embeddings", 2048);
    c.rms_eps = in.number("rms_norm_eps", 1e-6);
    c.tied = in.flag("tie_word_embeddings", false);
    c.bos_id = tokenId(in, "bos_token_id");
    c.eos_id = tokenId(in, "eos_token_id");
    rope(in, c);
    if (in.find("hidden_act") && in.text("hidden_act") != "silu") {
        in.fail("hidden_act", "\"" + in.text("hidden_act") + "\" is not read yet, silu is");
    }
    for (const char* field : {"attention_bias", "mlp_bias"}) {
        if (in.flag(field, false)) in.fail(field, "models with biases are not read yet");
    }
    c.layer.resize(static_cast<std::size_t>(c.layers));
    if (c.architecture == "airframe") blocks(in, c);
    checkConfig(c, file.string());
    return c;
}

nlohmann::ordered_json hfConfigJson(const ModelConfig& c, const std::string& torch_dtype) {
    nlohmann::ordered_json out;
    out["architectures"] = {"AirframeForCausalLM"};
    out["model_type"] = "airframe";
    out["hidden_act"] = "silu";
    out["hidden_size"] = c.hidden;
    out["intermediate_size"] = c.intermediate;
    out["num_hidden_layers"] = c.layers;
    out["num_attention_heads"] = c.heads;
    out["num_key_value_heads"] = c.kv_heads;
    out["head_dim"] = c.head_dim;
    out["vocab_size"] = c.vocab;
    out["max_position_embeddings"] = c.context;
    out["rms_norm_eps"] = c.rms_eps;
    out["rope_theta"] = c.rope_theta;
    out["rope_scaling"] = nullptr;
    out["attention_bias"] = false;
    out["mlp_bias"] = false;
    out["tie_word_embeddings"] = c.tied;
    if (c.bos_id >= 0) out["bos_token_id"] = c.bos_id;
    if (c.eos_id >= 0) out["eos_token_id"] = c.eos_id;
    out["torch_dtype"] = torch_dtype;
    out["layer_types"] = nlohmann::ordered_json::array();
    for (const LayerConfig& layer : c.layer) out["layer_types"].push_back(layer.block);
    out["block_dims"] = c.block_dims;
    out["jet_norm_eps"] = c.jet_norm_eps;
    return out;
}

}  // namespace airframe
