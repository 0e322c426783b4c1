// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/linear_weight.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/cpu/Utils.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <optional>
#include <string>
#include <vector>

namespace airframe {
namespace {

/// LibTorch's two operators over packed weights have no C++ function; absent ones mean a build without oneDNN.
std::optional<c10::OperatorHandle> packer() {
    static const auto found = c10::Dispatcher::singleton().findSchema({"mkldnn::_reorder_linear_weight", ""});
    return found;
}
std::optional<c10::OperatorHandle> product() {
    static const auto found = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
    return found;
}

/// Without AVX-512, oneDNN has no fast product in bf16 and LibTorch's own is better.
bool packs(const at::Tensor& weight) {
    return weight.is_cpu() && weight.scalar_type() == at::kBFloat16 && at::cpu::is_avx512_vnni_supported() &&
           at::globalContext().userEnabledMkldnn() && packer() && product();
}

}  // namespace

LinearWeight LinearWeight::plain(const at::Tensor& weight, const at::Tensor& bias) {
    LinearWeight made;
    made.m_weight = weight;
    made.m_bias = bias;
    return made;
}

LinearWeight LinearWeight::packed(const at::Tensor& weight, const at::Tensor& bias) {
    if (!packs(weight)) return plain(weight.contiguous(), bias);
    const c10::InferenceMode ordinary(false);
    const c10::NoGradGuard no_grad;
    std::vector<c10::IValue> stack = {weight.contiguous(), c10::IValue()};  // for products of any number of rows
    packer()->callBoxed(&stack);
    return plain(stack.front().toTensor(), bias);
}

at::Tensor LinearWeight::operator()(const at::Tensor& x) const {
    if (!m_weight.is_mkldnn()) return at::linear(x, m_weight, m_bias);
    if (c10::GradMode::is_enabled() && x.requires_grad()) return at::linear(x, dense(), m_bias);
    std::vector<c10::IValue> stack = {x,
                                      m_weight,
                                      m_bias.defined() ? c10::IValue(m_bias) : c10::IValue(),
                                      std::string("none"),
                                      c10::List<std::optional<at::Scalar>>(),
                                      c10::IValue()};
    product()->callBoxed(&stack);
    return stack.front().toTensor();
}

at::Tensor LinearWeight::dense() const { return m_weight.is_mkldnn() ? m_weight.to_dense() : m_weight; }

}  // namespace airframe
