// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/hf_architectures.h"
#include "core/formats/hf_layer_types.h"

namespace airframe {
namespace {

/// Gives the layers named "sliding_attention" in layer_types the window; without layer_types those that `slides`.
template <class Slides>
void slidingLayers(const Fields& in, ModelConfig& c, int window, Slides slides) {
    std::vector<std::string> types;
    if (in.find("layer_types")) types = readLayerTypes(in, c.layers);
    for (int i = 0; i < c.layers; ++i) {
        bool sliding = slides(i);
        if (!types.empty()) {
            const std::string& type = types[static_cast<std::size_t>(i)];
            sliding = type == "sliding_attention";
            if (!sliding && type != "full_attention")
                in.fail("layer_types", "layer " + std::to_string(i) + " has the unknown type \"" + type + "\"",
                        "full_attention and sliding_attention are known");
        }
        if (!sliding) continue;
        if (window == 0) in.fail("layer_types", "layer " + std::to_string(i) + " slides, but the config gives no sliding_window");
        c.layer[static_cast<std::size_t>(i)].window = window;
    }
}

int windowOf(const Fields& in, int otherwise) {
    const int window = in.integer("sliding_window", otherwise);
    if (window < 1) in.fail("sliding_window", std::to_string(window) + " is not a number of tokens");
    return window;
}

/// sliding_window of the two Qwen, which counts only with use_sliding_window; the layers from max_window_layers on slide.
void qwenWindows(const Fields& in, ModelConfig& c) {
    const bool used = in.flag("use_sliding_window", false) && (in.find("sliding_window") || !in.has("sliding_window"));
    const int window = used ? windowOf(in, 4096) : 0, first = in.integer("max_window_layers", 28);
    slidingLayers(in, c, window, [&](int layer) { return used && layer >= first; });
}

}  // namespace

void readLlamaConfig(const Fields& in, ModelConfig& c) {
    readShape(in, c, {.kv_heads = -1});
    c.qkv_bias = c.o_bias = in.flag("attention_bias", false);
    c.mlp_bias = in.flag("mlp_bias", false);
}

void readMistralConfig(const Fields& in, ModelConfig& c) {
    readShape(in, c, {.context = 4096 * 32});
    // Absent means what the first release had; null means no window.
    const int window = in.has("sliding_window") && !in.find("sliding_window") ? 0 : windowOf(in, 4096);
    slidingLayers(in, c, window, [&](int) { return window > 0; });
}

void readQwen2Config(const Fields& in, ModelConfig& c) {
    readShape(in, c, {.context = 32768});
    c.qkv_bias = true;
    in.refuseIfTrue("use_mrope");
    qwenWindows(in, c);
}

void readQwen3Config(const Fields& in, ModelConfig& c) {
    readShape(in, c, {.head_dim = 128, .context = 32768});
    c.qkv_bias = c.o_bias = in.flag("attention_bias", false);
    c.qk_norm = true;
    qwenWindows(in, c);
}

}  // namespace airframe
