// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/gated_delta.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>
#include <string>

#include "core/base/error.h"
#include "core/blocks/unit_lower_inverse.h"

namespace airframe {
namespace {

using at::Tensor;

void checkShapes(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& g, const Tensor& beta) {
    const auto bad = [](const char* what) { throw Failure(ErrorCode::internal, "gated delta rule", what); };
    if (q.dim() != 4 || v.dim() != 4 || q.sizes() != k.sizes()) bad("q and k must be [B, T, H, K] and v [B, T, H, V]");
    if (v.sizes().slice(0, 3) != q.sizes().slice(0, 3)) bad("B, T or H of v differ from those of q");
    if (g.sizes() != q.sizes().slice(0, 3) || beta.sizes() != g.sizes()) bad("g and beta must be [B, T, H]");
}

Tensor startState(const Tensor& initial, const Tensor& q, const Tensor& v) {
    if (initial.defined()) return initial.to(q.scalar_type());
    return at::zeros({q.size(0), q.size(2), q.size(3), v.size(3)}, q.options());
}

/// sums[.., i, j] = g_{j+1} + ... + g_i for j <= i, -inf above the diagonal. Formed by adding, never by subtracting two
/// long sums, so that decays of any strength (-inf too) stay exact.
Tensor segmentSums(const Tensor& g) {
    const auto c = g.size(-1);
    const auto ones = at::ones({c, c}, g.options().dtype(at::kBool).requires_grad(false));
    auto parts = g.unsqueeze(-1).expand({g.size(0), g.size(1), c, c}).masked_fill(ones.triu(), 0);
    return parts.cumsum(-2).masked_fill(ones.triu(1), -std::numeric_limits<double>::infinity());
}

/// [B, T, H, X] -> [N, B*H, C, X], time padded with zeros: a token with k = v = beta = g = 0 changes nothing.
Tensor intoChunks(const Tensor& x, std::int64_t chunk) {
    const auto pad = (chunk - x.size(1) % chunk) % chunk;
    const auto t = pad > 0 ? at::constant_pad_nd(x, {0, 0, 0, 0, 0, pad}) : x;
    const auto B = t.size(0), N = t.size(1) / chunk, H = t.size(2), X = t.size(3);
    return t.view({B, N, chunk, H, X}).permute({1, 0, 3, 2, 4}).reshape({N, B * H, chunk, X});
}

}  // namespace

std::pair<Tensor, Tensor> gatedDeltaRecurrent(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& g,
                                              const Tensor& beta, const Tensor& initial) {
    checkShapes(q, k, v, g, beta);
    const double scale = 1.0 / std::sqrt(static_cast<double>(q.size(3)));
    Tensor s = startState(initial, q, v);
    const Tensor alpha = g.exp();
    std::vector<Tensor> out;
    for (std::int64_t t = 0; t < q.size(1); ++t) {
        const auto kt = k.select(1, t).unsqueeze(-1);                                           // [B, H, K, 1]
        s = s * alpha.select(1, t).unsqueeze(-1).unsqueeze(-1);                                 // decay first
        const auto error = v.select(1, t).unsqueeze(-2) - at::matmul(kt.transpose(-1, -2), s);  // [B, H, 1, V]
        s = s + at::matmul(kt, error * beta.select(1, t).unsqueeze(-1).unsqueeze(-1));
        out.push_back(at::matmul(q.select(1, t).unsqueeze(-2) * scale, s).squeeze(-2));
    }
    return {at::stack(out, 1), s};
}

std::pair<Tensor, Tensor> gatedDeltaChunked(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& g,
                                            const Tensor& beta, const Tensor& initial, int chunk) {
    checkShapes(q, k, v, g, beta);
    const auto B = q.size(0), T = q.size(1), H = q.size(2), K = q.size(3), V = v.size(3);
    const double scale = 1.0 / std::sqrt(static_cast<double>(K));
    const std::int64_t C = chunk;

    const auto qc = intoChunks(q * scale, C), kc = intoChunks(k, C), vc = intoChunks(v, C);
    const auto gc = intoChunks(g.unsqueeze(-1), C).squeeze(-1), bc = intoChunks(beta.unsqueeze(-1), C).squeeze(-1);
    const auto N = qc.size(0);

    const auto decay = segmentSums(gc).exp();     // [N, B*H, C, C] exp(G_i - G_j), 0 above the diagonal
    const auto from_start = gc.cumsum(-1).exp();  // [N, B*H, C]    exp(G_i)
    const auto to_end = decay.select(-2, C - 1);  // [N, B*H, C]    exp(G_C - G_i)
    const auto total = from_start.narrow(-1, C - 1, 1).unsqueeze(-1);  // [N, B*H, 1, 1] exp(G_C)

    // The inverse holds no gates; they come back as a product with `decay` because diag(exp G) commutes with it.
    const auto keys = at::matmul(kc * bc.unsqueeze(-1), kc.transpose(-1, -2));
    const auto mix = unitLowerInverse(keys.view({N * B * H, C, C})).view({N, B * H, C, C}) * decay * bc.unsqueeze(-2);
    const auto read = at::matmul(qc, kc.transpose(-1, -2)) * decay;  // decay is 0 above the diagonal
    const auto probe = at::cat({kc * from_start.unsqueeze(-1), qc * from_start.unsqueeze(-1)}, -2);  // [N, B*H, 2C, K]
    const auto write = (kc * to_end.unsqueeze(-1)).transpose(-1, -2);

    // unbind and split, because their gradients are one stack or cat instead of a sum of padded parts.
    const auto probes = probe.unbind(), mixes = mix.unbind(), values = vc.unbind(), reads = read.unbind(),
               writes = write.unbind(), totals = total.unbind();
    Tensor s = startState(initial, q, v).reshape({B * H, K, V});
    std::vector<Tensor> out;
    for (std::size_t n = 0; n < static_cast<std::size_t>(N); ++n) {
        const auto seen = at::bmm(probes[n], s).split(C, 1);  // what the state says to the keys, to the queries
        const auto written = at::bmm(mixes[n], values[n] - seen[0]);
        out.push_back(at::baddbmm(seen[1], reads[n], written));
        s = at::baddbmm(s * totals[n], writes[n], written);
    }
    const auto o = at::stack(out, 1).view({B, H, N * C, V}).narrow(2, 0, T).transpose(1, 2);
    return {o, s.view({B, H, K, V})};
}

}  // namespace airframe
