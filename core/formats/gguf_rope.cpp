// SPDX-License-Identifier: GPL-3.0-or-later
// Keys: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. What llama.cpp makes of them: positions / factor (linear);
// YaRN with its own attention factor times 1 + 0.1 ln(factor); frequencies divided by rope_freqs.weight.
#include "core/formats/gguf_rope.h"

#include <array>
#include <cmath>

#include "core/base/error.h"
#include "core/formats/rope_frequencies.h"

namespace airframe {
namespace {

using Kind = RopeScaling::Kind;

constexpr const char* freqs_name = "rope_freqs.weight";
constexpr const char* long_name = "rope_factors_long.weight";
constexpr const char* short_name = "rope_factors_short.weight";

struct KindName {
    Kind kind;
    std::string_view name;
    bool ours_only;  ///< llama.cpp has no such type
};
constexpr std::array<KindName, 6> kinds{{{Kind::none, "none", false},
                                         {Kind::linear, "linear", false},
                                         {Kind::yarn, "yarn", false},
                                         {Kind::longrope, "longrope", false},
                                         {Kind::dynamic, "dynamic", true},
                                         {Kind::llama3, "llama3", true}}};

std::string_view nameOf(Kind kind) {
    for (const KindName& row : kinds) {
        if (row.kind == kind) return row.name;
    }
    return {};
}

/// What llama.cpp's YaRN multiplies cosines and sines by before its attention factor.
double yarnMagnitude(double factor) { return 1.0 + 0.1 * std::log(factor); }

/// The factors in a tensor; empty if there is none of that name.
std::vector<double> tensorFactors(GgufFields& in, const std::vector<const GgufTensor*>& tensors, std::string_view name, int wanted) {
    for (const GgufTensor* tensor : tensors) {
        if (tensor->name != name) continue;
        const std::string where = in.file().path().string() + ": tensor " + std::string(name);
        if (tensor->type->name != "F32" || tensor->shape != std::vector<std::int64_t>{wanted}) {
            throw Failure(ErrorCode::bad_input, where, std::to_string(wanted) + " values of type F32 were wanted, one for each rotated pair");
        }
        std::vector<float> values(static_cast<std::size_t>(wanted));
        tensor->type->convert(tensor->bytes.data(), values.size(), values.data());
        return {values.begin(), values.end()};
    }
    return {};
}

Kind kindOf(GgufFields& in, const GgufArchitecture& architecture, bool has_factor) {
    // A factor alone has always meant linear scaling.
    const std::string type = in.text("rope.scaling.type", has_factor ? "linear" : "none");
    for (const KindName& row : kinds) {
        if (row.name == type && (architecture.ours || !row.ours_only)) return row.kind;
    }
    in.fail("rope.scaling.type", "\"" + type + "\" is not read", "none, linear, yarn and longrope are");
}

/// Fields that only our own architecture has keys for.
void readOurs(GgufFields& in, ModelConfig& c) {
    RopeScaling& r = c.rope_scaling;
    const auto factors = [&](const std::string& name) {
        const GgufValue* value = in.find("rope.scaling." + name);
        return value ? value->numbers() : std::vector<double>{};
    };
    r.low_freq_factor = in.number("rope.scaling.low_freq_factor", r.low_freq_factor);
    r.high_freq_factor = in.number("rope.scaling.high_freq_factor", r.high_freq_factor);
    r.mscale = in.number("rope.scaling.mscale", r.mscale);
    r.mscale_all_dim = in.number("rope.scaling.mscale_all_dim", r.mscale_all_dim);
    r.truncate = in.flag("rope.scaling.truncate", r.truncate);
    r.attention_factor = in.number("rope.scaling.attention_factor", 0.0);
    r.short_factor = factors("short_factor");
    r.long_factor = factors("long_factor");
    r.frequency_factors = factors("frequency_factors");
    c.rope_local_theta = in.number("rope.freq_base_local", c.rope_local_theta);
}

/// What llama.cpp divides each frequency by to turn as Llama 3.1 does.
std::vector<float> llama3Factors(const ModelConfig& c) {
    const RopeSetting scaled = RopeSetting::of(c, false);
    RopeSetting plain = scaled;
    plain.scaling = {};
    const std::vector<double> from = plain.frequencies(0).frequency, to = scaled.frequencies(0).frequency;
    std::vector<float> factors;
    for (std::size_t i = 0; i < from.size(); ++i) factors.push_back(static_cast<float>(from[i] / to[i]));
    return factors;
}

std::vector<float> narrow(const std::vector<double>& values) { return {values.begin(), values.end()}; }

void writeOurs(GgufKeys& out, const std::string& scaling, const ModelConfig& c) {
    const RopeScaling& r = c.rope_scaling;
    out.addF64(scaling + "low_freq_factor", r.low_freq_factor);
    out.addF64(scaling + "high_freq_factor", r.high_freq_factor);
    out.addF64(scaling + "mscale", r.mscale);
    out.addF64(scaling + "mscale_all_dim", r.mscale_all_dim);
    out.addBool(scaling + "truncate", r.truncate);
    out.addF64(scaling + "attention_factor", r.attention_factor);
    for (const auto& [name, values] : {std::pair("short_factor", &r.short_factor), std::pair("long_factor", &r.long_factor),
                                       std::pair("frequency_factors", &r.frequency_factors)}) {
        if (!values->empty()) out.addF64s(scaling + name, *values);
    }
}

}  // namespace

bool isGgufRopeTensor(std::string_view name, const GgufArchitecture& architecture) {
    return architecture.rope_tensors && (name == freqs_name || name == long_name || name == short_name);
}

void readGgufRope(GgufFields& in, const GgufArchitecture& architecture, const std::vector<const GgufTensor*>& tensors, ModelConfig& c) {
    RopeScaling& r = c.rope_scaling;
    c.rope_theta = in.number("rope.freq_base", c.rope_theta);
    const double old_key = in.number("rope.scale_linear", 0.0), factor = in.number("rope.scaling.factor", old_key);
    r.factor = factor == 0 ? 1.0 : factor;  // converters write 0 for none
    r.kind = kindOf(in, architecture, r.factor != 1.0);
    r.original_context = in.natural("rope.scaling.original_context_length", 0);
    r.beta_fast = in.number("rope.scaling.yarn_beta_fast", r.beta_fast);
    r.beta_slow = in.number("rope.scaling.yarn_beta_slow", r.beta_slow);
    (void)in.find("rope.scaling.finetuned");  // says how the model was trained, not how it computes
    const double attention = in.number("rope.scaling.attn_factor", 1.0);
    if (architecture.ours) {
        readOurs(in, c);
    } else if (r.kind == Kind::yarn && attention != 1.0) {
        r.attention_factor = attention * yarnMagnitude(r.factor);
    } else if (r.kind == Kind::longrope) {
        r.attention_factor = attention;
    } else if (attention != 1.0) {
        in.fail("rope.scaling.attn_factor", "is read together with yarn and longrope only");
    }
    if (r.kind == Kind::none) r.factor = 1.0;
    if (!architecture.rope_tensors) {
        if (r.kind == Kind::longrope && !architecture.ours) in.fail("rope.scaling.type", "longrope is read in the llama architecture only");
        return;
    }
    const int pairs = c.head_dim / 2;
    r.frequency_factors = tensorFactors(in, tensors, freqs_name, pairs);
    r.long_factor = tensorFactors(in, tensors, long_name, pairs);
    r.short_factor = tensorFactors(in, tensors, short_name, pairs);
    if (r.kind == Kind::longrope ? r.long_factor.empty() || r.short_factor.empty() : !r.long_factor.empty() || !r.short_factor.empty()) {
        in.fail("rope.scaling.type", "longrope and the tensors rope_factors_long.weight and rope_factors_short.weight go together");
    }
}

bool fitsGgufRope(const ModelConfig& c, const GgufArchitecture& architecture) {
    const RopeScaling& r = c.rope_scaling;
    if (!r.frequency_factors.empty() && (!architecture.rope_tensors || r.kind == Kind::llama3 || r.kind == Kind::longrope)) return false;
    switch (r.kind) {
        case Kind::none:
        case Kind::linear: return true;
        case Kind::yarn: return r.truncate;
        case Kind::llama3:
        case Kind::longrope: return architecture.rope_tensors;
        case Kind::dynamic: return false;
    }
    return false;
}

std::vector<GgufRopeTensor> writeGgufRope(GgufKeys& out, const GgufArchitecture& architecture, const ModelConfig& c) {
    const RopeScaling& r = c.rope_scaling;
    const std::string prefix = std::string(architecture.name) + ".rope.", scaling = prefix + "scaling.";
    const auto number = [&](const std::string& key, double value) { architecture.ours ? out.addF64(key, value) : out.addF32(key, value); };
    number(prefix + "freq_base", c.rope_theta);
    if (architecture.ours) number(prefix + "freq_base_local", c.rope_local_theta);
    std::vector<GgufRopeTensor> tensors;
    if (!architecture.ours && !r.frequency_factors.empty()) tensors.emplace_back(freqs_name, narrow(r.frequency_factors));
    if (!architecture.ours && r.kind == Kind::llama3) tensors.emplace_back(freqs_name, llama3Factors(c));
    if (r.kind == Kind::none && r.frequency_factors.empty()) return tensors;
    if (!architecture.ours && (r.kind == Kind::llama3 || r.kind == Kind::none)) return tensors;

    out.addText(scaling + "type", nameOf(r.kind));
    number(scaling + "factor", r.factor);
    if (r.original_context > 0) out.addU32(scaling + "original_context_length", static_cast<std::uint32_t>(r.original_context));
    if (r.kind == Kind::yarn) {
        number(scaling + "yarn_beta_fast", r.beta_fast);
        number(scaling + "yarn_beta_slow", r.beta_slow);
    }
    if (architecture.ours) {
        writeOurs(out, scaling, c);
        return tensors;
    }
    const double amplitude = RopeSetting::of(c, false).frequencies(0).amplitude;
    const double attention = r.kind == Kind::yarn ? amplitude / yarnMagnitude(r.factor) : amplitude;
    if (static_cast<float>(attention) != 1.0f) number(scaling + "attn_factor", attention);
    if (r.kind == Kind::longrope) {
        tensors.emplace_back(long_name, narrow(r.long_factor));
        tensors.emplace_back(short_name, narrow(r.short_factor));
    }
    return tensors;
}

}  // namespace airframe
