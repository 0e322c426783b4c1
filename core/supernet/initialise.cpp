// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/initialise.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <numbers>

#include "core/blocks/jet.h"
#include "core/base/error.h"
#include "core/blocks/block_registry.h"

namespace airframe {
namespace {

constexpr double kShortest = 8, kLongest = 512;  // tokens: half-lives of the fastest and the slowest head
constexpr double kPass = 1.2784645;              // silu(kPass) = 1

/// (a + relative * mean diagonal * I)^-1 b for a symmetric positive a [N, N].
at::Tensor ridge(const at::Tensor& a, const at::Tensor& b, double relative) {
    auto m = a.clone();
    m.diagonal().add_(relative * a.diagonal().mean().item<double>() + 1e-12);
    return at::cholesky_solve(b, at::linalg_cholesky(m));
}

}  // namespace

at::Tensor expandHeads(const at::Tensor& w, int heads, int kv_heads) {
    if (kv_heads < 1 || heads % kv_heads != 0 || w.size(0) % kv_heads != 0)
        throw Failure(
            ErrorCode::bad_input, "attention",
            std::to_string(heads) + " query heads cannot share " + std::to_string(kv_heads) + " key/value heads");
    return w.view({kv_heads, -1, w.size(1)}).repeat_interleave(heads / kv_heads, 0).flatten(0, 1);
}

JetDims jetDimsFor(const ModelConfig& config) {
    const auto dims = findBlock("jet").default_dims(config);
    return {config.hidden, dims.at("heads"), dims.at("k"), dims.at("v"), dims.at("generator"), config.jet_norm_eps};
}

JetParameters initialiseFromTeacher(const AttentionBlock& teacher, const JetDims& dims, std::int64_t seed, int layer) {
    const auto& from = teacher.dims();
    if (dims.hidden != from.hidden || dims.heads != from.heads || dims.k != from.head_dim || dims.v != from.head_dim)
        throw Failure(ErrorCode::bad_input, "layer " + std::to_string(layer),
                      "a block with the attention's heads and head size was wanted, to copy its projections",
                      "use " + std::to_string(from.heads) + " heads with K = V = " + std::to_string(from.head_dim));
    auto generator =
        at::detail::createCPUGenerator(static_cast<std::uint64_t>(seed) * 1000003u + static_cast<std::uint64_t>(layer));
    const auto normal = [&](std::int64_t rows, std::int64_t columns, double deviation) {
        return at::randn({rows, columns}, generator).mul_(deviation);
    };
    JetParameters p;
    p.q_proj = teacher.qProj().clone();
    p.k_proj = expandHeads(teacher.kProj(), from.heads, from.kv_heads);
    p.v_proj = expandHeads(teacher.vProj(), from.heads, from.kv_heads);
    p.o_proj = teacher.oProj().clone();
    p.g_proj = normal(dims.valueDim(), dims.hidden, 0.02);
    p.a_proj = normal(dims.heads, dims.hidden, 0.002);
    p.b_proj = normal(dims.heads, dims.hidden, 0.002);
    // With A_log = 0 and a_proj x near 0 the log decay is -softplus(dt_bias) = -ln 2 / half-life.
    p.A_log = at::zeros({dims.heads});
    const auto place = at::arange(dims.heads, at::kDouble) / std::max(1, dims.heads - 1);
    const auto rate = std::numbers::ln2 / (kShortest * at::pow(kLongest / kShortest, place));
    p.dt_bias = at::log(at::expm1(rate)).to(at::kFloat);
    p.w1 = normal(dims.generator, dims.hidden, 0.02);
    p.w2 = at::zeros({dims.valueDim() * 4, dims.generator});
    p.w2_bias = at::zeros({dims.valueDim(), 4});
    p.w2_bias.select(1, 3).fill_(1);
    p.w2_bias = p.w2_bias.flatten();
    p.o_norm = at::ones({dims.v});
    return p;
}

void calibrate(const JetDims& dims, JetParameters& p, const at::Tensor& x, const at::Tensor& y) {
    const auto rows = x.reshape({-1, x.size(-1)}).to(at::kFloat), out = y.reshape({-1, y.size(-1)}).to(at::kFloat);
    const auto moments = at::matmul(rows.t(), rows);
    const auto constant = ridge(moments, rows.sum(0, false, at::kFloat).unsqueeze(-1) * kPass, 1e-3);
    p.g_proj = p.g_proj + constant.t();
    const auto features = jetFeatures(dims, p, p.fusedInputs(), x.to(at::kFloat)).reshape({-1, dims.valueDim()});
    p.o_proj = ridge(at::matmul(features.t(), features), at::matmul(features.t(), out), 1e-3).t().contiguous();
}

}  // namespace airframe
