// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <vector>

// The machine under the emulated bodies of the names in kernels/cuda/device.cuh (emulated_device.h). A block's threads are
// fibres of one CPU thread; at every barrier, shuffle or tensor-core product the next one to run is drawn at random. Every
// access to memory is checked: inside its array, aligned, written before it is read, and ordered against other threads'
// accesses by a barrier.

namespace airframe::kernels::cuda {
namespace emulated {

using Site = std::source_location;

/// What a kernel did wrong: kernel, place, address and threads in words.
struct Wrong : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Who touched one granule of memory last. Two accesses of different threads, one of them a write, must be parted by a
/// barrier of the block, or of the warp if both are of one warp; different blocks are never ordered.
struct Cell {
    static constexpr int none = -1, many = -2;
    std::uint32_t launch = 0;  ///< marks of an earlier launch mean nothing
    bool written = false;
    int copying = none;  ///< thread whose asynchronous copy into this granule is under way
    int write_block = none, write_thread = 0, read_block = none, read_warp = 0, read_thread = 0;
    std::uint32_t write_epoch = 0, write_warp_epoch = 0, read_epoch = 0, read_warp_epoch = 0;
};
struct Shadow {
    std::string name;
    std::vector<Cell> cells;
    bool needs_writing = false;  ///< a read before any write is wrong: shared memory
};

/// Checks and records an access to `count` granules from `first` on; never returns if it is wrong.
void touch(Shadow& shadow, std::size_t first, std::size_t count, bool write);
/// Reports `what` with kernel, block and thread, and leaves the kernel.
[[noreturn]] void wrong(const std::string& what);
void boundsCheck(const char* what, const std::string& name, std::size_t i, std::size_t count, std::size_t size);
void alignCheck(const std::string& name, const void* address, std::size_t bytes);

struct Place {
    int thread, block_x, block_y, block_z;
};
const Place& place();

void barrier(Site site);
void warpBarrier(Site site);
/// Gives `bytes` of this lane to its warp and waits for the other 31; returns the 32 lanes' slots, `slot_bytes` apart,
/// valid until this lane's next exchange.
inline constexpr std::size_t slot_bytes = 32;
const unsigned char* exchange(const void* mine, std::size_t bytes, Site site);
template <class T>
T slot(const unsigned char* slots, int lane) {
    T x;
    std::memcpy(&x, slots + static_cast<std::size_t>(lane) * slot_bytes, sizeof x);
    return x;
}

/// The block's shared memory: filled with NaN patterns before the block starts. Its granule is two bytes.
unsigned char* sharedMemory();
std::size_t sharedBytes();
Shadow& sharedShadow();
void copyLater(unsigned char* to, std::size_t granule, const void* from);
void commit();
void wait(int groups);

struct Launch {
    std::string kernel;
    int grid_x = 1, grid_y = 1, grid_z = 1, threads = 32;
    std::size_t shared = 0;  ///< bytes
};
/// Runs `body` once per thread, block by block in random order. Throws Wrong for the first thing that is wrong.
void run(const Launch& launch, std::uint64_t seed, const std::function<void()>& body);

}  // namespace emulated
}  // namespace airframe::kernels::cuda
