// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/native_model.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/blocks/block_registry.h"
#include "core/blocks/native_weight.h"
#include "core/blocks/tensor_reader.h"
#include "core/formats/rope_frequencies.h"
#include "core/model/loading.h"
#include "core/formats/native_support.h"
#include "core/supernet/supernet.h"
#include "kernels/log_sum_exp.h"
#include "kernels/rms_norm.h"

namespace airframe {
namespace {

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

std::string layerName(int layer) { return "model.layers." + std::to_string(layer) + "."; }

std::vector<float> norm(const ModelFile& file, const std::string& name) {
    return valuesOf(readTensor(file, name, {file.config().hidden}));
}

kernels::MlpLayer packMlp(const ModelFile& file, int layer) {
    const ModelConfig& c = file.config();
    const std::string prefix = layerName(layer);
    const std::vector<std::string> names = {prefix + "mlp.gate_proj.weight", prefix + "mlp.up_proj.weight"};
    const kernels::WeightType type = packedType(file, names, c.hidden);
    const auto rows = storedRows(file, names, type, c.hidden);
    return {norm(file, prefix + "post_attention_layernorm.weight"), static_cast<float>(c.rms_eps), size(c.intermediate),
            kernels::MlpLayer::packGateUp(type, size(c.hidden), size(c.intermediate), rows[0].data(), rows[1].data()),
            packStored(file, {prefix + "mlp.down_proj.weight"}, c.intermediate)};
}

}  // namespace

std::int64_t NativeSequence::bytes() const {
    std::int64_t sum = 0;
    for (const auto& memory : memories) sum += memory->bytes();
    return sum;
}

void NativeSequence::fillRandom(std::int64_t tokens, std::uint64_t seed) {
    for (auto& memory : memories) memory->fillRandom(tokens, seed++);
    length = tokens;
}

NativeModel::NativeModel(const Supernet& net, RunControl* control) : m_net(net), m_layers(size(net.layers())) {
    const ModelFile& file = net.model().file();
    const ModelConfig& c = file.config();
    if (const std::string lacks = nativeLacks(c); !lacks.empty())
        throw Failure(ErrorCode::bad_input, file.path().string(), "the model has " + lacks + ", which the fused kernels do not compute",
                      "use --compute bf16 or float32");
    m_embedding = packStored(file, {"model.embed_tokens.weight"}, c.hidden);
    if (!c.tied) m_own_head = packStored(file, {"lm_head.weight"}, c.hidden);
    m_final_norm = norm(file, "model.norm.weight");
    // By as many layers at once as there are threads.
    const std::int64_t step = std::max(1, at::get_num_threads()), layers = net.layers();
    for (std::int64_t first = 0; first < layers; first += step) {
        if (control) tellLoading(*control, file, "pack", static_cast<int>(first), net.layers());
        at::parallel_for(first, std::min(first + step, layers), 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) m_layers[size(i)].mlp = packMlp(file, static_cast<int>(i));
        });
    }
    if (control) tellLoading(*control, file, "pack", net.layers(), net.layers());
}

const NativeMixer& NativeModel::mixer(int layer, const std::string& id) const {
    const std::lock_guard lock(m_mutex);
    auto& made = m_layers[size(layer)].mixers[id];
    if (!made) {
        const ModelFile& file = m_net.model().file();
        const bool quantised = kernels::isQuantised(m_layers[size(layer)].mlp.down.type());
        made = findBlock(id).make_native({m_net.block(layer, id), file, layer, id == m_net.model().mixer(layer).id(),
                                          quantised ? kernels::WeightType::q8_0 : kernels::WeightType::bfloat16,
                                          norm(file, layerName(layer) + "input_layernorm.weight")});
    }
    return *made;
}

NativeSequence NativeModel::start(const Placement& placement, std::int64_t batch, std::int64_t capacity) const {
    m_net.check(placement);
    NativeSequence sequence;
    sequence.batch = batch;
    for (int i = 0; i < m_net.layers(); ++i) {
        sequence.mixers.push_back(&mixer(i, placement[i]));
        sequence.memories.push_back(sequence.mixers.back()->emptyMemory(batch, capacity));
    }
    sequence.rows.batch = size(batch);
    sequence.rows.hidden = size(m_net.model().config().hidden);
    growPositions(sequence, capacity);
    return sequence;
}

std::int64_t NativeModel::memoryBytes(const Placement& placement, std::int64_t batch, std::int64_t tokens) const {
    m_net.check(placement);
    std::int64_t sum = 0;
    for (int i = 0; i < m_net.layers(); ++i) sum += mixer(i, placement[i]).memoryBytes(batch, tokens);
    return sum;
}

/// Angles in double precision, kept as float32 cosines and sines, as Rotary does.
void NativeModel::growPositions(NativeSequence& sequence, std::int64_t positions) const {
    const ModelConfig& c = m_net.model().config();
    const std::size_t d = size(c.head_dim), half = d / 2, held = sequence.cosine.size() / d;
    if (size(positions) <= held) return;
    const std::size_t wanted = std::max(size(positions), 2 * held);
    sequence.cosine.resize(wanted * d);
    sequence.sine.resize(wanted * d);
    const RopeFrequencies rope = RopeSetting::of(c, false).frequencies(0);
    for (std::size_t i = 0; i < half; ++i) {
        for (std::size_t p = held; p < wanted; ++p) {
            const double angle = static_cast<double>(p) * rope.frequency[i];
            const auto cosine = static_cast<float>(rope.amplitude * std::cos(angle)), sine = static_cast<float>(rope.amplitude * std::sin(angle));
            sequence.cosine[p * d + i] = sequence.cosine[p * d + half + i] = cosine;
            sequence.sine[p * d + i] = -sine;
            sequence.sine[p * d + half + i] = sine;
        }
    }
}

void NativeModel::prepare(NativeSequence& s, std::size_t tokens, std::size_t threads) const {
    s.rows.tokens = tokens;
    kernels::LayerRows::grown(s.rows.x, s.rows.rows() * s.rows.hidden);
    growPositions(s, s.length + static_cast<std::int64_t>(tokens));
    for (std::size_t i = 0; i < s.mixers.size(); ++i) {
        s.mixers[i]->prepare(s.rows, *s.memories[i], threads);
        m_layers[i].mlp.prepare(s.rows, threads);
    }
}

void NativeModel::runLayers(const kernels::Team& team, NativeSequence& s, std::span<const std::int32_t> ids) const {
    const std::size_t d = size(m_net.model().config().head_dim), at = size(s.length) * d;
    const NativePositions positions{s.cosine.data() + at, s.sine.data() + at};
    const auto [begin, end] = team.share(ids.size());
    for (std::size_t r = begin; r < end; ++r) m_embedding.dequantizeRow(size(ids[r]), s.rows.x.data() + r * s.rows.hidden);
    team.wait();
    for (std::size_t i = 0; i < s.mixers.size(); ++i) {
        s.mixers[i]->run(team, s.rows, *s.memories[i], positions);
        m_layers[i].mlp.run(team, s.rows);
    }
}

void NativeModel::finish(NativeSequence& s) const {
    const auto tokens = static_cast<std::int64_t>(s.rows.tokens);
    for (std::size_t i = 0; i < s.mixers.size(); ++i) s.mixers[i]->finish(*s.memories[i], tokens);
    s.length += tokens;
}

std::span<const float> NativeModel::step(NativeSequence& s, std::span<const std::int32_t> ids, std::size_t threads) const {
    const std::size_t B = size(s.batch), T = ids.size() / B, D = s.rows.hidden, vocab = size(m_net.model().config().vocab);
    const auto eps = static_cast<float>(m_net.model().config().rms_eps);
    prepare(s, T, threads);
    kernels::LayerRows::grown(s.last, B * D);
    kernels::LayerRows::grown(s.normed, B * D);
    kernels::LayerRows::grown(s.logits, B * vocab);
    kernels::runTeam(threads, [&](const kernels::Team& team) {
        runLayers(team, s, ids);
        const auto [first, last] = team.share(B);
        for (std::size_t b = first; b < last; ++b) {
            std::copy_n(s.rows.x.data() + (b * T + T - 1) * D, D, s.last.data() + b * D);
            kernels::rmsNorm(s.last.data(), m_final_norm.data(), D, eps, s.normed.data(), b, b + 1);
        }
        team.wait();
        kernels::shareLinear(team, head(), s.normed.data(), B, s.logits.data(), false);
    });
    finish(s);
    return {s.logits.data(), B * vocab};
}

std::vector<double> NativeModel::nll(const Placement& placement, std::span<const std::int32_t> ids, std::size_t threads) const {
    constexpr std::size_t slice = 32;  // rows whose logits exist at a time
    if (ids.size() < 2) return {};
    NativeSequence s = start(placement, 1, static_cast<std::int64_t>(ids.size()));
    const std::size_t T = ids.size() - 1, D = s.rows.hidden, vocab = size(m_net.model().config().vocab);
    const auto eps = static_cast<float>(m_net.model().config().rms_eps);
    prepare(s, T, threads);
    std::vector<kernels::Bf16> normed(T * D);
    std::vector<float> logits(slice * vocab), sums(T);
    std::vector<double> losses(T);
    kernels::runTeam(threads, [&](const kernels::Team& team) {
        runLayers(team, s, ids.first(T));
        const auto mine = team.share(T);
        kernels::rmsNorm(s.rows.x.data(), m_final_norm.data(), D, eps, normed.data(), mine.begin, mine.end);
        for (std::size_t first = 0; first < T; first += slice) {
            const std::size_t rows = std::min(slice, T - first);
            team.wait();
            kernels::shareLinear(team, head(), normed.data() + first * D, rows, logits.data(), false);
            team.wait();
            const auto [begin, end] = team.share(rows);
            kernels::logSumExp(logits.data(), vocab, sums.data() + first, begin, end);
            for (std::size_t r = begin; r < end; ++r)
                losses[first + r] = double{sums[first + r]} - double{logits[r * vocab + size(ids[first + r + 1])]};
        }
    });
    return losses;
}

}  // namespace airframe
