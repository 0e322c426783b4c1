// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/embedding.cuh"

#include "tests/kernels/quantized_inputs.h"

namespace airframe::kernels::cuda::test {
namespace {

template <WeightType W, class T>
void check(std::size_t n, std::size_t k, const std::vector<std::int32_t>& rows, std::uint64_t seed, Report& report) {
    std::mt19937_64 random(seed);
    EmulatedWeight weight(W, n, k, random);
    GlobalArray<std::int32_t> ids("rows", rows);
    auto out = unwritten<T>("out", rows.size() * k);
    const EmbeddingArguments<T> p{weight.kernelView(), static_cast<int>(rows.size()), ids, out};
    run("embedding", embeddingGrid<W>(rows.size(), k), seed, [&] { embedding<W>(p); });
    // A row that is not there is all NaN; then it is set to zero, to compare the others.
    auto got = out.values();
    std::vector<double> want;
    int numbers = 0;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const bool there = rows[r] >= 0 && rows[r] < static_cast<std::int32_t>(n);
        for (std::size_t c = 0; c < k; ++c) {
            T& x = got[r * k + c];
            if (!there) {
                if (!std::isnan(toFloat(x))) ++numbers;
                assign(x, 0.0f);
            }
            want.push_back(there ? weight.values()[static_cast<std::size_t>(rows[r]) * k + c] : 0.0);
        }
    }
    const std::string name = weightTypeName(W) + std::string(sizeof(T) == 2 ? " to bf16" : " to float32");
    report.compare(name, relativeError(got, want), sizeof(T) == 2 ? 5e-3 : 1e-6);
    report.compare(name + ", rows that are not there", numbers, 0);
}

template <WeightType W>
void checkType(std::uint64_t seed, Report& report) {
    check<W, float>(7, 160, {3, 0, 6, 6, 1}, seed, report);
    check<W, Bf16>(5, 96, {4, -1, 2, 5, 0, 1 << 30}, seed, report);
    check<W, float>(3, 4096, {2}, seed, report);
}

}  // namespace

void checkEmbedding(std::uint64_t seed, Report& report) {
    checkType<WeightType::q8_0>(seed, report);
    checkType<WeightType::q4_0>(seed, report);
    checkType<WeightType::q4_1>(seed, report);
    checkType<WeightType::bfloat16>(seed, report);
    checkType<WeightType::float16>(seed, report);
}

}  // namespace airframe::kernels::cuda::test
