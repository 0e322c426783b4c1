// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/attention_decode.cuh"

#include "tests/kernels/attention_inputs.h"

namespace airframe::kernels::cuda::test {
namespace {

template <int DT, class Q>
void check(const AttentionCase& c, std::uint64_t seed, Report& report) {
    EmulatedAttention<Q> call(c, seed);
    const auto p = call.arguments(true);
    const AttentionShape& s = c.shape;
    run("attention_decode", attentionDecodeGrid<DT>(s.batch, s.groups, static_cast<std::size_t>(p.splits)), seed,
        [&] { attentionDecode<DT>(p); });
    run("attention_combine", attentionCombineGrid<DT>(s.batch, 1, s.heads), seed, [&] { attentionCombine<DT>(p); });
    call.compare(report);
}

constexpr AttentionStrides token_major{100 * 2 * 64, 64, 2 * 64};  ///< a cache [B, 100, 2, 64]

}  // namespace

void checkAttentionDecode(std::uint64_t seed, Report& report) {
    // {B, T, H, G, d, length, S, W, ring, scale, strides of q, keys, values}
    check<4, float>({{1, 1, 1, 1, 64, 1, 1}}, seed, report);
    check<4, float>({{2, 1, 6, 2, 64, 93, 100, 0, false, 0, {}, token_major, token_major}, 64, 1, true}, seed, report);
    check<8, float>({{1, 1, 12, 2, 128, 130, 140}}, seed, report);
    check<4, Bf16>({{1, 1, 16, 1, 64, 200, 200, 163}, 128, 40, true}, seed, report);
    check<8, Bf16>({{1, 1, 4, 4, 128, 171, 70, 64, true}, 64, 40}, seed, report);
    check<6, float>({{3, 1, 2, 1, 96, 321, 330}, 192, 1, true, {321, 64, 192}}, seed, report);
    check<4, float>({{3, 1, 3, 1, 64, 150, 130, 130, true}, 64, 1, false, {150, 1, 67}}, seed, report);
    // More splits than threads join them.
    check<4, float>({{1, 1, 1, 1, 64, 8263, 8263}, 64, 20, true}, seed, report);
}

}  // namespace airframe::kernels::cuda::test
