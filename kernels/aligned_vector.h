// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/aligned_memory.h"

namespace airframe::kernels {

/// An allocator of such arrays; see aligned_memory.h.
template <class T>
struct AlignedAllocator {
    using value_type = T;
    AlignedAllocator() = default;
    template <class U>
    AlignedAllocator(const AlignedAllocator<U>&) {}
    T* allocate(std::size_t n) { return static_cast<T*>(allocateAligned(n * sizeof(T))); }
    void deallocate(T* p, std::size_t n) { freeAligned(p, n * sizeof(T)); }
    friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};

template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace airframe::kernels
