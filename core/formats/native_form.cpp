// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/native_form.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "core/formats/dequantise.h"
#include "core/formats/half.h"

namespace airframe {
namespace {

constexpr std::int64_t block = 32;  // columns of a block, rows of a unit
constexpr std::string_view mixed = "Q8_16";  // holds every quantised type

/// A type of the kernels: scales and minima per block, float16 each, then integers.
struct NativeType {
    std::string_view name;
    std::size_t scales, minima, bits;
    [[nodiscard]] constexpr std::size_t blockBytes() const { return 2 * (scales + minima) + block * bits / 8; }
};
constexpr std::array<NativeType, 5> native_types = {{{"Q8_0", 1, 0, 8}, {"Q4_0", 1, 0, 4}, {"Q4_1", 1, 1, 4}, {"Q8_16", 2, 2, 8}, {"Q4_16", 2, 2, 4}}};

const NativeType* nativeNamed(std::string_view name) {
    const auto found = std::find_if(native_types.begin(), native_types.end(), [&](const NativeType& type) { return type.name == name; });
    return found == native_types.end() ? nullptr : &*found;
}

/// The smallest type that holds one stored type; "" for none.
std::string_view heldAs(std::string_view stored) {
    static constexpr std::array<std::array<std::string_view, 2>, 8> others = {{{"Q5_0", "Q8_0"},
                                                                                {"IQ4_NL", "Q8_0"},
                                                                                {"Q4_K", "Q4_1"},
                                                                                {"Q2_K", "Q4_16"},
                                                                                {"Q3_K", "Q4_16"},
                                                                                {"Q5_1", "Q8_16"},
                                                                                {"Q5_K", "Q8_16"},
                                                                                {"Q6_K", "Q8_16"}}};
    if (const NativeType* same = nativeNamed(stored)) return same->name;
    for (const auto& [type, held] : others)
        if (type == stored) return held;
    return {};
}

/// How scales and minima fare in float16.
struct Rounding {
    float largest = 0, error = 0;
    bool finite = true;
    [[nodiscard]] bool fine() const { return finite && error <= 0x1p-11f * largest; }
};

/// Writes one block; `base` is taken from the integers first.
void writeBlock(const NativeType& type, const IntegerBlock& in, int base, std::byte* out, Rounding& rounding) {
    const auto put = [&](float value) {
        const std::uint16_t half = toHalf(value);
        std::memcpy(out, &half, sizeof half);
        out += sizeof half;
        rounding.finite &= std::isfinite(fromHalf(half));
        rounding.largest = std::max(rounding.largest, std::abs(value));
        rounding.error = std::max(rounding.error, std::abs(fromHalf(half) - value));
    };
    for (std::size_t s = 0; s < type.scales; ++s) put(in.scale[s]);
    // The minimum makes up for the base, with the scale as it is held.
    for (std::size_t s = 0; s < type.minima; ++s)
        put(base ? static_cast<float>(base) * fromHalf(toHalf(in.scale[s])) : in.minimum[s]);
    const auto integer = [&](int i) { return static_cast<unsigned>(in.n[i] - base); };
    if (type.bits == 8)
        for (int i = 0; i < IntegerBlock::size; ++i) *out++ = static_cast<std::byte>(integer(i));
    else
        for (int i = 0; i < IntegerBlock::half; ++i) *out++ = static_cast<std::byte>(integer(i) | integer(i + IntegerBlock::half) << 4);
}

}  // namespace

std::string_view nativeType(std::span<const std::string_view> stored, std::int64_t columns) {
    if (stored.empty() || columns % block) return "BF16";
    const std::string_view first = heldAs(stored.front());
    std::string_view all = first;
    for (const std::string_view type : stored) {
        const std::string_view held = heldAs(type);
        if (held.empty()) return "BF16";
        if (held != first) all = mixed;
    }
    return all;
}

double packedBytes(std::string_view type, std::int64_t rows, std::int64_t columns) {
    const auto whole = [](std::int64_t n) { return static_cast<double>((n + block - 1) / block * block); };
    const NativeType* native = nativeNamed(type);
    return whole(rows) * whole(columns) * (native ? static_cast<double>(native->blockBytes()) / block : 2.0);
}

std::size_t nativeBlockBytes(std::string_view native) { return nativeNamed(native)->blockBytes(); }

bool toNative(const StoredType& stored, const std::byte* in, std::size_t blocks, std::string_view native, std::byte* out) {
    const NativeType& type = *nativeNamed(native);
    // Q3_K's integers begin at -4, and a type of 4 bits with a minimum counts from 0.
    const int base = stored.name == "Q3_K" && type.bits == 4 ? -4 : 0;
    const std::size_t parts = stored.block / IntegerBlock::size;
    Rounding rounding;
    std::array<IntegerBlock, 8> decoded;
    for (std::size_t b = 0; b < blocks; ++b, in += stored.block_bytes) {
        stored.decode(in, decoded.data());
        for (std::size_t p = 0; p < parts; ++p, out += type.blockBytes()) writeBlock(type, decoded[p], base, out, rounding);
    }
    return rounding.fine();
}

}  // namespace airframe
