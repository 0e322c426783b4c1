// SPDX-License-Identifier: GPL-3.0-or-later
// Block layouts: the description of ggml's types in the GGUF specification (https://github.com/ggml-org/ggml/blob/master/
// docs/gguf.md). This file is compiled without contraction of a*b+c, so that values are the same on every machine.
#include "core/formats/dequantise.h"

#include <bit>
#include <cstring>

namespace airframe {
namespace {

/// IEEE binary16 to binary32, exactly and without branches (it vectorises): the exponent is moved into place and rebiased by
/// a product with a power of two, which also normalises subnormals; infinities and NaNs get their exponent put back.
inline float fromHalf(std::uint16_t half) {
    const std::uint32_t magnitude = static_cast<std::uint32_t>(half & 0x7FFFu) << 13;
    const float scaled = std::bit_cast<float>(magnitude) * std::bit_cast<float>(std::uint32_t{(254 - 15) << 23});
    const std::uint32_t special = magnitude >= (0x1Fu << 23) ? 0x7F800000u : 0u;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(scaled) | special |
                                (static_cast<std::uint32_t>(half & 0x8000u) << 16));
}

template <class T>
inline T load(const std::byte* in) {
    T value;
    std::memcpy(&value, in, sizeof value);
    return value;
}

inline float loadHalf(const std::byte* in) { return fromHalf(load<std::uint16_t>(in)); }

void fromF32(const std::byte* in, std::size_t blocks, float* out) { std::memcpy(out, in, blocks * sizeof(float)); }

void fromF16(const std::byte* in, std::size_t blocks, float* out) {
    for (std::size_t i = 0; i < blocks; ++i) out[i] = loadHalf(in + 2 * i);
}

void fromBf16(const std::byte* in, std::size_t blocks, float* out) {
    for (std::size_t i = 0; i < blocks; ++i) {
        out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(load<std::uint16_t>(in + 2 * i)) << 16);
    }
}

/// Value j of a block of 32 has its four low bits in the low half of byte j, value j + 16 in the high half.
void fromQ4_0(const std::byte* in, std::size_t blocks, float* out) {
    for (std::size_t b = 0; b < blocks; ++b, in += 18, out += 32) {
        const float d = loadHalf(in);
        std::uint8_t q[16];
        std::memcpy(q, in + 2, sizeof q);
        for (int j = 0; j < 16; ++j) {
            out[j] = static_cast<float>((q[j] & 15) - 8) * d;
            out[j + 16] = static_cast<float>((q[j] >> 4) - 8) * d;
        }
    }
}

void fromQ4_1(const std::byte* in, std::size_t blocks, float* out) {
    for (std::size_t b = 0; b < blocks; ++b, in += 20, out += 32) {
        const float d = loadHalf(in), m = loadHalf(in + 2);
        std::uint8_t q[16];
        std::memcpy(q, in + 4, sizeof q);
        for (int j = 0; j < 16; ++j) {
            out[j] = static_cast<float>(q[j] & 15) * d + m;
            out[j + 16] = static_cast<float>(q[j] >> 4) * d + m;
        }
    }
}

/// As Q4, with the fifth bits of all 32 values in one word.
void fromQ5_0(const std::byte* in, std::size_t blocks, float* out) {
    for (std::size_t b = 0; b < blocks; ++b, in += 22, out += 32) {
        const float d = loadHalf(in);
        const auto high = load<std::uint32_t>(in + 2);
        for (int j = 0; j < 16; ++j) {
            const int q = static_cast<int>(in[6 + j]);
            out[j] = static_cast<float>(((q & 15) | static_cast<int>((high >> j) & 1) << 4) - 16) * d;
            out[j + 16] = static_cast<float>(((q >> 4) | static_cast<int>((high >> (j + 16)) & 1) << 4) - 16) * d;
        }
    }
}

void fromQ5_1(const std::byte* in, std::size_t blocks, float* out) {
    for (std::size_t b = 0; b < blocks; ++b, in += 24, out += 32) {
        const float d = loadHalf(in), m = loadHalf(in + 2);
        const auto high = load<std::uint32_t>(in + 4);
        for (int j = 0; j < 16; ++j) {
            const int q = static_cast<int>(in[8 + j]);
            out[j] = static_cast<float>((q & 15) | static_cast<int>((high >> j) & 1) << 4) * d + m;
            out[j + 16] = static_cast<float>((q >> 4) | static_cast<int>((high >> (j + 16)) & 1) << 4) * d + m;
        }
    }
}

void fromQ8_0(const std::byte* in, std::size_t blocks, float* out) {
    for (std::size_t b = 0; b < blocks; ++b, in += 34, out += 32) {
        const float d = loadHalf(in);
        std::int8_t q[32];
        std::memcpy(q, in + 2, sizeof q);
        for (int j = 0; j < 32; ++j) out[j] = static_cast<float>(q[j]) * d;
    }
}

constexpr StoredType types[] = {
    {"F32", 0, 1, 4, fromF32},      {"F16", 1, 1, 2, fromF16},      {"BF16", 30, 1, 2, fromBf16},
    {"Q4_0", 2, 32, 18, fromQ4_0},  {"Q4_1", 3, 32, 20, fromQ4_1},  {"Q5_0", 6, 32, 22, fromQ5_0},
    {"Q5_1", 7, 32, 24, fromQ5_1},  {"Q8_0", 8, 32, 34, fromQ8_0},
};

}  // namespace

std::span<const StoredType> storedTypes() { return types; }

const StoredType* storedType(std::string_view name) {
    for (const StoredType& type : types) {
        if (type.name == name) return &type;
    }
    return nullptr;
}

const StoredType* storedTypeOfGgml(std::uint32_t number) {
    for (const StoredType& type : types) {
        if (type.ggml == number) return &type;
    }
    return nullptr;
}

}  // namespace airframe
