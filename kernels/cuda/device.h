// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace airframe::kernels::cuda {

/// Empty if kernels can run on the first CUDA device; otherwise why not, and what to do about it.
[[nodiscard]] std::string whyUnavailable();
/// "NVIDIA H100 80GB HBM3, sm_90, 132 multiprocessors". Throws std::runtime_error where there is none, as do all
/// functions and constructors below; so does every failure that the CUDA runtime reports, in its own words.
[[nodiscard]] std::string deviceReport();

/// An ordered queue of work. Owns its handle; one thread at a time.
class Stream {
  public:
    Stream();
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    /// Returns when all its work is done; throws if any of it failed.
    void wait() const;
    [[nodiscard]] void* handle() const { return m_handle; }  ///< a cudaStream_t

  private:
    void* m_handle = nullptr;
};

/// Memory on the device.
class DeviceMemory {
  public:
    explicit DeviceMemory(std::size_t bytes = 0) { grow(bytes); }
    ~DeviceMemory();
    DeviceMemory(const DeviceMemory&) = delete;
    DeviceMemory& operator=(const DeviceMemory&) = delete;
    /// At least that many bytes; what was there is lost if it must move. Not while a stream still uses it.
    void grow(std::size_t bytes);
    void upload(const void* from, std::size_t bytes);
    void download(void* to, std::size_t bytes) const;
    [[nodiscard]] void* data() const { return m_data; }

  private:
    void* m_data = nullptr;
    std::size_t m_bytes = 0;
};

/// A vector's values on the device.
template <class T>
class DeviceArray {
  public:
    explicit DeviceArray(const std::vector<T>& values) : m_memory(values.size() * sizeof(T)), m_size(values.size()) {
        m_memory.upload(values.data(), m_size * sizeof(T));
    }
    [[nodiscard]] T* data() const { return static_cast<T*>(m_memory.data()); }
    [[nodiscard]] std::vector<T> values() const {
        std::vector<T> out(m_size);
        m_memory.download(out.data(), m_size * sizeof(T));
        return out;
    }

  private:
    DeviceMemory m_memory;
    std::size_t m_size;
};

/// Work recorded once and launched as a whole: a decode step without the cost of its single launches. What `work` puts
/// on the stream must have the same arrays and sizes every time; it is recorded, not run.
class Graph {
  public:
    Graph(const Stream& stream, const std::function<void()>& work);
    ~Graph();
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;
    void launch(const Stream& stream) const;

  private:
    void* m_executable = nullptr;
};

/// Microseconds per run of `runs` runs of `work`, by the device's own clock.
[[nodiscard]] double timeOnDevice(const Stream& stream, int runs, const std::function<void()>& work);

struct DevicePeak {
    double copy_gb_s = 0;     ///< measured: bytes read and written by a copy of 256 MiB
    double fp32_gflop_s = 0;  ///< from the multiprocessors' number and clock: 128 multiply-adds each per cycle
};
[[nodiscard]] DevicePeak devicePeak();

}  // namespace airframe::kernels::cuda
