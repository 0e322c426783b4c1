// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/attention_decode.cuh"

#include "tests/kernels/emulated.h"

namespace airframe::kernels::cuda::test {
namespace {

template <int DT>
void runBoth(AttentionArguments& p, std::size_t batch, std::uint64_t seed) {
    const auto heads = static_cast<std::size_t>(p.heads), splits = static_cast<std::size_t>(p.splits);
    auto partial = unwritten("partial", batch * heads * splits * 16 * DT),
         statistics = unwritten("statistics", batch * heads * splits * 2);
    p.partial = partial, p.statistics = statistics;
    run("attention_splits", attentionSplitsGrid<DT>(batch, static_cast<std::size_t>(p.kv_heads), splits), seed,
        [&] { attentionSplits<DT>(p); });
    run("attention_combine", attentionCombineGrid(batch, heads), seed, [&] { attentionCombine<DT>(p); });
}

}  // namespace

void checkAttentionDecode(std::uint64_t seed, Report& report) {
    struct Case {
        std::size_t batch, heads, kv_heads, d;
        int capacity, begin, end, span;
        float scale;  ///< of the queries: 40 makes one key take nearly all
    };
    for (const auto& c : {Case{1, 1, 1, 64, 1, 0, 1, 64, 1}, Case{2, 6, 2, 64, 100, 0, 93, 64, 1},
                          Case{1, 12, 2, 128, 140, 0, 130, 64, 1}, Case{1, 16, 1, 64, 200, 37, 200, 128, 40},
                          Case{1, 4, 4, 128, 80, 7, 71, 64, 40}, Case{1, 2, 1, 64, 330, 0, 321, 192, 1}}) {
        std::mt19937_64 random(seed);
        const auto capacity = static_cast<std::size_t>(c.capacity), n = c.batch * c.kv_heads * capacity * c.d;
        auto k = bench::normal(random, n), v = bench::normal(random, n),
             q = bench::normal(random, c.batch * c.heads * c.d, c.scale);
        const auto k_bits = bench::roundedToBf16(k), v_bits = bench::roundedToBf16(v);
        static_cast<void>(bench::roundedToBf16(q));  // as a bf16 model's queries are
        const double scale = 1 / std::sqrt(static_cast<double>(c.d));
        std::vector<double> want(q.size(), 0.0);
        for (std::size_t h = 0; h < c.batch * c.heads; ++h) {
            const std::size_t pair = h / c.heads * c.kv_heads + h % c.heads / (c.heads / c.kv_heads);
            double sum = 0;
            for (auto j = static_cast<std::size_t>(c.begin); j < static_cast<std::size_t>(c.end); ++j) {
                double dot = 0;
                for (std::size_t i = 0; i < c.d; ++i)
                    dot += double(q[h * c.d + i]) * k[(pair * capacity + j) * c.d + i];
                const double weight = std::exp(dot * scale);
                sum += weight;
                for (std::size_t i = 0; i < c.d; ++i) want[h * c.d + i] += weight * v[(pair * capacity + j) * c.d + i];
            }
            for (std::size_t i = 0; i < c.d; ++i) want[h * c.d + i] /= sum;
        }
        GlobalArray<float> gq("q", q);
        GlobalArray<Bf16> gk("keys", k_bits), gv("values", v_bits);
        auto out = unwritten("o", q.size());
        AttentionArguments p;
        p.heads = static_cast<int>(c.heads), p.kv_heads = static_cast<int>(c.kv_heads), p.capacity = c.capacity;
        p.begin = c.begin, p.end = c.end, p.span = c.span, p.splits = (c.end - c.begin + c.span - 1) / c.span;
        p.scale = static_cast<float>(scale);
        p.queries = gq, p.keys = gk, p.values = gv, p.out = out;
        if (c.d == 64)
            runBoth<4>(p, c.batch, seed);
        else
            runBoth<8>(p, c.batch, seed);
        report.compare("H=" + std::to_string(c.heads) + "/" + std::to_string(c.kv_heads) + " d=" + std::to_string(c.d) +
                           " " + std::to_string(c.begin) + ".." + std::to_string(c.end),
                       relativeError(out.values(), want), 5e-3);
    }
}

}  // namespace airframe::kernels::cuda::test
