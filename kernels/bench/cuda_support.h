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

/// An output on the device between guard zones, NaN until written.
class DeviceGuarded {
  public:
    explicit DeviceGuarded(std::size_t n) : DeviceGuarded(Floats(n, std::numeric_limits<float>::quiet_NaN())) {}
    /// One that holds something before: a state that is updated in place.
    explicit DeviceGuarded(const Floats& values) : m_size(values.size()), m_array(guarded(values)) {}
    [[nodiscard]] float* data() const { return m_array.data() + zone; }
    [[nodiscard]] double error(const std::vector<double>& want) const {
        const Floats all = m_array.values();
        Guarded here(m_size);
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (i >= zone && i < zone + m_size) here.data()[i - zone] = all[i];
            else if (all[i] != mark) return std::numeric_limits<double>::infinity();
        }
        return here.error(want);
    }

  private:
    static constexpr std::size_t zone = 64;
    static constexpr float mark = 12345.678f;
    static Floats guarded(const Floats& values) {
        Floats all(values.size() + 2 * zone, mark);
        std::copy(values.begin(), values.end(), all.begin() + zone);
        return all;
    }
    std::size_t m_size;
    cuda::DeviceArray<float> m_array;
};

/// By the device's clock: the best and the median of twenty samples of at least a millisecond.
inline void timeOnDeviceInto(std::vector<Timing>& out, Timing timing, double units, const cuda::Stream& stream, const std::function<void()>& run) {
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

// Operators of cuda_matrix_bench.cpp; the table is in cuda_bench.cpp.
void checkCudaGeneratedConv(std::uint64_t seed, std::vector<Check>& out);
void timeCudaGeneratedConv(std::vector<Timing>& out);
void checkCudaAttention(std::uint64_t seed, std::vector<Check>& out);
void timeCudaAttention(std::vector<Timing>& out);
void checkCudaQuantizedVector(std::uint64_t seed, std::vector<Check>& out);
void timeCudaQuantizedVector(std::vector<Timing>& out);

}  // namespace airframe::kernels::bench
