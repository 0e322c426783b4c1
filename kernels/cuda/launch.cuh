// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>

#include "kernels/cuda/device.h"
#include "kernels/cuda/grid.h"
#include "kernels/sequences.h"

namespace airframe::kernels::cuda {

/// Throws std::runtime_error for anything but success: what was being done, and the runtime's words.
inline void check(cudaError_t code, const char* doing) {
    if (code != cudaSuccess) throw std::runtime_error(std::string("CUDA: ") + doing + ": " + cudaGetErrorString(code));
}

inline void checkArrays(const char* operation, std::initializer_list<const void*> arrays) {
    for (const void* array : arrays)
        if (!array) throw std::invalid_argument(std::string(operation) + " on CUDA: an array is missing");
}
/// Sizes must be at least 1, and fit the 32-bit integers that the kernels count with.
inline void checkSizes(const char* operation, std::initializer_list<std::size_t> sizes) {
    for (const std::size_t size : sizes)
        if (size == 0 || size > INT32_MAX)
            throw std::invalid_argument(std::string(operation) + " on CUDA: a size is " + std::to_string(size) +
                                        "; 1 to 2147483647 is possible");
}
inline bool aligned(std::initializer_list<const void*> arrays, std::size_t bytes) {
    for (const void* array : arrays)
        if (reinterpret_cast<std::uintptr_t>(array) % bytes) return false;
    return true;
}

/// Bytes of shared memory that a block may ask for.
inline std::size_t sharedMemoryLimit(const char* operation) {
    int device = 0, bytes = 0;
    check(cudaGetDevice(&device), operation);
    check(cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device), operation);
    return static_cast<std::size_t>(bytes);
}
/// Multiprocessors of the device in use.
inline std::size_t multiprocessors(const char* operation) {
    int device = 0, count = 0;
    check(cudaGetDevice(&device), operation);
    check(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device), operation);
    return static_cast<std::size_t>(count);
}
/// Packed sequences want a batch of one; their offsets lie on the device and are read there only.
inline void checkPacked(const char* operation, const Sequences& s, std::size_t batch) {
    if (s.offsets && (batch != 1 || s.count == 0))
        throw std::invalid_argument(std::string(operation) + " on CUDA: packed sequences want a batch of 1 and at least one " +
                                    "sequence, not " + std::to_string(batch) + " and " + std::to_string(s.count));
}

/// Launches `kernel` with one argument on the stream; asks for its shared memory first.
template <class Arguments>
void launch(void (*kernel)(Arguments), const char* name, const Grid& grid, const Arguments& arguments,
            const Stream& stream) {
    if (grid.y > 65535 || grid.z > 65535)
        throw std::invalid_argument(std::string(name) + " on CUDA: too many blocks; split the call");
    if (grid.shared > 48 * 1024)
        check(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel), cudaFuncAttributeMaxDynamicSharedMemorySize,
                                   static_cast<int>(grid.shared)),
              name);
    kernel<<<dim3(grid.x, grid.y, grid.z), grid.threads, grid.shared, static_cast<cudaStream_t>(stream.handle())>>>(
        arguments);
    check(cudaGetLastError(), name);
}

}  // namespace airframe::kernels::cuda
