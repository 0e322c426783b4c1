// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_config.h"

#include <algorithm>
#include <climits>

#include "core/base/error.h"
#include "core/formats/gguf_fields.h"
#include "core/formats/gguf_hybrid.h"
#include "core/formats/gguf_rope.h"
#include "core/formats/model_layout.h"

namespace airframe {
namespace {

bool has(const std::vector<const GgufTensor*>& tensors, std::string_view name) {
    return std::any_of(tensors.begin(), tensors.end(), [&](const GgufTensor* tensor) { return tensor->name == name; });
}

void readHeads(GgufFields& in, ModelConfig& c) {
    c.heads = in.sameInAllLayers("attention.head_count", c.layers);
    if (c.heads < 1) in.fail("attention.head_count", "is 0");
    c.kv_heads = in.find("attention.head_count_kv") ? in.sameInAllLayers("attention.head_count_kv", c.layers) : c.heads;
    if (!in.find("attention.key_length") && c.hidden % c.heads != 0) {
        in.fail("attention.head_count", std::to_string(c.heads) + " does not divide the embedding length " + std::to_string(c.hidden));
    }
    c.head_dim = in.natural("attention.key_length", c.hidden / c.heads);
    for (const char* key : {"attention.value_length", "rope.dimension_count"}) {
        const int value = in.natural(key, c.head_dim);
        if (value != c.head_dim) {
            in.fail(key, std::to_string(value) + " differs from the head dimension " + std::to_string(c.head_dim) + ", which is not read",
                    "use a model whose keys, values and rotated parts are equally long");
        }
    }
}

/// The window of each layer: one size, or one for each layer; a pattern says which layers have it, as a list or as "all but
/// every n-th".
void readWindows(GgufFields& in, ModelConfig& c) {
    const GgufValue* pattern = in.find("attention.sliding_window_pattern");
    if (!in.find("attention.sliding_window")) {
        if (pattern) in.fail("attention.sliding_window_pattern", "is given without attention.sliding_window");
        return;
    }
    const std::vector<int> windows = in.perLayer("attention.sliding_window", c.layers);
    std::vector<bool> slides(windows.size(), true);
    if (pattern && pattern->isArray()) {
        slides = pattern->booleans();
        if (slides.size() != windows.size()) {
            in.fail("attention.sliding_window_pattern", std::to_string(slides.size()) + " values for " + std::to_string(c.layers) + " blocks");
        }
    } else if (const int n = pattern ? naturalOf(*pattern) : 0; n > 0) {
        for (std::size_t i = 0; i < slides.size(); ++i) slides[i] = (i + 1) % static_cast<std::size_t>(n) != 0;
    }
    for (std::size_t i = 0; i < windows.size(); ++i) c.layer[i].window = slides[i] ? windows[i] : 0;
}

/// Keys that say what every model we read does anyway.
void readIdle(GgufFields& in) {
    for (const char* key : {"expert_count", "expert_used_count"}) {
        if (in.natural(key, 0) != 0) in.fail(key, "mixtures of experts are not read", "use a model with one MLP a layer");
    }
    if (!in.flag("attention.causal", true)) in.fail("attention.causal", "is false: the model is no language model");
    if (in.flag("use_parallel_residual", false)) in.fail("use_parallel_residual", "parallel residuals are not read");
    (void)in.find("tensor_data_layout");  // where an old converter took the tensors from
}

void readBiases(const GgufArchitecture& architecture, const std::vector<const GgufTensor*>& tensors, ModelConfig& c) {
    c.qkv_bias = architecture.qkv_bias && has(tensors, "blk.0.attn_q.bias");
    c.o_bias = architecture.o_bias && has(tensors, "blk.0.attn_output.bias");
    c.mlp_bias = architecture.mlp_bias && has(tensors, "blk.0.ffn_gate.bias");
    c.qk_norm = architecture.qk_norm && has(tensors, "blk.0.attn_q_norm.weight");
}

}  // namespace

const GgufArchitecture& architectureOf(const GgufFile& file) {
    const std::string where = file.path().string() + ": general.";
    if (const GgufValue* type = file.find("general.type"); type && type->text() != "model") {
        throw Failure(ErrorCode::bad_input, where + "type", "a model was wanted, found \"" + type->text() + "\"", "give the model's own file");
    }
    const std::string name = file.get("general.architecture").text();
    if (const GgufArchitecture* found = ggufArchitecture(name)) return *found;
    std::string known;
    for (const GgufArchitecture& row : ggufArchitectures()) known += (known.empty() ? "" : ", ") + std::string(row.name);
    throw Failure(ErrorCode::bad_input, where + "architecture", "\"" + name + "\" is not read", "use a model of the architectures " + known);
}

ModelConfig readGgufConfig(const GgufFile& file, const std::vector<const GgufTensor*>& tensors, const TokenizerData& tokenizer) {
    const GgufArchitecture& architecture = architectureOf(file);
    GgufFields in(file, std::string(architecture.name));
    ModelConfig c;
    c.architecture = architecture.name;
    c.layers = in.natural("block_count");
    // Each layer stores several tensors: a count beyond the file is refused before anything of that size is made.
    if (c.layers < 1 || static_cast<std::size_t>(c.layers) > tensors.size()) {
        in.fail("block_count", std::to_string(c.layers) + " blocks, but " + std::to_string(tensors.size()) + " tensors are stored");
    }
    c.layer.resize(static_cast<std::size_t>(c.layers));
    c.context = in.natural("context_length");
    c.hidden = in.natural("embedding_length");
    c.intermediate = in.sameInAllLayers("feed_forward_length", c.layers);
    readHeads(in, c);
    c.rms_eps = in.get("attention.layer_norm_rms_epsilon").number();
    readWindows(in, c);
    readIdle(in);
    readGgufRope(in, architecture, tensors, c);
    c.vocab = static_cast<int>(std::min<std::size_t>(tokenizer.tokens.size(), INT_MAX));
    if (const int vocab = in.natural("vocab_size", c.vocab); vocab != c.vocab) {
        in.fail("vocab_size", std::to_string(vocab) + " differs from the " + std::to_string(c.vocab) + " tokens of tokenizer.ggml.tokens");
    }
    c.tied = !has(tensors, "output.weight");
    c.bos_id = tokenizer.bos_id;
    c.eos_id = tokenizer.eos_id;
    c.add_bos = tokenizer.add_bos;
    if (architecture.ours) {
        readGgufHybrid(in, c);
    } else {
        readBiases(architecture, tensors, c);
    }
    in.refuseUnread();
    checkConfig(c, file.path().string());
    return c;
}

void writeGgufConfig(GgufKeys& out, const GgufArchitecture& architecture, const ModelConfig& c) {
    const std::string prefix = std::string(architecture.name) + ".";
    const auto natural = [&](const char* name, int value) { out.addU32(prefix + name, static_cast<std::uint32_t>(value)); };
    natural("block_count", c.layers);
    natural("context_length", c.context);
    natural("embedding_length", c.hidden);
    natural("feed_forward_length", c.intermediate);
    natural("attention.head_count", c.heads);
    natural("attention.head_count_kv", c.kv_heads);
    natural("attention.key_length", c.head_dim);
    natural("attention.value_length", c.head_dim);
    natural("rope.dimension_count", c.head_dim);
    natural("vocab_size", c.vocab);
    const std::string epsilon = prefix + "attention.layer_norm_rms_epsilon";
    if (architecture.ours) {
        out.addF64(epsilon, c.rms_eps);
        writeGgufHybrid(out, c);
        return;
    }
    out.addF32(epsilon, c.rms_eps);
    const int window = c.layer.front().window;
    if (window > 0 && std::all_of(c.layer.begin(), c.layer.end(), [&](const LayerConfig& l) { return l.window == window; })) {
        natural("attention.sliding_window", window);
    }
}

}  // namespace airframe
