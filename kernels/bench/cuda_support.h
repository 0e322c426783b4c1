// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

#include "kernels/bench/cases.h"
#include "kernels/bench/guarded.h"
#include "kernels/bench/random_inputs.h"
#include "kernels/cuda/device.h"

namespace airframe::kernels::bench {

/// An output on the device, of float or Bf16, between guard zones; NaN until written.
template <class T>
class DeviceGuardedArray {
  public:
    explicit DeviceGuardedArray(std::size_t n)
        : DeviceGuardedArray(std::vector<T>(n, element(std::numeric_limits<float>::quiet_NaN()))) {}
    /// One that holds something before: a state that is updated in place.
    explicit DeviceGuardedArray(const std::vector<T>& values) : m_size(values.size()), m_array(guarded(values)) {}
    [[nodiscard]] T* data() const { return m_array.data() + zone; }
    [[nodiscard]] std::vector<T> values() const {
        const auto all = m_array.values();
        return {all.begin() + zone, all.end() - zone};
    }
    /// As GuardedArray::error.
    [[nodiscard]] double error(const std::vector<double>& want) const {
        const auto all = m_array.values();
        GuardedArray<T> here(m_size);
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (i >= zone && i < zone + m_size)
                here.data()[i - zone] = all[i];
            else if (toFloat(all[i]) != toFloat(element(mark)))
                return std::numeric_limits<double>::infinity();
        }
        return here.error(want);
    }

  private:
    static constexpr std::size_t zone = 64;
    static constexpr float mark = 12345.678f;
    static T element(float x) {
        T y;
        assign(y, x);
        return y;
    }
    static std::vector<T> guarded(const std::vector<T>& values) {
        std::vector<T> all(values.size() + 2 * zone, element(mark));
        std::copy(values.begin(), values.end(), all.begin() + zone);
        return all;
    }
    std::size_t m_size;
    cuda::DeviceArray<T> m_array;
};
using DeviceGuarded = DeviceGuardedArray<float>;

/// Inputs as T: rounded in place if that is bfloat16, so that the reference sees what the kernel sees.
template <class T>
std::vector<T> elements(Floats& x) {
    if constexpr (sizeof(T) == 2)
        return roundedToBf16(x);
    else
        return x;
}

/// By the device's clock: the best and the median of twenty samples of at least a millisecond.
inline void timeOnDeviceInto(std::vector<Timing>& out, Timing timing, double units, const cuda::Stream& stream,
                             const std::function<void()>& run) {
    run();
    const double once = cuda::timeOnDevice(stream, 3, run);
    const int runs = static_cast<int>(std::max(1.0, 1000 / std::max(0.1, once)));
    std::vector<double> times;
    for (int i = 0; i < 20; ++i) times.push_back(cuda::timeOnDevice(stream, runs, run) / units);
    std::sort(times.begin(), times.end());
    timing.best_us = times.front();
    timing.median_us = times[times.size() / 2];
    out.push_back(std::move(timing));
}

// Operators of the files cuda_*_bench.cpp; the table is in cuda_bench.cpp.
void checkCudaGatedDelta(std::uint64_t seed, std::vector<Check>& out);
void timeCudaGatedDelta(std::vector<Timing>& out);
void checkCudaLinearScan(std::uint64_t seed, std::vector<Check>& out);
void timeCudaLinearScan(std::vector<Timing>& out);
void checkCudaDeltaProduct(std::uint64_t seed, std::vector<Check>& out);
void timeCudaDeltaProduct(std::vector<Timing>& out);
void checkCudaShortConv(std::uint64_t seed, std::vector<Check>& out);
void timeCudaShortConv(std::vector<Timing>& out);
void checkCudaGeneratedConv(std::uint64_t seed, std::vector<Check>& out);
void timeCudaGeneratedConv(std::vector<Timing>& out);
void checkCudaAttention(std::uint64_t seed, std::vector<Check>& out);
void timeCudaAttention(std::vector<Timing>& out);
void checkCudaQuantizedVector(std::uint64_t seed, std::vector<Check>& out);
void timeCudaQuantizedVector(std::vector<Timing>& out);
void checkCudaQuantizedMatrix(std::uint64_t seed, std::vector<Check>& out);
void timeCudaQuantizedMatrix(std::vector<Timing>& out);
void checkCudaEmbedding(std::uint64_t seed, std::vector<Check>& out);
void timeCudaEmbedding(std::vector<Timing>& out);
void checkCudaLayerRows(std::uint64_t seed, std::vector<Check>& out);
void timeCudaLayerRows(std::vector<Timing>& out);
void checkCudaLayerStep(std::uint64_t seed, std::vector<Check>& out);
void timeCudaLayerStep(std::vector<Timing>& out);
void checkCudaJetStep(std::uint64_t seed, std::vector<Check>& out);
void timeCudaJetStep(std::vector<Timing>& out);

}  // namespace airframe::kernels::bench
