// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>

#include "core/base/error.h"
#include "core/blocks/jet.h"

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

JetBlock::JetBlock(JetDims dims, JetParameters parameters, const Compute& compute, const std::string& where)
    : m_dims(dims), m_p(std::move(parameters)) {
    m_p.check(m_dims, where);
    const auto to = [&](at::Tensor& t, at::ScalarType type) { t = t.detach().to(compute.device, type).contiguous(); };
    m_inputs = m_p.fusedInputs();
    to(m_inputs, compute.dtype);
    const auto rows = m_inputs.split_with_sizes(fusedRows(m_dims), 0);
    std::size_t next = 0;
    for (auto* t : {&m_p.q_proj, &m_p.k_proj, &m_p.v_proj, &m_p.g_proj, &m_p.a_proj, &m_p.b_proj, &m_p.w1})
        *t = rows[next++];
    for (auto* t : {&m_p.w2, &m_p.w2_bias, &m_p.o_proj}) to(*t, compute.dtype);
    for (auto* t : {&m_p.A_log, &m_p.dt_bias, &m_p.o_norm}) to(*t, at::kFloat);
}

at::Tensor JetBlock::forward(const at::Tensor& x, BlockState* state) const {
    if (!state) return jetForwardFused(m_dims, m_p, m_inputs, x);
    auto* mine = dynamic_cast<JetState*>(state);
    if (!mine || mine->carry.recurrent.size(0) != x.size(0))
        throw Failure(ErrorCode::internal, "jet",
                      mine ? "the state belongs to another batch size" : "the state of another block was passed");
    return jetForwardFused(m_dims, m_p, m_inputs, x, &mine->carry);
}

std::unique_ptr<BlockState> JetBlock::emptyState(std::int64_t batch, std::int64_t) const {
    const auto options = m_inputs.options();
    return std::make_unique<JetState>(
        JetCarry{at::zeros({batch, m_dims.heads, m_dims.k, m_dims.v}, options.dtype(at::kFloat)),
                 at::zeros({batch, m_dims.valueDim(), 4}, options)});
}

std::int64_t JetBlock::stateBytes(std::int64_t batch, std::int64_t) const {
    const std::int64_t recurrent = std::int64_t(4) * m_dims.heads * m_dims.k * m_dims.v;
    return batch *
           (recurrent + std::int64_t(4) * m_dims.valueDim() * static_cast<std::int64_t>(m_inputs.element_size()));
}

std::vector<std::pair<std::string, at::Tensor>> JetBlock::parameters() const {
    std::vector<std::pair<std::string, at::Tensor>> all;
    for (const auto& [name, member] : JetParameters::table()) all.emplace_back(name, m_p.*member);
    return all;
}

}  // namespace airframe
