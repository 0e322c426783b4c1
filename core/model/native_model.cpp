// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/native_model.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/blocks/block_registry.h"
#include "core/blocks/native_weight.h"
#include "core/blocks/tensor_reader.h"
#include "core/supernet/supernet.h"
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
    if (c.intermediate % 32)
        throw Failure(ErrorCode::bad_input, file.path().string(),
                      "an MLP of " + std::to_string(c.intermediate) + " channels; the native kernels take multiples of 32", "use --compute bf16");
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

NativeModel::NativeModel(const Supernet& net) : m_net(net), m_layers(size(net.layers())) {
    const ModelFile& file = net.model().file();
    const ModelConfig& c = file.config();
    m_embedding = packStored(file, {"model.embed_tokens.weight"}, c.hidden);
    if (!c.tied) m_own_head = packStored(file, {"lm_head.weight"}, c.hidden);
    m_final_norm = norm(file, "model.norm.weight");
    for (int i = 0; i < net.layers(); ++i) m_layers[size(i)].mlp = packMlp(file, i);
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
    for (std::size_t i = 0; i < half; ++i) {
        const double frequency = std::pow(c.rope_theta, -2.0 * static_cast<double>(i) / static_cast<double>(d));
        for (std::size_t p = held; p < wanted; ++p) {
            const double angle = static_cast<double>(p) * frequency;
            const auto cosine = static_cast<float>(std::cos(angle)), sine = static_cast<float>(std::sin(angle));
            sequence.cosine[p * d + i] = sequence.cosine[p * d + half + i] = cosine;
            sequence.sine[p * d + i] = -sine;
            sequence.sine[p * d + half + i] = sine;
        }
    }
}

std::span<const float> NativeModel::step(NativeSequence& s, std::span<const std::int32_t> ids, std::size_t threads) const {
    const ModelConfig& c = m_net.model().config();
    const std::size_t B = size(s.batch), T = ids.size() / B, D = size(c.hidden), vocab = size(c.vocab), d = size(c.head_dim);
    s.rows.tokens = T;
    kernels::LayerRows::grown(s.rows.x, B * T * D);
    growPositions(s, s.length + static_cast<std::int64_t>(T));
    for (std::size_t i = 0; i < s.mixers.size(); ++i) {
        s.mixers[i]->prepare(s.rows, *s.memories[i], threads);
        m_layers[i].mlp.prepare(s.rows, threads);
    }
    kernels::LayerRows::grown(s.last, B * D);
    kernels::LayerRows::grown(s.normed, B * D);
    kernels::LayerRows::grown(s.logits, B * vocab);
    const NativePositions positions{s.cosine.data() + size(s.length) * d, s.sine.data() + size(s.length) * d};
    const kernels::PackedWeight& head = c.tied ? m_embedding : m_own_head;
    kernels::runTeam(threads, [&](const kernels::Team& team) {
        const auto [begin, end] = team.share(B * T);
        for (std::size_t r = begin; r < end; ++r) m_embedding.dequantizeRow(size(ids[r]), s.rows.x.data() + r * D);
        team.wait();
        for (std::size_t i = 0; i < s.mixers.size(); ++i) {
            s.mixers[i]->run(team, s.rows, *s.memories[i], positions);
            m_layers[i].mlp.run(team, s.rows);
        }
        const auto [first, last] = team.share(B);
        for (std::size_t b = first; b < last; ++b) {
            std::copy_n(s.rows.x.data() + (b * T + T - 1) * D, D, s.last.data() + b * D);
            kernels::rmsNorm(s.last.data(), m_final_norm.data(), D, static_cast<float>(c.rms_eps), s.normed.data(), b, b + 1);
        }
        team.wait();
        kernels::shareLinear(team, head, s.normed.data(), B, s.logits.data(), false);
    });
    for (std::size_t i = 0; i < s.mixers.size(); ++i) s.mixers[i]->finish(*s.memories[i], static_cast<std::int64_t>(T));
    s.length += static_cast<std::int64_t>(T);
    return {s.logits.data(), B * vocab};
}

}  // namespace airframe
