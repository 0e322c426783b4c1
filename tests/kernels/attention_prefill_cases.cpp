// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/attention_prefill.cuh"

#include "tests/kernels/attention_inputs.h"

namespace airframe::kernels::cuda::test {
namespace {

template <int DT, class Q>
void check(const AttentionCase& c, std::uint64_t seed, Report& report) {
    EmulatedAttention<Q> call(c, seed);
    const auto p = call.arguments(false);
    const AttentionShape& s = c.shape;
    run("attention_prefill",
        attentionPrefillGrid<DT>(s.batch, s.tokens, s.heads, s.groups, static_cast<std::size_t>(p.splits)), seed,
        [&] { attentionPrefill<DT>(p); });
    if (p.splits > 1)
        run("attention_combine", attentionCombineGrid<DT>(s.batch, s.tokens, s.heads), seed,
            [&] { attentionCombine<DT>(p); });
    call.compare(report);
}

constexpr AttentionStrides token_major{100 * 2 * 64, 64, 2 * 64};  ///< a cache [B, 100, 2, 64]

}  // namespace

void checkAttentionPrefill(std::uint64_t seed, Report& report) {
    // {B, T, H, G, d, length, S, W, ring, scale, strides of q, keys, values}
    constexpr int whole = 1 << 20;  // in one split
    check<4, float>({{1, 1, 1, 1, 64, 1, 1}, whole}, seed, report);
    check<4, Bf16>({{2, 50, 6, 2, 64, 93, 100, 0, false, 0, {}, token_major, token_major}, whole, 1, true}, seed,
                   report);
    // Tiles of which the first row of a warp sees all but the last position, or the last row all but the first.
    check<4, float>({{1, 128, 1, 1, 64, 190, 190}, whole, 40}, seed, report);
    check<4, Bf16>({{1, 1, 20, 1, 64, 191, 191}, whole}, seed, report);
    check<4, float>({{1, 66, 1, 1, 64, 166, 170, 70}, whole}, seed, report);
    check<4, float>({{1, 43, 3, 1, 64, 170, 170, 64}, whole}, seed, report);
    check<8, float>({{1, 70, 4, 2, 128, 135, 140, 33}, whole, 1, true}, seed, report);
    check<6, Bf16>({{2, 9, 10, 2, 96, 200, 60, 52, true}, whole, 40}, seed, report);
    check<16, float>({{1, 33, 2, 1, 256, 80, 90}, whole}, seed, report);
    // Few queries over many positions: several splits, some of which see nothing.
    check<4, float>({{2, 17, 3, 1, 64, 200, 200}, 64, 1, true}, seed, report);
    check<8, Bf16>({{3, 5, 2, 2, 128, 190, 190}, 64, 40, true, {190, 5, 130}}, seed, report);
    check<6, float>({{1, 150, 2, 2, 96, 330, 330, 70}, 64}, seed, report);
}

}  // namespace airframe::kernels::cuda::test
