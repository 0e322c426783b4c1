// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/formats/hf_architectures.h"
#include "core/formats/hf_layer_types.h"

namespace airframe {
namespace {

constexpr int conv_taps = 4;

/// The released files store the epsilon as text ("1e-5").
double epsilon(const Fields& in, const char* field, double otherwise) {
    const nlohmann::json* value = in.find(field);
    if (!value || !value->is_string()) return in.number(field, otherwise);
    const std::string text = *value;
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
        in.fail(field, "a number was wanted, found " + value->dump());
    return number;
}

int positive(const Fields& in, const char* field, int otherwise = 0) {
    const int value = otherwise > 0 ? in.integer(field, otherwise) : in.integer(field);
    if (value < 1 || value > (1 << 20)) in.fail(field, std::to_string(value) + " is out of range");
    return value;
}

void readJet(const Fields& in, ModelConfig& c) {
    const int heads = positive(in, "num_heads"), k = positive(in, "head_dim"), taps = positive(in, "conv_size", conv_taps);
    if (taps != conv_taps) in.fail("conv_size", std::to_string(taps) + " taps are not supported, " + std::to_string(conv_taps) + " are");
    const double expand = in.number("expand_v");
    // 2.6666666667 stands for 8/3: sizes are truncated, and what is cut off may be no more than such a rounding.
    const double v = k * expand, values = double(heads) * k * expand;
    if (!(v >= 1) || values > (1 << 20)) in.fail("expand_v", in.get("expand_v").dump() + " is out of range");
    if (v - std::trunc(v) > 1e-3 || std::trunc(values) != heads * std::trunc(v))
        in.fail("expand_v", in.get("expand_v").dump() + " does not give heads of " + std::to_string(k) + " a whole size");
    const int reduction = positive(in, "dconv_generator_reduction", 8), generator = static_cast<int>(values) / reduction;
    if (generator < 1) in.fail("dconv_generator_reduction", std::to_string(reduction) + " leaves the generator no width");
    c.block_dims["jet"] = {{"heads", heads}, {"k", k}, {"v", static_cast<int>(v)}, {"generator", generator}};
    c.jet_norm_eps = epsilon(in, "norm_eps", 1e-5);
}

}  // namespace

void readJetNemotronConfig(const Fields& in, ModelConfig& c) {
    readShape(in, c, {.context = 32768});
    in.refuseIfTrue("use_mrope");
    c.qkv_bias = true;
    const std::vector<std::string> types = readLayerTypes(in, c.layers);
    const auto has = [&](const char* type) { return std::find(types.begin(), types.end(), type) != types.end(); };
    if (has("jet")) readJet(in.child("efficient_attention_config").child("jet"), c);
    if (has("swa"))
        c.block_dims["swa"]["window"] = positive(in.child("efficient_attention_config").child("swa"), "window_size");
    for (std::size_t i = 0; i < types.size(); ++i) c.layer[i].block = types[i];
}

}  // namespace airframe
