// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/device.h"

#include "kernels/cuda/launch.cuh"

namespace airframe::kernels::cuda {
namespace {

int attribute(cudaDeviceAttr which) {
    int value = 0;
    check(cudaDeviceGetAttribute(&value, which, 0), "asking the device what it is");
    return value;
}

/// A pair of events, destroyed with it.
struct Events {
    cudaEvent_t begin = nullptr, end = nullptr;
    Events() {
        check(cudaEventCreate(&begin), "making an event");
        if (const auto code = cudaEventCreate(&end); code != cudaSuccess) {
            cudaEventDestroy(begin);
            check(code, "making an event");
        }
    }
    ~Events() {
        cudaEventDestroy(begin);
        cudaEventDestroy(end);
    }
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;
};

}  // namespace

std::string whyUnavailable() {
    int count = 0;
    const cudaError_t code = cudaGetDeviceCount(&count);
    if (code != cudaSuccess || count == 0)
        return std::string("no CUDA device was found; the CUDA runtime says: ") +
               (code == cudaSuccess ? "no device" : cudaGetErrorString(code)) +
               "; check with nvidia-smi, or run without --device";
    if (const int major = attribute(cudaDevAttrComputeCapabilityMajor); major < 8)
        return "the CUDA device has compute capability " + std::to_string(major) + "." +
               std::to_string(attribute(cudaDevAttrComputeCapabilityMinor)) + "; 8.0 or later is needed";
    return {};
}

std::string deviceReport() {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, 0), "asking the device what it is");
    return std::string(properties.name) + ", sm_" + std::to_string(properties.major) +
           std::to_string(properties.minor) + ", " + std::to_string(properties.multiProcessorCount) +
           " multiprocessors";
}

Stream::Stream() {
    cudaStream_t stream = nullptr;
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "making a stream");
    m_handle = stream;
}
Stream::~Stream() {
    cudaStreamDestroy(static_cast<cudaStream_t>(m_handle));
}
void Stream::wait() const {
    check(cudaStreamSynchronize(static_cast<cudaStream_t>(m_handle)), "waiting for a stream");
}

DeviceMemory::~DeviceMemory() {
    cudaFree(m_data);
}
void DeviceMemory::grow(std::size_t bytes) {
    if (bytes <= m_bytes) return;
    check(cudaFree(m_data), "freeing memory");
    m_data = nullptr;
    m_bytes = 0;
    check(cudaMalloc(&m_data, bytes), "allocating memory");
    m_bytes = bytes;
}
void DeviceMemory::upload(const void* from, std::size_t bytes) {
    if (bytes > m_bytes) throw std::invalid_argument("DeviceMemory: more bytes than it has");
    if (bytes == 0) return;  // there is no memory to name
    check(cudaMemcpy(m_data, from, bytes, cudaMemcpyHostToDevice), "copying to the device");
    // A copy from pageable memory may return before the last of it has arrived, and our streams do not wait for it.
    check(cudaStreamSynchronize(nullptr), "copying to the device");
}
void DeviceMemory::download(void* to, std::size_t bytes) const {
    if (bytes > m_bytes) throw std::invalid_argument("DeviceMemory: more bytes than it has");
    check(cudaMemcpy(to, m_data, bytes, cudaMemcpyDeviceToHost), "copying from the device");
}

Graph::Graph(const Stream& stream, const std::function<void()>& work) {
    const auto s = static_cast<cudaStream_t>(stream.handle());
    check(cudaStreamBeginCapture(s, cudaStreamCaptureModeThreadLocal), "recording a graph");
    cudaGraph_t graph = nullptr;
    try {
        work();
    } catch (...) {
        cudaStreamEndCapture(s, &graph);
        if (graph) cudaGraphDestroy(graph);
        throw;
    }
    check(cudaStreamEndCapture(s, &graph), "recording a graph");
    cudaGraphExec_t executable = nullptr;
    const cudaError_t code = cudaGraphInstantiate(&executable, graph, 0);
    cudaGraphDestroy(graph);
    check(code, "making a graph ready");
    m_executable = executable;
}
Graph::~Graph() {
    cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(m_executable));
}
void Graph::launch(const Stream& stream) const {
    check(cudaGraphLaunch(static_cast<cudaGraphExec_t>(m_executable), static_cast<cudaStream_t>(stream.handle())),
          "launching a graph");
}

double timeOnDevice(const Stream& stream, int runs, const std::function<void()>& work) {
    const auto s = static_cast<cudaStream_t>(stream.handle());
    const Events events;
    check(cudaEventRecord(events.begin, s), "timing");
    for (int i = 0; i < runs; ++i) work();
    check(cudaEventRecord(events.end, s), "timing");
    check(cudaEventSynchronize(events.end), "timing");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, events.begin, events.end), "timing");
    return 1e3 * milliseconds / runs;
}

DevicePeak devicePeak() {
    constexpr std::size_t bytes = std::size_t{256} << 20;
    const DeviceMemory from(bytes), to(bytes);
    const Stream stream;
    const auto copy = [&] {
        check(cudaMemcpyAsync(to.data(), from.data(), bytes, cudaMemcpyDeviceToDevice,
                              static_cast<cudaStream_t>(stream.handle())),
              "copying on the device");
    };
    copy();
    const double microseconds = timeOnDevice(stream, 10, copy);
    return {2e-3 * static_cast<double>(bytes) / microseconds,
            2e-6 * 128 * attribute(cudaDevAttrMultiProcessorCount) * attribute(cudaDevAttrClockRate)};
}

}  // namespace airframe::kernels::cuda
