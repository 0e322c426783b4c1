// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels/bf16.h"
#include "tests/support/block_emulator.h"
#include "tests/support/emulated_numbers.h"

// The emulated bodies of the names in kernels/cuda/device.cuh.

#define AIRFRAME_DEVICE inline
#define AIRFRAME_HOST_DEVICE inline
#define AIRFRAME_UNROLL
#define AIRFRAME_UNROLL4

namespace airframe::kernels::cuda {
namespace emulated {

/// One value in memory, seen as T.
template <class T, class Memory>
class Ref {
  public:
    Ref(Memory memory, std::size_t i) : m_memory(memory), m_i(i) {}
    operator std::remove_const_t<T>() const { return m_memory.read(m_i); }
    const Ref& operator=(std::remove_const_t<T> x) const {
        m_memory.write(m_i, x);
        return *this;
    }
    const Ref& operator=(const Ref& other) const { return *this = static_cast<std::remove_const_t<T>>(other); }
    const Ref& operator+=(std::remove_const_t<T> x) const { return *this = static_cast<std::remove_const_t<T>>(*this) + x; }

  private:
    Memory m_memory;
    std::size_t m_i;
};

/// What registers hold before anything was written to them: not a number, or -1. Zeros are asked for by `{{}}`.
template <class T, int N>
std::array<T, N> unwritten() {
    std::array<T, N> registers;
    if constexpr (std::is_trivially_default_constructible_v<T>) std::memset(&registers, 0xFF, sizeof registers);
    return registers;
}

}  // namespace emulated

template <class T, int N>
struct Array {
    std::array<T, N> values = emulated::unwritten<T, N>();
    T& operator[](int i) {
        check(i);
        return values[static_cast<std::size_t>(i)];
    }
    const T& operator[](int i) const {
        check(i);
        return values[static_cast<std::size_t>(i)];
    }

  private:
    static void check(int i) {
        if (i < 0 || i >= N)
            emulated::wrong("register " + std::to_string(i) + " of an Array of " + std::to_string(N));
    }
};
struct alignas(16) Float4 {
    float x, y, z, w;
};

template <class T>
struct Global {
    using Element = std::remove_const_t<T>;
    T* data = nullptr;
    std::size_t size = 0;
    emulated::Shadow* shadow = nullptr;

    bool given() const { return data != nullptr; }
    emulated::Ref<T, Global> operator[](std::size_t i) const { return {*this, i}; }

    void check(std::size_t i, std::size_t count, bool write) const {
        emulated::boundsCheck("global", shadow ? shadow->name : "an array not given", i, count, size);
        emulated::touch(*shadow, i, count, write);
    }
    Element read(std::size_t i) const {
        check(i, 1, false);
        return data[i];
    }
    void write(std::size_t i, Element x) const {
        check(i, 1, true);
        data[i] = x;
    }
};

/// An array that a test lends to a kernel: filled by the test, bounds and threads watched.
template <class T>
class GlobalArray {
  public:
    GlobalArray(std::string name, std::vector<T> values) : m_values(std::move(values)), m_shadow{std::move(name), {}, false} {
        m_shadow.cells.resize(m_values.size());
    }
    operator Global<T>() { return {m_values.data(), m_values.size(), &m_shadow}; }
    operator Global<const T>() { return {m_values.data(), m_values.size(), &m_shadow}; }
    const std::vector<T>& values() const { return m_values; }

  private:
    std::vector<T> m_values;
    emulated::Shadow m_shadow;
};

template <class T>
struct Shared {
    std::size_t byte;
    int size;

    emulated::Ref<T, Shared> operator[](int i) const { return {*this, static_cast<std::size_t>(i)}; }
    T* at(std::size_t i, std::size_t count, bool write) const {
        emulated::boundsCheck("shared", "at byte " + std::to_string(byte), i, count, static_cast<std::size_t>(size));
        const std::size_t first = byte + i * sizeof(T);
        emulated::touch(emulated::sharedShadow(), first / 2, count * sizeof(T) / 2, write);
        return reinterpret_cast<T*>(emulated::sharedMemory() + first);
    }
    T read(std::size_t i) const { return *at(i, 1, false); }
    void write(std::size_t i, T x) const { *at(i, 1, true) = x; }
};
template <class T>
Shared<T> sharedArray(int byte, int count) {
    emulated::boundsCheck("dynamic shared", "memory", static_cast<std::size_t>(byte), static_cast<std::size_t>(count) * sizeof(T),
                          emulated::sharedBytes());
    if (byte % static_cast<int>(alignof(T))) emulated::wrong("a shared array begins at the odd byte " + std::to_string(byte));
    return {static_cast<std::size_t>(byte), count};
}

inline int threadX() { return emulated::place().thread; }
inline int lane() { return emulated::place().thread & 31; }
inline int warp() { return emulated::place().thread >> 5; }
inline int blockX() { return emulated::place().block_x; }
inline int blockY() { return emulated::place().block_y; }
inline int blockZ() { return emulated::place().block_z; }

namespace emulated {
/// `count` elements of a view at once: one address, aligned to their size.
template <class Wide, class T>
Wide loadWide(const Global<T>& from, std::size_t i, std::size_t count) {
    from.check(i, count, false);
    alignCheck(from.shadow->name, from.data + i, sizeof(Wide));
    Wide x;
    std::memcpy(&x, from.data + i, sizeof x);
    return x;
}
template <class Wide, class T>
void storeWide(const Global<T>& to, std::size_t i, std::size_t count, const Wide& x) {
    to.check(i, count, true);
    alignCheck(to.shadow->name, to.data + i, sizeof(Wide));
    std::memcpy(static_cast<void*>(to.data + i), &x, sizeof x);
}
template <class Wide, class T>
Wide loadWide(const Shared<T>& from, std::size_t i, std::size_t count) {
    const T* at = from.at(i, count, false);
    alignCheck("shared memory", at, sizeof(Wide));
    Wide x;
    std::memcpy(&x, at, sizeof x);
    return x;
}
template <class Wide, class T>
void storeWide(const Shared<T>& to, std::size_t i, std::size_t count, const Wide& x) {
    T* at = to.at(i, count, true);
    alignCheck("shared memory", at, sizeof(Wide));
    std::memcpy(static_cast<void*>(at), &x, sizeof x);
}
}  // namespace emulated

template <class View>
Float4 load4(const View& from, std::size_t i) {
    return emulated::loadWide<Float4>(from, i, 4);
}
template <class View>
void store4(const View& to, std::size_t i, Float4 x) {
    emulated::storeWide(to, i, 4, x);
}
template <class View>
Float2 load2(const View& from, std::size_t i) {
    return emulated::loadWide<Float2>(from, i, 2);
}
template <class View>
void store2(const View& to, std::size_t i, Float2 x) {
    emulated::storeWide(to, i, 2, x);
}
template <template <class> class View, class T>
Array<std::uint32_t, 4> loadBytes(const View<T>& from, std::size_t i) {
    struct alignas(16) Bytes {
        std::uint32_t words[4];
    };
    const auto x = emulated::loadWide<Bytes>(from, i, 16 / sizeof(T));
    return {{x.words[0], x.words[1], x.words[2], x.words[3]}};
}
inline void storeBytes(const Shared<Bf16>& to, int i, const Array<std::uint32_t, 4>& x) {
    struct alignas(16) Bytes {
        std::uint32_t words[4];
    };
    emulated::storeWide(to, static_cast<std::size_t>(i), 8, Bytes{{x[0], x[1], x[2], x[3]}});
}
template <class View>
std::uint32_t loadPair(const View& from, std::size_t i) {
    return emulated::loadWide<std::uint32_t>(from, i, 2);
}
template <class View>
void storePair(const View& to, std::size_t i, std::uint32_t pair) {
    emulated::storeWide(to, i, 2, pair);
}

/// The copy happens as late as it may: when its thread waits for it.
template <class T, class View>
void copyAsync16(Shared<T> to, int i, const View& from, std::size_t j) {
    constexpr std::size_t count = 16 / sizeof(T);
    from.check(j, count, false);
    emulated::alignCheck(from.shadow->name, from.data + j, 16);
    unsigned char* target = reinterpret_cast<unsigned char*>(to.at(static_cast<std::size_t>(i), count, true));
    emulated::alignCheck("shared memory", target, 16);
    emulated::copyLater(target, (to.byte + static_cast<std::size_t>(i) * sizeof(T)) / 2, from.data + j);
}
inline void commitCopies() { emulated::commit(); }
template <int N>
void waitCopies() {
    emulated::wait(N);
}

inline void syncThreads(emulated::Site site = emulated::Site::current()) { emulated::barrier(site); }
inline void syncWarp(emulated::Site site = emulated::Site::current()) { emulated::warpBarrier(site); }

template <class T>
T shuffleIndex(T x, int from, emulated::Site site = emulated::Site::current()) {
    const auto* slots = emulated::exchange(&x, sizeof x, site);
    return emulated::slot<T>(slots, from & 31);
}
template <class T>
T shuffleXor(T x, int mask, emulated::Site site = emulated::Site::current()) {
    return shuffleIndex(x, lane() ^ mask, site);
}
template <class T>
T shuffleUp(T x, int by, emulated::Site site = emulated::Site::current()) {
    return shuffleIndex(x, lane() < by ? lane() : lane() - by, site);
}
inline std::uint32_t ballot(bool yes, emulated::Site site = emulated::Site::current()) {
    const auto* slots = emulated::exchange(&yes, sizeof yes, site);
    std::uint32_t votes = 0;
    for (int l = 0; l < 32; ++l) votes |= static_cast<std::uint32_t>(emulated::slot<bool>(slots, l)) << l;
    return votes;
}
inline bool anyLane(bool yes, emulated::Site site = emulated::Site::current()) { return ballot(yes, site) != 0; }

namespace emulated {
struct Row {
    std::uint16_t x[8];
};
inline const unsigned char* exchangeRows(Shared<Bf16> from, int i, Site site) {
    const Bf16* at = from.at(static_cast<std::size_t>(i), 8, false);
    alignCheck("shared memory", at, 16);
    Row row;
    std::memcpy(&row, at, sizeof row);
    return exchange(&row, sizeof row, site);
}
}  // namespace emulated

inline Array<std::uint32_t, 4> ldmatrix(Shared<Bf16> from, int i, emulated::Site site = emulated::Site::current()) {
    const auto* slots = emulated::exchangeRows(from, i, site);
    Array<std::uint32_t, 4> r;
    for (int m = 0; m < 4; ++m) {
        const auto row = emulated::slot<emulated::Row>(slots, 8 * m + lane() / 4);
        const int column = 2 * (lane() % 4);
        r[m] = row.x[column] | static_cast<std::uint32_t>(row.x[column + 1]) << 16;
    }
    return r;
}
inline Array<std::uint32_t, 4> ldmatrixTrans(Shared<Bf16> from, int i, emulated::Site site = emulated::Site::current()) {
    const auto* slots = emulated::exchangeRows(from, i, site);
    Array<std::uint32_t, 4> r;
    for (int m = 0; m < 4; ++m) {
        const int row = 8 * m + 2 * (lane() % 4), column = lane() / 4;
        r[m] = emulated::slot<emulated::Row>(slots, row).x[column] |
               static_cast<std::uint32_t>(emulated::slot<emulated::Row>(slots, row + 1).x[column]) << 16;
    }
    return r;
}

template <class T>
T narrow(float x) {
    T y;
    assign(y, x);
    return y;
}

namespace emulated {
struct alignas(8) FourBf16 {
    std::uint16_t bits[4];
};
}  // namespace emulated
inline Float4 load4(const Global<const Bf16>& from, std::size_t i) {
    const auto four = emulated::loadWide<emulated::FourBf16>(from, i, 4);
    return {widen(Bf16{four.bits[0]}), widen(Bf16{four.bits[1]}), widen(Bf16{four.bits[2]}), widen(Bf16{four.bits[3]})};
}
inline void store4(const Global<Bf16>& to, std::size_t i, Float4 x) {
    emulated::storeWide(to, i, 4, emulated::FourBf16{{toBf16(x.x).bits, toBf16(x.y).bits, toBf16(x.z).bits, toBf16(x.w).bits}});
}

inline Float2 load2(const Global<const Bf16>& from, std::size_t i) {
    const auto pair = emulated::loadWide<std::uint32_t>(from, i, 2);
    return {widen(Bf16{static_cast<std::uint16_t>(pair & 0xffff)}), widen(Bf16{static_cast<std::uint16_t>(pair >> 16)})};
}
inline void store2(const Global<Bf16>& to, std::size_t i, Float2 x) { storePair(to, i, packBf16(x.x, x.y)); }

inline void mmaBf16(Array<float, 4>& c, const Array<std::uint32_t, 4>& a, std::uint32_t b0, std::uint32_t b1,
                    emulated::Site site = emulated::Site::current()) {
    struct Operands {
        std::uint32_t a[4], b[2];
    };
    const Operands mine{{a[0], a[1], a[2], a[3]}, {b0, b1}};
    const auto* slots = emulated::exchange(&mine, sizeof mine, site);
    const auto half = [](std::uint32_t pair, int upper) {
        return toFloat(Bf16{static_cast<std::uint16_t>(upper ? pair >> 16 : pair & 0xffff)});
    };
    const int g = lane() / 4, t = lane() % 4;
    for (int k = 0; k < 16; ++k) {  // element k of a row of a, or of a column of b: lane (k%8)/2, register k/8, half k%2
        const int from = k % 8 / 2;
        const auto row = emulated::slot<Operands>(slots, 4 * g + from);
        for (int n = 0; n < 2; ++n) {
            const float b = half(emulated::slot<Operands>(slots, 4 * (2 * t + n) + from).b[k / 8], k % 2);
            c[n] += half(row.a[k / 8 * 2], k % 2) * b;
            c[2 + n] += half(row.a[k / 8 * 2 + 1], k % 2) * b;
        }
    }
}

}  // namespace airframe::kernels::cuda
