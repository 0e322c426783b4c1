// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/layer_trainer.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/blocks/jet.h"
#include "core/supernet/adamw.h"

namespace airframe {
namespace {

enum SlotIndex { inputs, w2, w2_bias, o_proj, a_log, dt_bias, o_norm };

}  // namespace

LayerTrainer::LayerTrainer(const JetDims& dims, const JetParameters& start, at::ScalarType compute,
                           const TrainerOptions& o)
    : m_dims(dims), m_options(o), m_counters(at::zeros({2}, at::kDouble)) {
    m_counters[1] = 1;
    const auto add = [&](const char* name, const at::Tensor& value, at::ScalarType type, double decay, double rate) {
        Slot slot;
        slot.name = name;
        slot.master = value.detach().to(at::kFloat).clone(at::MemoryFormat::Contiguous);
        slot.m = at::zeros_like(slot.master);
        slot.v = at::zeros_like(slot.master);
        slot.copy = slot.master.to(type).clone().set_requires_grad(true);
        slot.decay = decay;
        slot.rates = {rate};
        m_slots.push_back(std::move(slot));
    };
    add("inputs", start.fusedInputs(), compute, o.decay, 1);
    add("w2", start.w2, compute, o.decay, o.new_rate);
    add("w2_bias", start.w2_bias, compute, 0, o.new_rate);
    add("o_proj", start.o_proj, compute, o.decay, o.o_rate);
    add("A_log", start.A_log, at::kFloat, 0, o.gate_rate);
    add("dt_bias", start.dt_bias, at::kFloat, 0, o.gate_rate);
    add("o_norm", start.o_norm, at::kFloat, 0, 1);
    m_slots[inputs].rows = fusedRows(dims);
    m_slots[inputs].rates = {1, 1, 1, o.new_rate, o.new_rate, o.new_rate, o.new_rate};
    restored();
    rememberGood();
}

at::Tensor LayerTrainer::run(const at::Tensor& x) const {
    JetParameters p;
    p.w2 = m_slots[w2].copy, p.w2_bias = m_slots[w2_bias].copy, p.o_proj = m_slots[o_proj].copy;
    p.A_log = m_slots[a_log].copy, p.dt_bias = m_slots[dt_bias].copy, p.o_norm = m_slots[o_norm].copy;
    return jetForwardFused(m_dims, p, m_slots[inputs].copy, x.to(m_slots[inputs].copy.scalar_type()));
}

LayerStep LayerTrainer::step(const at::Tensor& x, const at::Tensor& y, double lr) {
    const auto out = run(x);
    double loss = 0;
    at::Tensor gradient;
    {
        const c10::NoGradGuard no_grad;
        const auto target = y.to(at::kFloat);
        const auto difference = out.to(at::kFloat).sub_(target);
        const double scale = target.square().sum().item<double>();
        loss = difference.square().sum().item<double>() / scale;
        gradient = difference.mul_(2 / scale).to(out.scalar_type());
    }
    out.backward(gradient);

    const c10::NoGradGuard no_grad;
    double square = 0;
    for (const auto& slot : m_slots)
        square +=
            std::pow(at::linalg_vector_norm(slot.copy.grad(), 2, c10::nullopt, false, at::kFloat).item<double>(), 2);
    if (!std::isfinite(loss) || !std::isfinite(square)) {
        rollBack();
        return {loss, true};
    }
    m_counters[0] += 1;
    AdamwStep options;
    options.beta1 = m_options.beta1, options.beta2 = m_options.beta2, options.eps = m_options.eps;
    options.step = static_cast<std::int64_t>(m_counters[0].item<double>());
    options.grad_scale = std::min(1.0, m_options.clip / (std::sqrt(square) + 1e-12));
    for (auto& slot : m_slots) {
        const auto copy = slot.copy.detach(), grad = slot.copy.grad().contiguous();
        std::int64_t row = 0;
        for (std::size_t group = 0; group < slot.rates.size(); ++group) {
            const auto part = [&](const at::Tensor& t) {
                return slot.rows.empty() ? t : t.narrow(0, row, slot.rows[group]);
            };
            options.lr = lr * m_rate_scale * slot.rates[group];
            options.decay = slot.decay;
            adamw(part(slot.master), part(slot.m), part(slot.v), part(grad), part(copy), options);
            if (!slot.rows.empty()) row += slot.rows[group];
        }
        slot.copy.mutable_grad().reset();
    }
    return {loss, false};
}

std::pair<double, double> LayerTrainer::error(const at::Tensor& x, const at::Tensor& y) const {
    const c10::NoGradGuard no_grad;
    const auto out = run(x).to(at::kFloat);
    const auto target = y.to(at::kFloat);
    return {(out - target).square().sum().item<double>(), target.square().sum().item<double>()};
}

JetParameters LayerTrainer::parameters() const {
    const auto rows = m_slots[inputs].master.split_with_sizes(fusedRows(m_dims), 0);
    JetParameters p;
    std::size_t next = 0;
    for (auto* t : {&p.q_proj, &p.k_proj, &p.v_proj, &p.g_proj, &p.a_proj, &p.b_proj, &p.w1}) *t = rows[next++].clone();
    p.w2 = m_slots[w2].master.clone(), p.w2_bias = m_slots[w2_bias].master.clone();
    p.o_proj = m_slots[o_proj].master.clone();
    p.A_log = m_slots[a_log].master.clone(), p.dt_bias = m_slots[dt_bias].master.clone();
    p.o_norm = m_slots[o_norm].master.clone();
    return p;
}

void LayerTrainer::rememberGood() {
    for (auto& slot : m_slots) slot.good = slot.master.clone();
}

void LayerTrainer::rollBack() {
    for (auto& slot : m_slots) {
        slot.master.copy_(slot.good);
        slot.m.zero_();
        slot.v.zero_();
        slot.copy.mutable_grad().reset();
    }
    m_counters[0] = 0;
    m_counters[1] = m_rate_scale / 2;
    restored();
}

std::vector<std::pair<std::string, at::Tensor>> LayerTrainer::state() {
    std::vector<std::pair<std::string, at::Tensor>> all;
    for (const auto& slot : m_slots) {
        all.emplace_back(slot.name, slot.master);
        all.emplace_back(slot.name + ".m", slot.m);
        all.emplace_back(slot.name + ".v", slot.v);
    }
    all.emplace_back("counters", m_counters);
    return all;
}

void LayerTrainer::restored() {
    const c10::NoGradGuard no_grad;
    for (auto& slot : m_slots) slot.copy.copy_(slot.master);
    m_rate_scale = m_counters[1].item<double>();
}

}  // namespace airframe
