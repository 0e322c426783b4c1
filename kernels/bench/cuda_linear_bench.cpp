// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/bench/cuda_weight.h"

// Products with a weight as model files store it, and rows of one, on a CUDA device.

namespace airframe::kernels::bench {
namespace {

using cuda::DeviceArray;

constexpr WeightType types[] = {WeightType::q8_0, WeightType::q4_0, WeightType::q4_1, WeightType::bfloat16,
                                WeightType::float16};

std::string words(WeightType type, std::size_t rows, std::size_t n, std::size_t k) {
    return weightTypeName(type) + std::string(" R=") + std::to_string(rows) + " " + std::to_string(n) + "x" +
           std::to_string(k);
}

template <class T>
constexpr bool onTensorCores(std::size_t rows) {
    return sizeof(T) == 2 && rows > cuda::quantized_few_rows;
}
template <class T>
std::string kernel(std::size_t rows) {
    return onTensorCores<T>(rows) ? "cuda quantized_matrix " : "cuda quantized_vector ";
}

template <class T>
void checkProduct(WeightType type, std::size_t rows, std::size_t n, std::size_t k, bool add, std::mt19937_64& random,
                  std::vector<Check>& out) {
    const DeviceWeight weight(type, n, k, random);
    Floats x = normal(random, rows * k);
    const Floats before = normal(random, rows * n);
    const DeviceArray<T> dx(elements<T>(x));
    auto want = reference::linear({x.begin(), x.end()}, weight.values(), rows, n, k);
    for (std::size_t i = 0; add && i < want.size(); ++i) want[i] += before[i];
    const DeviceGuarded y = add ? DeviceGuarded(before) : DeviceGuarded(rows * n);
    const cuda::Stream stream;
    cuda::quantizedLinear(weight.matrix(), LinearInputs<T>{dx.data(), rows}, {y.data(), 0, add}, stream);
    stream.wait();
    out.push_back({kernel<T>(rows) + words(type, rows, n, k), y.error(want), onTensorCores<T>(rows) ? 5e-3 : 1e-6});
}

template <class T>
void timeProduct(const DeviceWeight& weight, std::size_t rows, std::vector<Timing>& out) {
    std::mt19937_64 random(1);
    const auto [type, n, k, quants, scales] = weight.matrix();
    Floats x = normal(random, rows * k);
    const DeviceArray<T> dx(elements<T>(x));
    const DeviceArray<float> y{Floats(rows * n)};
    const cuda::Stream stream;
    const double r = static_cast<double>(rows), all = static_cast<double>(n) * static_cast<double>(k);
    timeOnDeviceInto(out,
                     {kernel<T>(rows) + words(type, rows, n, k), "product", 0, 0,
                      static_cast<double>(n * weightRowBytes(type, k)) + r * static_cast<double>(sizeof(T) * k + 4 * n),
                      2 * r * all},
                     1, stream, [&] {
                         cuda::quantizedLinear(weight.matrix(), LinearInputs<T>{dx.data(), rows}, {y.data()}, stream);
                     });
}

template <class T>
void checkRowsOf(WeightType type, std::mt19937_64& random, std::vector<Check>& out) {
    const std::size_t n = 1000, k = 576;
    const DeviceWeight weight(type, n, k, random);
    std::vector<std::int32_t> rows;
    for (int i = 0; i < 137; ++i) rows.push_back(static_cast<std::int32_t>(random() % n));
    std::vector<double> want;
    for (const std::int32_t row : rows) {
        const auto from = weight.values().begin() + static_cast<std::ptrdiff_t>(row) * static_cast<std::ptrdiff_t>(k);
        want.insert(want.end(), from, from + static_cast<std::ptrdiff_t>(k));
    }
    const DeviceArray<std::int32_t> drows(rows);
    const DeviceGuardedArray<T> y(want.size());
    const cuda::Stream stream;
    cuda::embedding(weight.matrix(), drows.data(), rows.size(), y.data(), stream);
    stream.wait();
    out.push_back(
        {std::string("cuda embedding ") + weightTypeName(type) + (sizeof(T) == 2 ? " to bf16" : " to float32"),
         y.error(want), sizeof(T) == 2 ? 5e-3 : 1e-6});
}

}  // namespace

void checkCudaQuantizedVector(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const WeightType type : types) {
        checkProduct<float>(type, 1, 7, 32, false, random, out);
        checkProduct<float>(type, 1, 333, 544, true, random, out);
        checkProduct<float>(type, 5, 1000, 1536, false, random, out);
        checkProduct<float>(type, 1, 9000, 1536, true, random, out);  // few lanes to a row
        checkProduct<Bf16>(type, 16, 130, 8960, true, random, out);   // many, and x in several tiles
    }
}
void checkCudaQuantizedMatrix(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const WeightType type : types) {
        checkProduct<Bf16>(type, 17, 7, 32, false, random, out);
        checkProduct<Bf16>(type, 35, 333, 544, true, random, out);
        checkProduct<Bf16>(type, 300, 700, 96, true, random, out);
        // Enough tiles of 128 x 128 for every device.
        checkProduct<Bf16>(type, 1500, 3000, 96, false, random, out);
    }
}
void checkCudaEmbedding(std::uint64_t seed, std::vector<Check>& out) {
    std::mt19937_64 random(seed);
    for (const WeightType type : types) {
        checkRowsOf<float>(type, random, out);
        checkRowsOf<Bf16>(type, random, out);
    }
}

void timeCudaQuantizedVector(std::vector<Timing>& out) {
    std::mt19937_64 random(1);
    for (const WeightType type : types) {
        const DeviceWeight weight(type, 8960, 1536, random);
        timeProduct<float>(weight, 1, out);
        for (const std::size_t rows : {4u, 8u, 16u}) timeProduct<Bf16>(weight, rows, out);
    }
    timeProduct<float>(DeviceWeight(WeightType::q8_0, 49152, 576, random), 1, out);
    timeProduct<float>(DeviceWeight(WeightType::q4_1, 1536, 8960, random), 1, out);
}
void timeCudaQuantizedMatrix(std::vector<Timing>& out) {
    std::mt19937_64 random(1);
    for (const WeightType type : types) {
        const DeviceWeight weight(type, 8960, 1536, random);
        for (const std::size_t rows : {32u, 512u, 4096u}) timeProduct<Bf16>(weight, rows, out);
    }
}
void timeCudaEmbedding(std::vector<Timing>& out) {
    const std::size_t n = 49152, k = 576, count = 4096;
    std::mt19937_64 random(1);
    const DeviceWeight weight(WeightType::q8_0, n, k, random);
    std::vector<std::int32_t> rows;
    for (std::size_t i = 0; i < count; ++i) rows.push_back(static_cast<std::int32_t>(random() % n));
    const DeviceArray<std::int32_t> drows(rows);
    const DeviceArray<float> y{Floats(count * k)};
    const cuda::Stream stream;
    timeOnDeviceInto(out,
                     {"cuda embedding q8_0 49152x576", "row", 0, 0,
                      static_cast<double>(weightRowBytes(WeightType::q8_0, k) + 4 * k), 1.0 * k},
                     count, stream, [&] { cuda::embedding(weight.matrix(), drows.data(), count, y.data(), stream); });
}

}  // namespace airframe::kernels::bench
