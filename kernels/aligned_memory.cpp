// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/aligned_memory.h"

#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace airframe::kernels {
namespace {

constexpr std::size_t cache_line = 64, huge_page = std::size_t{2} << 20, worth_huge_pages = 2 * huge_page;

std::align_val_t alignmentFor(std::size_t bytes) { return std::align_val_t{bytes < worth_huge_pages ? cache_line : huge_page}; }

}  // namespace

void* allocateAligned(std::size_t bytes) {
    void* memory = ::operator new(bytes, alignmentFor(bytes));
#if defined(__linux__)
    if (bytes >= worth_huge_pages) madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: refused, ordinary pages serve
#endif
    return memory;
}

void freeAligned(void* memory, std::size_t bytes) { ::operator delete(memory, alignmentFor(bytes)); }

}  // namespace airframe::kernels
