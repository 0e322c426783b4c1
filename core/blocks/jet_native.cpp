// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/jet_native.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "core/blocks/native_arrays.h"
#include "kernels/dynamic_conv.h"
#include "kernels/gated_delta.h"
#include "kernels/gated_norm.h"
#include "kernels/jet_gates.h"

namespace airframe {
namespace {

constexpr std::int64_t kRowsPerThread = 8;       // below, waking a thread costs more than the row's activations
constexpr std::int64_t kChannelsPerThread = 64;  // of a whole sequence
constexpr std::int64_t kValuesPerThread = 16384;

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

template <class Work>
void parallel(std::int64_t count, std::int64_t grain, Work&& work) {
    at::parallel_for(0, count, std::max<std::int64_t>(1, grain),
                     [&](std::int64_t begin, std::int64_t end) { work(size(begin), size(end)); });
}

template <class E>
at::Tensor run(const JetDims& dims, const JetNativeWeights& p, const at::Tensor& x, JetCarry* carry) {
    const std::int64_t B = x.size(0), T = x.size(1), rows = B * T, H = dims.heads;
    const kernels::JetGatesShape shape{size(H), size(dims.keyDim()), size(dims.valueDim()), size(dims.generator)};
    const auto wide = x.options().dtype(at::kFloat);
    const at::Tensor projected = p.inputs(x).contiguous();  // [B, T, q | k | v | g | a | b | w1]
    const E* row = readArray<E>(projected);

    const at::Tensor q = at::empty({rows, dims.keyDim()}, wide), k = at::empty_like(q);
    const at::Tensor g = at::empty({rows, H}, wide), beta = at::empty_like(g);
    const at::Tensor hidden = at::empty({rows, dims.generator}, x.options());
    const kernels::JetGatesWeights gate_weights{p.A_log.const_data_ptr<float>(), p.dt_bias.const_data_ptr<float>()};
    const kernels::JetGatesOutputs<E> gates{writeArray<float>(q), writeArray<float>(k), writeArray<float>(g),
                                            writeArray<float>(beta), writeArray<E>(hidden)};
    parallel(rows, kRowsPerThread, [&](std::size_t begin, std::size_t end) {
        kernels::jetGates(shape, row, gate_weights, gates, begin, end);
    });

    const at::Tensor taps = p.w2(hidden).contiguous();  // [B*T, H*V*4]
    const at::Tensor v = at::empty({rows, dims.valueDim()}, wide);
    at::Tensor before, after;
    if (carry) {
        if (carry->conv.defined()) before = carry->conv.to(x.scalar_type()).contiguous();
        after = at::empty({B, dims.valueDim(), 4}, x.options());
    }
    const kernels::DynamicConvShape conv{size(B), size(T), size(dims.valueDim()), shape.row()};
    const kernels::DynamicConvInputs<E> conv_in{row + shape.v(), readArray<E>(taps),
                                                before.defined() ? readArray<E>(before) : nullptr};
    const kernels::DynamicConvOutputs<E> conv_out{writeArray<float>(v), carry ? writeArray<E>(after) : nullptr};
    parallel(dims.valueDim(), std::max(kChannelsPerThread, kValuesPerThread / rows),
             [&](std::size_t begin, std::size_t end) { kernels::dynamicConvForward(conv, conv_in, conv_out, begin, end); });

    const at::Tensor o = at::empty_like(v);
    at::Tensor state;
    const bool continued = carry && carry->recurrent.defined();
    if (continued) state = carry->recurrent.to(at::kFloat).contiguous();  // and updated where it lies
    if (carry && !continued) state = at::empty({B, H, dims.k, dims.v}, wide);
    const kernels::GatedDeltaShape rule{size(B), size(T), size(H), size(dims.k), size(dims.v)};
    const kernels::GatedDeltaInputs rule_in{gates.q,    gates.k, conv_out.y, gates.decay,
                                            gates.beta, continued ? readArray<float>(state) : nullptr, true};
    const kernels::GatedDeltaOutputs rule_out{writeArray<float>(o), carry ? writeArray<float>(state) : nullptr, nullptr};
    parallel(B * H, kValuesPerThread / (std::int64_t{T} * dims.k * dims.v), [&](std::size_t begin, std::size_t end) {
        kernels::gatedDeltaForward(rule, rule_in, rule_out, begin, end);
    });
    if (carry) carry->conv = after, carry->recurrent = state;

    const at::Tensor y = at::empty({B, T, dims.valueDim()}, x.options());
    const kernels::GatedNormShape norm{size(H), size(dims.v), shape.row(), static_cast<float>(dims.norm_eps)};
    parallel(rows, kRowsPerThread, [&](std::size_t begin, std::size_t end) {
        kernels::gatedNorm(norm, rule_out.o, p.o_norm.const_data_ptr<float>(), row + shape.g(), writeArray<E>(y), begin, end);
    });
    return y;
}

}  // namespace

at::Tensor jetFeaturesNative(const JetDims& dims, const JetNativeWeights& weights, const at::Tensor& x, JetCarry* carry) {
    at::Tensor y;
    withElement(x, [&]<class E>(E) { y = run<E>(dims, weights, x, carry); });
    return y;
}

}  // namespace airframe
