// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/jet.h"

#include <ATen/ATen.h>

#include <tuple>

#include "core/base/error.h"
#include "core/blocks/dynamic_conv.h"
#include "core/blocks/gated_delta.h"
#include "core/blocks/jet_native.h"
#include "core/blocks/native_rows.h"
#include "core/blocks/native_rule.h"

namespace airframe {
namespace {

constexpr double kL2Eps = 1e-6;              // inside the root, as flash-linear-attention 0.3 and later
constexpr std::int64_t kRecurrentUpTo = 16;  // tokens; above, the chunked form is faster

/// y / sqrt(sum y^2 + eps) over the last axis.
at::Tensor l2Normalised(const at::Tensor& y) {
    return y * at::rsqrt(y.square().sum(-1, true) + kL2Eps);
}

/// The chunked form at its default length.
std::pair<at::Tensor, at::Tensor> plainChunked(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                               const at::Tensor& g, const at::Tensor& beta, const at::Tensor& initial) {
    return gatedDeltaChunked(q, k, v, g, beta, initial);
}

}  // namespace

const std::vector<std::pair<std::string, at::Tensor JetParameters::*>>& JetParameters::table() {
    using P = JetParameters;
    static const std::vector<std::pair<std::string, at::Tensor P::*>> rows = {
        {"q_proj.weight", &P::q_proj},
        {"k_proj.weight", &P::k_proj},
        {"v_proj.weight", &P::v_proj},
        {"g_proj.weight", &P::g_proj},
        {"a_proj.weight", &P::a_proj},
        {"b_proj.weight", &P::b_proj},
        {"A_log", &P::A_log},
        {"dt_bias", &P::dt_bias},
        {"dynamic_conv1d.kernel_generator.w1.weight", &P::w1},
        {"dynamic_conv1d.kernel_generator.w2.weight", &P::w2},
        {"dynamic_conv1d.kernel_generator.w2.bias", &P::w2_bias},
        {"o_norm.weight", &P::o_norm},
        {"o_proj.weight", &P::o_proj},
    };
    return rows;
}

std::vector<std::vector<std::int64_t>> JetParameters::shapes(const JetDims& d) {
    const std::int64_t D = d.hidden, H = d.heads, HK = d.keyDim(), HV = d.valueDim(), R = d.generator;
    return {{HK, D}, {HK, D}, {HV, D},     {HV, D},  {H, D}, {H, D}, {H},
            {H},     {R, D},  {HV * 4, R}, {HV * 4}, {d.v},  {D, HV}};
}

void JetParameters::check(const JetDims& dims, const std::string& where) const {
    const auto want = shapes(dims);
    for (std::size_t i = 0; i < table().size(); ++i) {
        const auto& [name, member] = table()[i];
        const at::Tensor& t = this->*member;
        const auto text = [](at::IntArrayRef shape) {
            std::string s = "[";
            for (const auto n : shape) s += (s.size() > 1 ? ", " : "") + std::to_string(n);
            return s + "]";
        };
        if (!t.defined()) throw Failure(ErrorCode::bad_input, where + "." + name, "the tensor is missing");
        if (t.sizes() != at::IntArrayRef(want[i]))
            throw Failure(ErrorCode::bad_input, where + "." + name,
                          "shape " + text(want[i]) + " was wanted, " + text(t.sizes()) + " was found",
                          "use a checkpoint made with these block dimensions");
    }
}

at::Tensor JetParameters::fusedInputs() const {
    return at::cat({q_proj, k_proj, v_proj, g_proj, a_proj, b_proj, w1}, 0);
}

std::vector<std::int64_t> fusedRows(const JetDims& d) {
    return {d.keyDim(), d.keyDim(), d.valueDim(), d.valueDim(), d.heads, d.heads, d.generator};
}

at::Tensor jetForward(const JetDims& dims, const JetParameters& p, const at::Tensor& x, JetCarry* carry,
                      std::optional<bool> recurrent) {
    return jetForwardFused(dims, p, p.fusedInputs(), x, carry, recurrent);
}

at::Tensor jetForwardFused(const JetDims& dims, const JetParameters& p, const at::Tensor& inputs, const at::Tensor& x,
                           JetCarry* carry, std::optional<bool> recurrent) {
    return at::linear(jetFeatures(dims, p, inputs, x, carry, recurrent), p.o_proj);
}

// Steps as numbered in the published model: 1 q, k; 2 u; 3, 4 the convolution; 6 gates; 7, 8 the rule; 9 the output
// gate.
at::Tensor jetFeatures(const JetDims& dims, const JetParameters& p, const at::Tensor& inputs, const at::Tensor& x,
                       JetCarry* carry, std::optional<bool> recurrent) {
    if (!recurrent.has_value() && nativeForwardFits({x, inputs, p.w2, p.w2_bias, p.A_log, p.dt_bias, p.o_norm}))
        return jetFeaturesNative(
            dims, {LinearWeight::plain(inputs), LinearWeight::plain(p.w2, p.w2_bias), p.A_log, p.dt_bias, p.o_norm}, x, carry);
    const auto B = x.size(0), T = x.size(1);
    const auto wide = x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const auto parts = at::linear(x, inputs).split_with_sizes(fusedRows(dims), -1);
    const auto heads = [&](const at::Tensor& t, int size) { return t.to(wide).view({B, T, dims.heads, size}); };

    const auto q = heads(at::silu(parts[0]), dims.k), k = heads(at::silu(parts[1]), dims.k);
    const auto taps = at::linear(at::silu(parts[6]), p.w2, p.w2_bias);
    const auto g = -p.A_log.to(wide).exp() * at::softplus(parts[4].to(wide) + p.dt_bias.to(wide));
    const auto beta = at::sigmoid(parts[5].to(wide));
    const auto history = carry ? carry->conv : at::Tensor(), initial = carry ? carry->recurrent : at::Tensor();

    at::Tensor o, state;
    if (nativeFits(q) && !recurrent.has_value()) {
        const auto before = history.defined() ? history.to(wide) : history;
        const auto v = heads(dynamicConvNative(parts[2].to(wide), taps.to(wide), before), dims.v);
        std::tie(o, state) = gatedDeltaNative(q, k, v, g, beta, initial);
    } else {
        const auto v = heads(dynamicConv(parts[2], taps, history), dims.v);
        const auto rule = recurrent.value_or(T <= kRecurrentUpTo) ? gatedDeltaRecurrent : plainChunked;
        std::tie(o, state) = rule(l2Normalised(q), l2Normalised(k), v, g, beta, initial);
    }
    if (carry) {
        carry->conv = convHistory(parts[2], carry->conv);
        carry->recurrent = state;
    }
    const auto normed = o * at::rsqrt(o.square().mean(-1, true) + dims.norm_eps) * p.o_norm.to(wide);
    const auto gated = normed * at::silu(heads(parts[3], dims.v));
    return gated.reshape({B, T, dims.valueDim()}).to(x.scalar_type());
}

}  // namespace airframe
