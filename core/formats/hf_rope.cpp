// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/hf_rope.h"

#include <algorithm>
#include <map>

namespace airframe {
namespace {

using Kind = RopeScaling::Kind;

/// "type" or "rope_type" -> kind. "su" is what longrope was called in its first releases.
const std::map<std::string, Kind, std::less<>>& kinds() {
    static const std::map<std::string, Kind, std::less<>> table{
        {"default", Kind::none},  {"linear", Kind::linear},     {"dynamic", Kind::dynamic}, {"yarn", Kind::yarn},
        {"llama3", Kind::llama3}, {"longrope", Kind::longrope}, {"su", Kind::longrope},
    };
    return table;
}

}  // namespace

void readRopeObject(const Fields& in, const Fields& config, RopeScaling& s, double& theta) {
    const char* key = in.find("rope_type") ? "rope_type" : "type";
    const std::string type = in.text(key, "default");
    const auto kind = kinds().find(type);
    if (kind == kinds().end()) in.fail(key, "rotary scaling \"" + type + "\" is not known");
    if (in.number("partial_rotary_factor", 1.0) != 1.0) in.refuseIfSet("partial_rotary_factor");
    s = {};
    s.kind = kind->second;
    theta = in.number("rope_theta", theta);
    if (s.kind == Kind::none) return;

    // Dynamic scaling starts at max_position_embeddings. For the others some models write the trained context beside the
    // object, and their authors' code then prefers that one.
    if (s.kind == Kind::llama3 || s.kind == Kind::yarn || s.kind == Kind::longrope) {
        const char* field = "original_max_position_embeddings";
        s.original_context = config.find(field) ? config.integer(field) : in.integer(field, 0);
    }
    if (s.kind == Kind::longrope) {
        s.short_factor = in.numbers("short_factor");
        s.long_factor = in.numbers("long_factor");
    }
    if ((s.kind == Kind::longrope || s.kind == Kind::yarn) && !in.find("factor")) {
        // How far the context was stretched.
        const double context = config.integer("max_position_embeddings");
        s.factor = s.original_context > 0 ? std::max(1.0, context / s.original_context) : 1.0;
    } else {
        s.factor = in.number("factor");
    }
    if (in.find("attention_factor")) {
        s.attention_factor = in.number("attention_factor");
        if (!(s.attention_factor > 0)) in.fail("attention_factor", "a number above 0 was wanted, found " + in.get("attention_factor").dump());
    }
    if (s.kind == Kind::llama3) {
        s.low_freq_factor = in.number("low_freq_factor");
        s.high_freq_factor = in.number("high_freq_factor");
        if (s.original_context < 1) in.fail("original_max_position_embeddings", "the field is missing");
    }
    if (s.kind == Kind::yarn) {
        s.beta_fast = in.number("beta_fast", s.beta_fast);
        s.beta_slow = in.number("beta_slow", s.beta_slow);
        s.mscale = in.number("mscale", 0.0);
        s.mscale_all_dim = in.number("mscale_all_dim", 0.0);
        s.truncate = in.flag("truncate", true);
    }
}

void readRope(const Fields& in, ModelConfig& c, double default_theta) {
    c.rope_theta = in.number("rope_theta", default_theta);
    if (in.number("partial_rotary_factor", 1.0) != 1.0) in.refuseIfSet("partial_rotary_factor");
    if (in.find("rope_scaling") && in.find("rope_parameters") && in.get("rope_scaling") != in.get("rope_parameters"))
        in.fail("rope_parameters", "contradicts rope_scaling", "keep one of the two");
    for (const char* field : {"rope_scaling", "rope_parameters"})
        if (in.find(field)) readRopeObject(in.child(field), in, c.rope_scaling, c.rope_theta);
}

}  // namespace airframe
