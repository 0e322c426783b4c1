// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/supernet.h"

#include <ATen/ATen.h>

#include "core/base/error.h"
#include "core/model/native_model.h"

namespace airframe {

Supernet::Supernet(std::shared_ptr<const Model> model, Alternatives alternatives, std::string checkpoint_hash)
    : m_model(std::move(model)),
      m_alternatives(std::move(alternatives)),
      m_checkpoint_hash(std::move(checkpoint_hash)) {
    for (const auto& [id, blocks] : m_alternatives) {
        if (static_cast<int>(blocks.size()) != layers())
            throw Failure(ErrorCode::bad_input, "alternatives \"" + id + "\"",
                          "wanted one block for each of " + std::to_string(layers()) + " layers, found " +
                              std::to_string(blocks.size()),
                          "use a checkpoint trained for this model");
        for (const auto& block : blocks)
            if (block && block->id() != id)
                throw Failure(ErrorCode::internal, "alternatives \"" + id + "\"",
                              std::string("one of the blocks is a \"") + block->id() + "\"");
    }
}

Supernet::~Supernet() = default;

const NativeModel& Supernet::native(RunControl* control) const {
    std::call_once(m_native_once, [&] { m_native = std::make_unique<const NativeModel>(*this, control); });
    return *m_native;
}

const Block& Supernet::block(int layer, const std::string& id) const {
    if (layer < 0 || layer >= layers())
        throw Failure(ErrorCode::bad_input, "layer " + std::to_string(layer),
                      "the model has layers 0 to " + std::to_string(layers() - 1));
    const Block& own = m_model->mixer(layer);
    if (id == own.id()) return own;
    if (const auto found = m_alternatives.find(id); found != m_alternatives.end())
        if (const auto& block = found->second[static_cast<std::size_t>(layer)]) return *block;
    throw Failure(
        ErrorCode::bad_input, "layer " + std::to_string(layer),
        "there is no block \"" + id + "\" here" + (m_alternatives.empty() ? ": no alternatives are trained" : ""),
        "train the supernet, or place \"" + std::string(own.id()) + "\"");
}

void Supernet::check(const Placement& placement) const {
    if (placement.size() != layers())
        throw Failure(
            ErrorCode::bad_input, "placement",
            "it places " + std::to_string(placement.size()) + " layers, the model has " + std::to_string(layers()),
            "give one block per layer");
    for (int i = 0; i < layers(); ++i) {
        try {
            (void)block(i, placement[i]);
        } catch (const Failure& failure) {
            throw Failure(ErrorCode::bad_input, "placement", failure.error().where + ": " + failure.error().what,
                          failure.error().hint);
        }
    }
}

at::Tensor Supernet::layer(int layer, const std::string& id, const at::Tensor& h, BlockState* state) const {
    const Block& mixer = block(layer, id);
    return m_model->addMlp(layer, m_model->addMixer(layer, h, mixer.forward(m_model->mixerInput(layer, h), state)));
}

at::Tensor Supernet::forward(const at::Tensor& ids, const Placement& placement, SequenceState* state) const {
    check(placement);
    at::Tensor h = m_model->embed(ids);
    for (int i = 0; i < layers(); ++i) h = layer(i, placement[i], h, state ? state->layer(i) : nullptr);
    return h;
}

SequenceState Supernet::emptyState(const Placement& placement, std::int64_t batch, std::int64_t capacity) const {
    check(placement);
    std::vector<std::unique_ptr<BlockState>> states;
    states.reserve(static_cast<std::size_t>(layers()));
    for (int i = 0; i < layers(); ++i) states.push_back(block(i, placement[i]).emptyState(batch, capacity));
    return SequenceState(std::move(states), batch);
}

std::int64_t Supernet::cacheBytes(const Placement& placement, std::int64_t batch, std::int64_t tokens) const {
    check(placement);
    std::int64_t sum = 0;
    for (int i = 0; i < layers(); ++i) sum += block(i, placement[i]).stateBytes(batch, tokens);
    return sum;
}

}  // namespace airframe
