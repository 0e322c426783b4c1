// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <memory>
#include <thread>

#include "kernels/bench/cases.h"
#include "kernels/bench/random_inputs.h"
#include "kernels/bench/timer.h"
#include "kernels/layer/attention_layer.h"
#include "kernels/layer/jet_layer.h"
#include "kernels/layer/mlp_layer.h"
#include "kernels/reference/layer_reference.h"
#include "kernels/reference/quantized_linear_reference.h"

namespace airframe::kernels::bench {
namespace {

using reference::Doubles;

Doubles wide(const Floats& x) { return Doubles(x.begin(), x.end()); }

/// A weight [n, k] drawn at random, as stored, packed, and in double precision as the stored form says.
struct RandomWeight {
    std::vector<std::byte> bytes;
    Doubles dense;
    PackedWeight packed;
    RandomWeight(std::mt19937_64& random, WeightType type, std::size_t n, std::size_t k) : bytes(n * weightRowBytes(type, k)) {
        quantizeRows(type, normal(random, n * k, 1 / std::sqrt(static_cast<float>(k))).data(), n, k, bytes.data());
        dense = reference::dequantize(type, bytes.data(), n, k);
        const WeightRows rows{bytes.data(), n};
        packed = PackedWeight(type, k, {&rows, 1});
    }
};

struct LayerSizes {
    std::size_t hidden = 0, intermediate = 0, heads = 0, groups = 0, d = 0, k = 0, v = 0, generator = 0;
    WeightType type = WeightType::q4_1;
};
constexpr LayerSizes smollm2{576, 1536, 9, 3, 64, 64, 64, 96};

MlpLayer mlpLayer(std::mt19937_64& random, const LayerSizes& s, reference::Doubles* gate, Doubles* up, Doubles* down) {
    const RandomWeight g(random, s.type, s.intermediate, s.hidden), u(random, s.type, s.intermediate, s.hidden);
    RandomWeight d(random, s.type, s.hidden, s.intermediate);
    if (gate) *gate = g.dense, *up = u.dense, *down = d.dense;
    return {normal(random, s.hidden), 1e-5f, s.intermediate, MlpLayer::packGateUp(s.type, s.hidden, s.intermediate, g.bytes.data(), u.bytes.data()),
            std::move(d.packed)};
}

AttentionLayer attentionLayer(std::mt19937_64& random, const LayerSizes& s, reference::AttentionReference* want) {
    RandomWeight qkv(random, s.type, (s.heads + 2 * s.groups) * s.d, s.hidden), o(random, s.type, s.hidden, s.heads * s.d);
    if (want) *want = {s.hidden, s.heads, s.groups, s.d, 1e4, qkv.dense, o.dense, {}, {}};
    return {normal(random, s.hidden), 1e-5f, s.heads, s.groups, s.d, std::move(qkv.packed), std::move(o.packed)};
}

JetLayer jetLayer(std::mt19937_64& random, const LayerSizes& s, reference::JetReference* want) {
    const std::size_t rows = 2 * s.heads * (s.k + s.v + 1) + s.generator;
    RandomWeight inputs(random, s.type, rows, s.hidden), w2(random, s.type, 4 * s.heads * s.v, s.generator), o(random, s.type, s.hidden, s.heads * s.v);
    JetLayer l{normal(random, s.hidden), 1e-5f, s.heads, s.k, s.v, s.generator, 1e-5f, std::move(inputs.packed), std::move(w2.packed),
               normal(random, 4 * s.heads * s.v, 0.5f), normal(random, s.heads, 0.5f), normal(random, s.heads), normal(random, s.v), std::move(o.packed)};
    if (want)
        *want = {s.hidden, s.heads, s.k, s.v, s.generator, 1e-5, inputs.dense, w2.dense, wide(l.w2_bias), wide(l.a_log), wide(l.dt_bias), wide(l.o_norm), o.dense, {}, {}};
    return l;
}

/// cos and sin of T positions from `start` on, as the layer wants them.
std::pair<Floats, Floats> angles(std::size_t start, std::size_t tokens, std::size_t d) {
    std::pair<Floats, Floats> out{Floats(tokens * d), Floats(tokens * d)};
    for (std::size_t t = 0; t < tokens; ++t)
        for (std::size_t i = 0; i < d; ++i) {
            const double angle = static_cast<double>(start + t) * std::pow(1e4, -2.0 * static_cast<double>(i % (d / 2)) / static_cast<double>(d));
            out.first[t * d + i] = static_cast<float>(std::cos(angle));
            out.second[t * d + i] = static_cast<float>(i < d / 2 ? -std::sin(angle) : std::sin(angle));
        }
    return out;
}

/// Feeds pieces of two sequences through `step` (which adds to rows.x), and holds what was added to each against
/// `want` (normed rows of a sequence -> what is added).
template <class Step, class Want>
void checkPieces(const std::string& name, std::size_t hidden, const Floats& norm, const std::vector<std::size_t>& pieces,
                 double limit, std::mt19937_64& random, std::vector<Check>& out, const Step& step, const Want& want) {
    constexpr std::size_t batch = 2;
    LayerRows rows;
    rows.batch = batch;
    rows.hidden = hidden;
    double difference = 0, size = 0;
    for (const std::size_t tokens : pieces) {
        rows.tokens = tokens;
        const Floats before = normal(random, batch * tokens * hidden);
        rows.x.assign(before.begin(), before.end());
        step(rows);
        for (std::size_t b = 0; b < batch; ++b) {
            const std::size_t at = b * tokens * hidden;
            const Doubles x(before.begin() + static_cast<std::ptrdiff_t>(at), before.begin() + static_cast<std::ptrdiff_t>(at + tokens * hidden));
            const Doubles added = want(b, reference::rmsNorm(x, wide(norm), hidden, 1e-5));
            for (std::size_t i = 0; i < added.size(); ++i) {
                const double d = static_cast<double>(rows.x[at + i]) - x[i] - added[i];
                difference += d * d;
                size += added[i] * added[i];
            }
        }
    }
    out.push_back({name, std::sqrt(difference / size), limit});
}

/// `more`: biases, norms of queries and keys, and a window that the pieces outgrow.
void checkAttention(const LayerSizes& s, const std::string& name, bool more, std::size_t threads, std::mt19937_64& random, std::vector<Check>& out) {
    reference::AttentionReference want[2];
    AttentionLayer attention = attentionLayer(random, s, &want[0]);
    if (more) {
        attention.bias = normal(random, (s.heads + 2 * s.groups) * s.d);
        attention.q_norm = normal(random, s.d);
        attention.k_norm = normal(random, s.d);
        attention.window = want[0].window = 4;
        want[0].bias = wide(attention.bias), want[0].q_norm = wide(attention.q_norm), want[0].k_norm = wide(attention.k_norm);
    }
    want[1] = want[0];
    AttentionCache cache;
    // The ring of the window turns token by token, and then has to widen for longer pieces, twice.
    checkPieces(name, s.hidden, attention.norm, {2, 1, 1, 1, 1, 1, 1, 1, 3, 9, 1, 1, 5}, 5e-3, random, out,
                [&](LayerRows& rows) {
                    attention.prepare(rows, cache, threads);
                    const auto [cosine, sine] = angles(cache.length, rows.tokens, s.d);
                    runTeam(threads, [&, c = cosine.data(), n = sine.data()](const Team& team) { attention.run(team, rows, cache, c, n); });
                    cache.length += rows.tokens;
                },
                [&](std::size_t b, const Doubles& x) { return reference::attentionBlock(want[b], x); });
}

void checkLayers(const LayerSizes& s, const std::string& name, std::size_t threads, std::mt19937_64& random, std::vector<Check>& out) {
    const std::vector<std::size_t> pieces = {5, 1, 2, 1, 9};
    const std::string suffix = " " + name + " " + std::to_string(threads) + " threads";
    // bf16 stands at the inputs of the products and of attention: a few roundings of 2^-9 at random. The JetBlock's reference
    // rounds as well: what is left are values that fall to the other side of a rounding.
    Doubles gate, up, down;
    const MlpLayer mlp = mlpLayer(random, s, &gate, &up, &down);
    checkPieces("layer mlp" + suffix, s.hidden, mlp.norm, pieces, 5e-3, random, out,
                [&](LayerRows& rows) {
                    mlp.prepare(rows, threads);
                    runTeam(threads, [&](const Team& team) { mlp.run(team, rows); });
                },
                [&](std::size_t, const Doubles& x) { return reference::mlp(x, gate, up, down, s.hidden, s.intermediate); });

    for (const bool more : {false, true}) checkAttention(s, (more ? "layer attn with bias, norms, window" : "layer attn") + suffix, more, threads, random, out);

    reference::JetReference jet_want[2];
    const JetLayer jet = jetLayer(random, s, &jet_want[0]);
    jet_want[1] = jet_want[0];
    JetMemory memory;
    checkPieces("layer jet" + suffix, s.hidden, jet.norm, pieces, 1e-3, random, out,
                [&](LayerRows& rows) {
                    jet.prepare(rows, memory, threads);
                    runTeam(threads, [&](const Team& team) { jet.run(team, rows, memory); });
                },
                [&](std::size_t b, const Doubles& x) { return reference::jetBlock(jet_want[b], x); });
}

/// One decode step of SmolLM2-135M's layer over 30 copies, so that the weights come from memory.
void timeDecode(unsigned threads, std::vector<Timing>& out) {
    constexpr std::size_t layers = 30, context = 2048;
    const LayerSizes& s = smollm2;
    std::mt19937_64 random(1);
    std::vector<MlpLayer> mlps;
    std::vector<AttentionLayer> attentions;
    std::vector<JetLayer> jets;
    LayerSizes jet_sizes = s;
    jet_sizes.type = WeightType::q8_0;
    for (std::size_t i = 0; i < layers; ++i) {
        mlps.push_back(mlpLayer(random, s, nullptr, nullptr, nullptr));
        attentions.push_back(attentionLayer(random, s, nullptr));
        jets.push_back(jetLayer(random, jet_sizes, nullptr));
    }
    LayerRows rows;
    rows.batch = rows.tokens = 1;
    rows.hidden = s.hidden;
    const Floats start = normal(random, s.hidden);
    rows.x.assign(start.begin(), start.end());
    const auto [cosine, sine] = angles(context, 1, s.d);
    std::vector<AttentionCache> caches(layers);
    std::vector<JetMemory> memories(layers);
    for (std::size_t i = 0; i < layers; ++i) {
        caches[i].length = context;
        caches[i].slots = context + 1;
        caches[i].keys.assign(s.groups * caches[i].slots * s.d, toBf16(0.1f));
        caches[i].values = caches[i].keys;
        mlps[i].prepare(rows, threads);
        attentions[i].prepare(rows, caches[i], threads);
        jets[i].prepare(rows, memories[i], threads);
    }
    const auto add = [&](const char* name, double bytes, double flops, const std::function<void(const Team&, std::size_t)>& layer) {
        timeInto(out, {name, "layer and token", 0, 0, bytes, flops, threads, true}, layers, [&] {
            runTeam(threads, [&](const Team& team) {
                for (std::size_t i = 0; i < layers; ++i) layer(team, i);
            });
            std::copy_n(cosine.begin(), s.hidden < cosine.size() ? s.hidden : cosine.size(), rows.x.begin());  // keeps x finite
        });
    };
    const auto weight = [](const PackedWeight& w) { return static_cast<double>(w.bytes()); };
    const auto products = [](const PackedWeight& w) { return 2.0 * static_cast<double>(w.rows() * w.columns()); };
    const double mlp_bytes = weight(mlps[0].gate_up) + weight(mlps[0].down), mlp_flops = products(mlps[0].gate_up) + products(mlps[0].down);
    add("layer mlp q4_1 decode", mlp_bytes, mlp_flops, [&](const Team& team, std::size_t i) { mlps[i].run(team, rows); });
    add("layer attn q4_1 decode, 2048 keys", weight(attentions[0].qkv) + weight(attentions[0].o) + 4.0 * s.groups * context * s.d,
        products(attentions[0].qkv) + products(attentions[0].o) + 4.0 * s.heads * context * s.d,
        [&](const Team& team, std::size_t i) { attentions[i].run(team, rows, caches[i], cosine.data(), sine.data()); });
    add("layer jet q8_0 decode", weight(jets[0].inputs) + weight(jets[0].w2) + weight(jets[0].o) + 8.0 * s.heads * s.k * s.v,
        products(jets[0].inputs) + products(jets[0].w2) + products(jets[0].o) + 7.0 * s.heads * s.k * s.v,
        [&](const Team& team, std::size_t i) { jets[i].run(team, rows, memories[i]); });
}

}  // namespace

void checkLayer(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const std::size_t threads : {1u, 2u, 3u}) {
        checkLayers({64, 96, 4, 2, 32, 16, 24, 32, WeightType::q4_1}, "D=64", threads, random, out);
        checkLayers({96, 70, 3, 1, 12, 20, 12, 64, WeightType::bfloat16}, "D=96", threads, random, out);  // heads smaller than units
    }
}

void timeLayer(std::vector<Timing>& out) {
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    timeDecode(1, out);
    if (cores > 1) timeDecode(cores, out);
}

}  // namespace airframe::kernels::bench
