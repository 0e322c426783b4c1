// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/jet_block.h"

#include <ATen/ATen.h>

#include "core/base/error.h"
#include "core/blocks/jet.h"
#include "core/blocks/native_rows.h"

namespace airframe {
namespace {

class JetState final : public BlockState {
  public:
    explicit JetState(JetCarry carry) : carry(std::move(carry)) {}
    [[nodiscard]] std::int64_t bytes() const override {
        return static_cast<std::int64_t>(carry.recurrent.nbytes() + carry.conv.nbytes());
    }
    [[nodiscard]] std::unique_ptr<BlockState> clone() const override {
        return std::make_unique<JetState>(JetCarry{carry.recurrent.clone(), carry.conv.clone()});
    }
    void fillRandom(std::int64_t, std::uint64_t seed) override {
        auto generator = at::detail::createCPUGenerator(seed);
        carry.recurrent.copy_(at::randn(carry.recurrent.sizes(), generator).mul_(0.1));
        carry.conv.copy_(at::randn(carry.conv.sizes(), generator));
    }
    JetCarry carry;
};

}  // namespace

const JetCarry& jetCarryOf(const BlockState& state) {
    const auto* mine = dynamic_cast<const JetState*>(&state);
    if (!mine) throw Failure(ErrorCode::internal, "jet", "the state of another block was passed");
    return mine->carry;
}

JetBlock::JetBlock(JetDims dims, JetParameters parameters, const Compute& compute, const std::string& where)
    : m_dims(dims) {
    parameters.check(m_dims, where);
    const auto to = [&](const at::Tensor& t, at::ScalarType type) { return t.detach().to(compute.device, type).contiguous(); };
    m_weights.inputs = LinearWeight::packed(to(parameters.fusedInputs(), compute.dtype));
    m_weights.w2 = LinearWeight::packed(to(parameters.w2, compute.dtype), to(parameters.w2_bias, compute.dtype));
    m_weights.A_log = to(parameters.A_log, at::kFloat);
    m_weights.dt_bias = to(parameters.dt_bias, at::kFloat);
    m_weights.o_norm = to(parameters.o_norm, at::kFloat);
    m_o = LinearWeight::packed(to(parameters.o_proj, compute.dtype));
}

JetParameters JetBlock::unpacked() const {
    JetParameters p;
    const auto rows = m_weights.inputs.dense().split_with_sizes(fusedRows(m_dims), 0);
    std::size_t next = 0;
    for (auto* t : {&p.q_proj, &p.k_proj, &p.v_proj, &p.g_proj, &p.a_proj, &p.b_proj, &p.w1}) *t = rows[next++];
    p.w2 = m_weights.w2.dense(), p.w2_bias = m_weights.w2.bias();
    p.A_log = m_weights.A_log, p.dt_bias = m_weights.dt_bias, p.o_norm = m_weights.o_norm;
    p.o_proj = m_o.dense();
    return p;
}

at::Tensor JetBlock::forward(const at::Tensor& x, BlockState* state) const {
    JetCarry* carry = nullptr;
    if (state) {
        auto* mine = dynamic_cast<JetState*>(state);
        if (!mine || mine->carry.recurrent.size(0) != x.size(0))
            throw Failure(ErrorCode::internal, "jet",
                          mine ? "the state belongs to another batch size" : "the state of another block was passed");
        carry = &mine->carry;
    }
    if (nativeForwardFits({x})) return m_o(jetFeaturesNative(m_dims, m_weights, x, carry));
    return jetForwardFused(m_dims, unpacked(), m_weights.inputs.dense(), x, carry);
}

std::unique_ptr<BlockState> JetBlock::emptyState(std::int64_t batch, std::int64_t) const {
    const auto options = m_weights.w2.bias().options();
    return std::make_unique<JetState>(
        JetCarry{at::zeros({batch, m_dims.heads, m_dims.k, m_dims.v}, options.dtype(at::kFloat)),
                 at::zeros({batch, m_dims.valueDim(), 4}, options)});
}

std::int64_t JetBlock::stateBytes(std::int64_t batch, std::int64_t) const {
    const std::int64_t recurrent = std::int64_t(4) * m_dims.heads * m_dims.k * m_dims.v;
    return batch *
           (recurrent + std::int64_t(4) * m_dims.valueDim() * static_cast<std::int64_t>(m_weights.w2.bias().element_size()));
}

std::vector<std::pair<std::string, at::Tensor>> JetBlock::parameters() const {
    std::vector<std::pair<std::string, at::Tensor>> all;
    const JetParameters p = unpacked();
    for (const auto& [name, member] : JetParameters::table()) all.emplace_back(name, p.*member);
    return all;
}

}  // namespace airframe
