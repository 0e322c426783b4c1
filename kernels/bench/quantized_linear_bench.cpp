// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>

#include "kernels/bench/cases.h"
#include "kernels/bench/guarded.h"
#include "kernels/bench/random_inputs.h"
#include "kernels/bench/timer.h"
#include "kernels/quantized_linear.h"
#include "kernels/reference/quantized_linear_reference.h"
#include "kernels/simd/simd.h"

namespace airframe::kernels::bench {
namespace {

constexpr WeightType types[] = {WeightType::float32, WeightType::float16, WeightType::bfloat16, WeightType::q8_0,
                                WeightType::q4_0,    WeightType::q4_1,    WeightType::q8_16,    WeightType::q4_16};

std::vector<std::byte> stored(WeightType type, const Floats& rows, std::size_t n, std::size_t k) {
    std::vector<std::byte> bytes(n * weightRowBytes(type, k));
    quantizeRows(type, rows.data(), n, k, bytes.data());
    return bytes;
}

/// What one stored value may differ from the value it was made of, relative to the largest magnitude of its block: half a
/// step of the type (q4_0's largest positive value may lie a whole step past the last level), and the rounding of the
/// scale to 11 bits.
double storedError(WeightType type) {
    switch (type) {
        case WeightType::float32: return 0;
        case WeightType::float16: return 1.0 / 2048;
        case WeightType::bfloat16: return 1.0 / 256;
        case WeightType::q8_0: return 0.5 / 127 + 1.0 / 2048;
        case WeightType::q4_0: return 1.0 / 8 + 1.0 / 1024;
        case WeightType::q4_1:
        case WeightType::q4_16: return 1.0 / 15 + 1.0 / 512;
        case WeightType::q8_16: return 1.0 / 255 + 1.0 / 512;
    }
    return 0;
}

void checkStored(WeightType type, std::mt19937_64& random, std::vector<Check>& out) {
    constexpr std::size_t n = 19, k = 96;
    const Floats rows = normal(random, n * k);
    const auto bytes = stored(type, rows, n, k);
    const auto want = reference::dequantize(type, bytes.data(), n, k);
    double worst = 0;
    for (std::size_t block = 0; block < n * k / weight_block; ++block) {
        double most = 0;
        for (std::size_t i = 0; i < weight_block; ++i) most = std::max<double>(most, std::abs(rows[block * weight_block + i]));
        for (std::size_t i = block * weight_block; i < (block + 1) * weight_block; ++i)
            worst = std::max(worst, std::abs(want[i] - rows[i]) / most);
    }
    const std::string name = std::string("quantized_linear ") + weightTypeName(type);
    out.push_back({name + " stored", worst, storedError(type)});
    // The packed form keeps every value: float32 of d n + m, one rounding.
    const WeightRows parts[] = {{bytes.data(), 7}, {bytes.data() + 7 * weightRowBytes(type, k), n - 7}};
    const PackedWeight packed(type, k, parts);
    Guarded back(n * k);
    for (std::size_t r = 0; r < n; ++r) packed.dequantizeRow(r, back.data() + r * k);
    out.push_back({name + " packed", back.error(want), isQuantised(type) ? 1e-7 : 0});
}

template <class T>
void checkProduct(WeightType type, std::size_t rows, std::size_t n, std::size_t k, bool add, std::mt19937_64& random, std::vector<Check>& out) {
    const Floats weight = normal(random, n * k);
    const auto bytes = stored(type, weight, n, k);
    const WeightRows part{bytes.data(), n};
    const PackedWeight packed(type, k, {&part, 1});
    const std::size_t stride = k + 6, y_stride = n + 3;
    std::vector<T> x(rows * stride);
    std::normal_distribution<float> draw;
    for (T& value : x) assign(value, draw(random));
    std::vector<double> dense;
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < k; ++c) dense.push_back(toFloat(x[r * stride + c]));
    auto weights = reference::dequantize(type, bytes.data(), n, k);
    const auto want = reference::linear(dense, weights, rows, n, k);
    // A sum of products is held against the root of its squared terms: a sum that cancels has no more digits than those.
    for (double& value : dense) value *= value;
    for (double& value : weights) value *= value;
    const auto squares = reference::linear(dense, weights, rows, n, k);
    // Strided rows of y: what lies between them must stay NaN, so the wanted rows are compared one by one.
    std::vector<float> y(rows * y_stride, std::numeric_limits<float>::quiet_NaN());
    if (add)
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < n; ++c) y[r * y_stride + c] = 1.0f;
    const std::size_t units = packed.units(), middle = units / 2;
    quantizedLinear(packed, LinearInputs<T>{x.data(), rows, stride}, {y.data(), y_stride, add}, middle, units);
    quantizedLinear(packed, LinearInputs<T>{x.data(), rows, stride}, {y.data(), y_stride, add}, 0, middle);
    double difference = 0, size = 0;
    bool touched = false;
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < y_stride; ++c) {
            if (c >= n) {
                touched |= !std::isnan(y[r * y_stride + c]);
                continue;
            }
            const double d = y[r * y_stride + c] - (want[r * n + c] + (add ? 1 : 0));
            difference += d * d;
            size += squares[r * n + c];
        }
    // Exact products in both element types; sums in float32.
    const double error = touched ? std::numeric_limits<double>::infinity() : std::sqrt(difference / size);
    out.push_back({std::string("quantized_linear ") + weightTypeName(type) + (sizeof(T) == 2 ? " bf16 " : " float32 ") + std::to_string(rows) +
                       "x" + std::to_string(k) + "x" + std::to_string(n) + (add ? " add" : ""),
                   error, 1e-6});
}

void timeProduct(WeightType type, std::size_t rows, std::size_t n, std::size_t k, unsigned threads, std::vector<Timing>& out) {
    std::mt19937_64 random(1);
    // Enough copies that the weights come from memory, as they do in a model.
    const auto bytes = stored(type, normal(random, n * k), n, k);
    const WeightRows part{bytes.data(), n};
    std::vector<PackedWeight> copies;
    const std::size_t count = rows <= 8 ? (std::size_t{160} << 20) / bytes.size() + 1 : 1;
    for (std::size_t i = 0; i < count; ++i) copies.emplace_back(type, k, std::span(&part, 1));
    const std::vector<Bf16> x(rows * k, toBf16(0.5f));
    std::vector<float> y(rows * n);
    const std::size_t units = copies[0].units();
    const auto work = [&](unsigned t) {
        for (const PackedWeight& w : copies)
            quantizedLinear(w, LinearInputs<Bf16>{x.data(), rows}, {y.data()}, units * t / threads, units * (t + 1) / threads);
    };
    const double r = static_cast<double>(rows), products = static_cast<double>(n * k);
    timeInto(out,
             {std::string("quantized_linear ") + weightTypeName(type) + " " + std::to_string(rows) + "x" + std::to_string(k) + "x" + std::to_string(n),
              "row", 0, 0, static_cast<double>(copies[0].bytes()) / r + 2.0 * static_cast<double>(k) + 4.0 * static_cast<double>(n),
              2 * products, threads, type != WeightType::float32 && type != WeightType::float16},
             r * static_cast<double>(count), [&] {
                 std::vector<std::jthread> team;
                 for (unsigned t = 1; t < threads; ++t) team.emplace_back(work, t);
                 work(0);
             });
}

}  // namespace

void checkQuantizedLinear(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const WeightType type : types) {
        checkStored(type, random, out);
        for (const std::size_t rows : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 13u, 70u})
            for (const std::size_t n : {1u, 16u, 33u, 96u}) {
                checkProduct<float>(type, rows, n, 64, n == 33, random, out);
                checkProduct<Bf16>(type, rows, n, 64, n == 33, random, out);
                if (!simd::hasBf16Dot()) continue;
                simd::allowBf16Dot(false);  // what processors without bf16 dot products run
                checkProduct<Bf16>(type, rows, n, 64, n == 33, random, out);
                simd::allowBf16Dot(true);
            }
        checkProduct<Bf16>(type, 3, 20, isQuantised(type) ? 576 : 571, false, random, out);
        checkProduct<float>(type, 8, 20, isQuantised(type) ? 576 : 571, false, random, out);
    }
}

void timeQuantizedLinear(std::vector<Timing>& out) {
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    for (const WeightType type : {WeightType::q4_1, WeightType::q4_0, WeightType::q8_0, WeightType::q8_16, WeightType::q4_16, WeightType::bfloat16})
        for (const std::size_t rows : {1u, 8u, 144u})
            for (unsigned threads = 1; threads <= cores; threads += std::max(1u, cores - 1))
                timeProduct(type, rows, 3072, 576, threads, out);
}

}  // namespace airframe::kernels::bench
