// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/native_rule.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>

#include "core/base/error.h"
#include "kernels/dynamic_conv.h"
#include "kernels/gated_delta.h"

namespace airframe {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Dense float32 data, or nullptr for an undefined tensor.
const float* in(const Tensor& x) { return x.defined() ? x.const_data_ptr<float>() : nullptr; }
float* out(const Tensor& x) { return x.defined() ? x.mutable_data_ptr<float>() : nullptr; }
Tensor dense(const Tensor& x) { return x.defined() ? x.contiguous() : x; }

kernels::GatedDeltaShape shapeOf(const Tensor& q, const Tensor& v) {
    const auto n = [](std::int64_t x) { return static_cast<std::size_t>(x); };
    return {n(q.size(0)), n(q.size(1)), n(q.size(2)), n(q.size(3)), n(v.size(3))};
}

kernels::GatedDeltaInputs inputsOf(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& g,
                                   const Tensor& beta, const Tensor& initial) {
    return {in(q), in(k), in(v), in(g), in(beta), in(initial), true};
}

struct Rule : torch::autograd::Function<Rule> {
    static variable_list forward(AutogradContext* context, Tensor q, Tensor k, Tensor v, Tensor g, Tensor beta,
                                 std::optional<Tensor> carried, bool keep) {
        q = dense(q), k = dense(k), v = dense(v), g = dense(g), beta = dense(beta);
        const Tensor initial = dense(carried.value_or(Tensor()));
        const auto shape = shapeOf(q, v);
        const auto B = q.size(0), H = q.size(2), K = q.size(3), V = v.size(3);
        const auto o = at::empty_like(v);
        const auto state = at::empty({B, H, K, V}, q.options());
        Tensor saved;
        if (keep) saved = at::empty({B, H, static_cast<std::int64_t>(kernels::savedStates(shape.tokens)), K, V}, q.options());
        const auto inputs = inputsOf(q, k, v, g, beta, initial);
        const kernels::GatedDeltaOutputs outputs{out(o), out(state), out(saved)};
        at::parallel_for(0, B * H, 1, [&](std::int64_t begin, std::int64_t end) {
            kernels::gatedDeltaForward(shape, inputs, outputs, static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
        });
        if (keep) context->save_for_backward({q, k, v, g, beta, initial, saved});
        return {o, state};
    }

    static variable_list backward(AutogradContext* context, variable_list grad) {
        const auto kept = context->get_saved_variables();
        const Tensor &q = kept[0], &k = kept[1], &v = kept[2], &g = kept[3], &beta = kept[4], &initial = kept[5];
        const auto shape = shapeOf(q, v);
        const auto d_o = grad[0].defined() ? grad[0].contiguous() : at::zeros_like(v), d_state = dense(grad[1]);
        const auto dq = at::empty_like(q), dk = at::empty_like(k), dv = at::empty_like(v), dg = at::empty_like(g),
                   dbeta = at::empty_like(beta);
        const Tensor d_initial = initial.defined() ? at::empty_like(initial) : Tensor();
        const auto inputs = inputsOf(q, k, v, g, beta, initial);
        const kernels::GatedDeltaGradients gradients{in(d_o), in(d_state), in(kept[6]), out(dq), out(dk),
                                                     out(dv), out(dg), out(dbeta), out(d_initial)};
        at::parallel_for(0, q.size(0) * q.size(2), 1, [&](std::int64_t begin, std::int64_t end) {
            kernels::gatedDeltaBackward(shape, inputs, gradients, static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
        });
        return {dq, dk, dv, dg, dbeta, d_initial, Tensor()};
    }
};

constexpr std::int64_t kChannelsPerThread = 64;  // below, starting a thread costs more than the work

struct Conv : torch::autograd::Function<Conv> {
    static kernels::DynamicConvShape shapeOf(const Tensor& u) {
        return {static_cast<std::size_t>(u.size(0)), static_cast<std::size_t>(u.size(1)), static_cast<std::size_t>(u.size(2)), 0};
    }

    static Tensor forward(AutogradContext* context, Tensor u, Tensor taps, std::optional<Tensor> before, bool keep) {
        u = dense(u), taps = dense(taps);
        const Tensor history = dense(before.value_or(Tensor()));
        const auto y = at::empty_like(u);
        const kernels::DynamicConvInputs<float> inputs{in(u), in(taps), in(history)};
        const kernels::DynamicConvOutputs<float> outputs{out(y), nullptr};
        at::parallel_for(0, u.size(2), kChannelsPerThread, [&](std::int64_t begin, std::int64_t end) {
            kernels::dynamicConvForward(shapeOf(u), inputs, outputs, static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
        });
        if (keep) context->save_for_backward({u, taps, history});
        return y;
    }

    static variable_list backward(AutogradContext* context, variable_list grad) {
        const auto kept = context->get_saved_variables();
        const Tensor &u = kept[0], &taps = kept[1], &history = kept[2];
        const auto dy = grad[0].contiguous(), du = at::empty_like(u), dtaps = at::empty_like(taps);
        const Tensor dhistory = history.defined() ? at::empty_like(history) : Tensor();
        const kernels::DynamicConvInputs<float> inputs{in(u), in(taps), in(history)};
        const kernels::DynamicConvGradients gradients{in(dy), out(du), out(dtaps), out(dhistory)};
        at::parallel_for(0, u.size(2), kChannelsPerThread, [&](std::int64_t begin, std::int64_t end) {
            kernels::dynamicConvBackward(shapeOf(u), inputs, gradients, static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
        });
        return {du, dtaps, dhistory, Tensor()};
    }
};

/// An undefined tensor is no argument for autograd; an absent one is.
std::optional<Tensor> ifDefined(const Tensor& x) { return x.defined() ? std::optional<Tensor>(x) : std::nullopt; }

/// Whether a backward pass may follow: only then are states kept.
bool tracked(std::initializer_list<Tensor> tensors) {
    if (!at::GradMode::is_enabled()) return false;
    for (const auto& t : tensors)
        if (t.defined() && t.requires_grad()) return true;
    return false;
}

void checkFits(std::initializer_list<Tensor> tensors, const char* where) {
    for (const auto& t : tensors)
        if (t.defined() && !nativeFits(t)) throw Failure(ErrorCode::internal, where, "float32 tensors on a CPU were wanted");
}

}  // namespace

bool nativeFits(const Tensor& x) { return x.device().is_cpu() && x.scalar_type() == at::kFloat; }

std::pair<Tensor, Tensor> gatedDeltaNative(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& g,
                                           const Tensor& beta, const Tensor& initial) {
    checkFits({q, k, v, g, beta, initial}, "native gated delta rule");
    const auto both = Rule::apply(q, k, v, g, beta, ifDefined(initial), tracked({q, k, v, g, beta, initial}));
    return {both[0], both[1]};
}

Tensor dynamicConvNative(const Tensor& u, const Tensor& taps, const Tensor& history) {
    checkFits({u, taps, history}, "native dynamic convolution");
    return Conv::apply(u, taps, ifDefined(history), tracked({u, taps, history}));
}

}  // namespace airframe
