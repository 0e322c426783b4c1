// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The only names that a kernel may use of the machine it runs on. Each has a device body (here, for nvcc) and an
// emulated one (tests/support/emulated_device.h, for a C++ compiler): so the same kernel source runs on a GPU and, checked
// access by access, on a CPU. Inline PTX stands in this file only. Fragment layouts are those of the PTX manual, chapters
// "mma.m16n8k16" and "ldmatrix"; everything needs sm_80 or later.
//
//   threadX() lane() warp() blockX() blockY() blockZ()       where this thread stands
//   Global<T>, Shared<T>, sharedArray<T>(byte, count)        views of memory; Array<T, N>: registers
//   load4 store4 load2 store2 storePair loadPair loadBytes storeBytes 16, 8 and 4 bytes at once, aligned
//   copyAsync16 commitCopies waitCopies<N>                   cp.async: 16 bytes from global to shared memory
//   syncThreads syncWarp                                     barriers of the block and of the warp
//   shuffleXor shuffleUp shuffleIndex ballot anyLane         between the 32 lanes of a warp, all of which must call
//   ldmatrix ldmatrixTrans mmaBf16                           tensor-core operands and products
//   widen widenHalf byteLess narrow packBf16 exponential exponential2 exponentialPair multiplyAdd inverseRoot infinity   numbers

#include <cstddef>
#include <cstdint>

#include "kernels/bf16.h"

#ifndef __CUDACC__
#include "tests/support/emulated_device.h"
#else

#define AIRFRAME_DEVICE __device__ __forceinline__
#define AIRFRAME_HOST_DEVICE __host__ __device__ __forceinline__
#define AIRFRAME_UNROLL _Pragma("unroll")
#define AIRFRAME_UNROLL4 _Pragma("unroll 4")

namespace airframe::kernels::cuda {

/// N values that stay in registers: every index must be known once loops are unrolled.
template <class T, int N>
struct Array {
    T values[N];
    AIRFRAME_DEVICE T& operator[](int i) { return values[i]; }
    AIRFRAME_DEVICE const T& operator[](int i) const { return values[i]; }
};
struct alignas(16) Float4 {
    float x, y, z, w;
};
struct alignas(8) Float2 {
    float x, y;
};

/// A kernel's argument in global memory; the emulated one also knows its size.
template <class T>
struct Global {
    T* data = nullptr;
    AIRFRAME_DEVICE bool given() const { return data != nullptr; }
    AIRFRAME_DEVICE T& operator[](std::size_t i) const { return data[i]; }
};
template <class T>
struct Shared {
    T* data;
    AIRFRAME_DEVICE T& operator[](int i) const { return data[i]; }
};
/// `count` elements of the block's dynamic shared memory from byte `byte` on; it starts 16-byte aligned.
template <class T>
AIRFRAME_DEVICE Shared<T> sharedArray(int byte, int count) {
    extern __shared__ __align__(16) unsigned char airframe_shared[];
    return {reinterpret_cast<T*>(airframe_shared + byte)};
}

AIRFRAME_DEVICE int threadX() { return static_cast<int>(threadIdx.x); }
AIRFRAME_DEVICE int lane() { return static_cast<int>(threadIdx.x & 31); }
AIRFRAME_DEVICE int warp() { return static_cast<int>(threadIdx.x >> 5); }
AIRFRAME_DEVICE int blockX() { return static_cast<int>(blockIdx.x); }
AIRFRAME_DEVICE int blockY() { return static_cast<int>(blockIdx.y); }
AIRFRAME_DEVICE int blockZ() { return static_cast<int>(blockIdx.z); }

template <class View>
AIRFRAME_DEVICE Float4 load4(View from, std::size_t i) {
    const float4 x = *reinterpret_cast<const float4*>(from.data + i);
    return {x.x, x.y, x.z, x.w};
}
template <class View>
AIRFRAME_DEVICE void store4(View to, std::size_t i, Float4 x) {
    *reinterpret_cast<float4*>(to.data + i) = make_float4(x.x, x.y, x.z, x.w);
}
/// Four bfloat16, 8 bytes, as floats.
AIRFRAME_DEVICE Float4 load4(Global<const Bf16> from, std::size_t i) {
    const uint2 x = *reinterpret_cast<const uint2*>(from.data + i);
    return {__uint_as_float(x.x << 16), __uint_as_float(x.x & 0xffff0000u), __uint_as_float(x.y << 16), __uint_as_float(x.y & 0xffff0000u)};
}
template <class View>
AIRFRAME_DEVICE Float2 load2(View from, std::size_t i) {
    const float2 x = *reinterpret_cast<const float2*>(from.data + i);
    return {x.x, x.y};
}
template <class View>
AIRFRAME_DEVICE void store2(View to, std::size_t i, Float2 x) {
    *reinterpret_cast<float2*>(to.data + i) = make_float2(x.x, x.y);
}
/// Sixteen bytes, four to a word, the first in the lowest bits.
template <class View>
AIRFRAME_DEVICE Array<std::uint32_t, 4> loadBytes(View from, std::size_t i) {
    const uint4 x = *reinterpret_cast<const uint4*>(from.data + i);
    return {{x.x, x.y, x.z, x.w}};
}
/// Eight bfloat16 at once, two to a word, the first in the lower half.
AIRFRAME_DEVICE void storeBytes(Shared<Bf16> to, int i, const Array<std::uint32_t, 4>& x) {
    *reinterpret_cast<uint4*>(to.data + i) = make_uint4(x.values[0], x.values[1], x.values[2], x.values[3]);
}
/// Two neighbouring 16-bit numbers at once, the first in the lower half: i even.
template <class View>
AIRFRAME_DEVICE std::uint32_t loadPair(View from, std::size_t i) {
    return *reinterpret_cast<const std::uint32_t*>(from.data + i);
}
/// Two neighbouring bfloat16 at once: i even.
template <class View>
AIRFRAME_DEVICE void storePair(View to, std::size_t i, std::uint32_t pair) {
    *reinterpret_cast<std::uint32_t*>(to.data + i) = pair;
}

/// 16 bytes from global to shared memory, both aligned; they may be read after waitCopies by the thread that asked,
/// and after a barrier that follows it by the others.
template <class T, class View>
AIRFRAME_DEVICE void copyAsync16(Shared<T> to, int i, View from, std::size_t j) {
    const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(to.data + i));
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;\n" ::"r"(address), "l"(from.data + j) : "memory");
}
/// Ends a group of copies.
AIRFRAME_DEVICE void commitCopies() { asm volatile("cp.async.commit_group;\n" ::: "memory"); }
/// Waits until at most the N youngest groups of this thread are under way.
template <int N>
AIRFRAME_DEVICE void waitCopies() {
    asm volatile("cp.async.wait_group %0;\n" ::"n"(N) : "memory");
}

AIRFRAME_DEVICE void syncThreads() { __syncthreads(); }
AIRFRAME_DEVICE void syncWarp() { __syncwarp(); }

template <class T>
AIRFRAME_DEVICE T shuffleXor(T x, int mask) {
    return __shfl_xor_sync(0xffffffffu, x, mask);
}
/// Of the lane `by` below; its own where there is none.
template <class T>
AIRFRAME_DEVICE T shuffleUp(T x, int by) {
    return __shfl_up_sync(0xffffffffu, x, by);
}
template <class T>
AIRFRAME_DEVICE T shuffleIndex(T x, int from) {
    return __shfl_sync(0xffffffffu, x, from);
}
AIRFRAME_DEVICE std::uint32_t ballot(bool yes) { return __ballot_sync(0xffffffffu, yes); }
AIRFRAME_DEVICE bool anyLane(bool yes) { return __any_sync(0xffffffffu, yes) != 0; }

/// Four 8x8 matrices of 16-bit elements: lanes 8m..8m+7 name the rows of matrix m by their first element `i` (16-byte
/// aligned). Register m of lane l gets row l/4, columns 2(l%4) and 2(l%4)+1 of matrix m.
AIRFRAME_DEVICE Array<std::uint32_t, 4> ldmatrix(Shared<Bf16> from, int i) {
    const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(from.data + i));
    Array<std::uint32_t, 4> r;
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n"
                 : "=r"(r.values[0]), "=r"(r.values[1]), "=r"(r.values[2]), "=r"(r.values[3])
                 : "r"(address)
                 : "memory");
    return r;
}
/// The same of the transposed matrices: rows 2(l%4) and 2(l%4)+1 of column l/4.
AIRFRAME_DEVICE Array<std::uint32_t, 4> ldmatrixTrans(Shared<Bf16> from, int i) {
    const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(from.data + i));
    Array<std::uint32_t, 4> r;
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];\n"
                 : "=r"(r.values[0]), "=r"(r.values[1]), "=r"(r.values[2]), "=r"(r.values[3])
                 : "r"(address)
                 : "memory");
    return r;
}
/// c += a b for a [16, 16], b [16, 8] of bfloat16 and c [16, 8] of float32. With g = lane/4 and t = lane%4:
/// a: (g, 2t..), (g+8, 2t..), (g, 2t+8..), (g+8, 2t+8..);  b: (2t.., g), (2t+8.., g);  c: (g, 2t), (g, 2t+1), (g+8, 2t), (g+8, 2t+1).
AIRFRAME_DEVICE void mmaBf16(Array<float, 4>& c, const Array<std::uint32_t, 4>& a, std::uint32_t b0, std::uint32_t b1) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};\n"
        : "+f"(c.values[0]), "+f"(c.values[1]), "+f"(c.values[2]), "+f"(c.values[3])
        : "r"(a.values[0]), "r"(a.values[1]), "r"(a.values[2]), "r"(a.values[3]), "r"(b0), "r"(b1));
}

AIRFRAME_DEVICE float widen(float x) { return x; }
AIRFRAME_DEVICE float widen(Bf16 x) { return __uint_as_float(static_cast<std::uint32_t>(x.bits) << 16); }
/// The value of the bits of an IEEE half.
AIRFRAME_DEVICE float widenHalf(std::uint16_t bits) {
    float x;
    asm("cvt.f32.f16 %0, %1;\n" : "=f"(x) : "h"(bits));
    return x;
}
/// Byte i of a word, less `by` (0 to 255), as a number. The byte becomes the last of a float's mantissa, which is cheaper
/// than a conversion: 2^23 + byte.
AIRFRAME_DEVICE float byteLess(std::uint32_t word, int i, int by) {
    return __uint_as_float(__byte_perm(word, 0x4b000000u, 0x7650u + static_cast<unsigned>(i))) - static_cast<float>(8388608 + by);
}
/// Two floats rounded to bfloat16, `low` at the lower address.
AIRFRAME_DEVICE std::uint32_t packBf16(float low, float high) {
    std::uint32_t pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;\n" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
}
AIRFRAME_DEVICE void store4(Global<Bf16> to, std::size_t i, Float4 x) {
    *reinterpret_cast<uint2*>(to.data + i) = make_uint2(packBf16(x.x, x.y), packBf16(x.z, x.w));
}
/// Two bfloat16, 4 bytes, as floats.
AIRFRAME_DEVICE Float2 load2(Global<const Bf16> from, std::size_t i) {
    const std::uint32_t x = *reinterpret_cast<const std::uint32_t*>(from.data + i);
    return {__uint_as_float(x << 16), __uint_as_float(x & 0xffff0000u)};
}
AIRFRAME_DEVICE void store2(Global<Bf16> to, std::size_t i, Float2 x) { storePair(to, i, packBf16(x.x, x.y)); }
template <class T>
AIRFRAME_DEVICE T narrow(float x) {
    if constexpr (sizeof(T) == 4) return x;
    else return Bf16{static_cast<std::uint16_t>(packBf16(x, 0.0f) & 0xffffu)};
}
AIRFRAME_DEVICE float exponential(float x) { return expf(x); }
/// The nearest float and what it leaves out: made in double precision, not for inner loops.
AIRFRAME_DEVICE Float2 exponentialPair(float x) {
    const double exact = exp(static_cast<double>(x));
    const float near = static_cast<float>(exact);
    return {near, static_cast<float>(exact - near)};
}
/// 2^x by the special function unit: relative error 2^-22; 0 below 2^-126.
AIRFRAME_DEVICE float exponential2(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;\n" : "=f"(y) : "f"(x));
    return y;
}
/// a b + c, rounded once.
AIRFRAME_DEVICE float multiplyAdd(float a, float b, float c) { return fmaf(a, b, c); }
AIRFRAME_DEVICE float inverseRoot(float x) { return 1.0f / sqrtf(x); }
AIRFRAME_DEVICE float infinity() { return __uint_as_float(0x7f800000u); }

}  // namespace airframe::kernels::cuda
#endif
