// SPDX-License-Identifier: GPL-3.0-or-later
// Block layouts: the description of ggml's types in the GGUF specification (https://github.com/ggml-org/ggml/blob/master/
// docs/gguf.md). This file is compiled without contraction of a*b+c, so that values are the same on every machine.
#include "core/formats/dequantise.h"

#include <bit>
#include <cstring>

#include "core/formats/dequantise_k.h"
#include "core/formats/half.h"

namespace airframe {
namespace {

void fromF32(const std::byte* in, std::size_t blocks, float* out) { std::memcpy(out, in, blocks * sizeof(float)); }

void fromF16(const std::byte* in, std::size_t blocks, float* out) {
    for (std::size_t i = 0; i < blocks; ++i) out[i] = loadHalf(in + 2 * i);
}

void fromBf16(const std::byte* in, std::size_t blocks, float* out) {
    for (std::size_t i = 0; i < blocks; ++i) {
        out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(loadAs<std::uint16_t>(in + 2 * i)) << 16);
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

/// As Q4, with the fifth bits of all 32 values in one word; as 0 or 16 in bytes they join the low bits in one plain loop.
void fifthBits(const std::byte* in, std::uint8_t* high) {
    const auto word = loadAs<std::uint32_t>(in);
    for (int j = 0; j < 32; ++j) high[j] = static_cast<std::uint8_t>((word >> j & 1u) << 4);
}

void fromQ5_0(const std::byte* in, std::size_t blocks, float* out) {
    for (std::size_t b = 0; b < blocks; ++b, in += 22, out += 32) {
        const float d = loadHalf(in);
        std::uint8_t high[32], q[16];
        fifthBits(in + 2, high);
        std::memcpy(q, in + 6, sizeof q);
        for (int j = 0; j < 16; ++j) {
            out[j] = static_cast<float>(((q[j] & 15) | high[j]) - 16) * d;
            out[j + 16] = static_cast<float>(((q[j] >> 4) | high[j + 16]) - 16) * d;
        }
    }
}

void fromQ5_1(const std::byte* in, std::size_t blocks, float* out) {
    for (std::size_t b = 0; b < blocks; ++b, in += 24, out += 32) {
        const float d = loadHalf(in), m = loadHalf(in + 2);
        std::uint8_t high[32], q[16];
        fifthBits(in + 4, high);
        std::memcpy(q, in + 8, sizeof q);
        for (int j = 0; j < 16; ++j) {
            out[j] = static_cast<float>((q[j] & 15) | high[j]) * d + m;
            out[j + 16] = static_cast<float>((q[j] >> 4) | high[j + 16]) * d + m;
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

/// As Q4_0, the four bits choosing among sixteen levels that lie closer together near zero.
void fromIq4Nl(const std::byte* in, std::size_t blocks, float* out) {
    constexpr float levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    for (std::size_t b = 0; b < blocks; ++b, in += 18, out += 32) {
        const float d = loadHalf(in);
        std::uint8_t q[16];
        std::memcpy(q, in + 2, sizeof q);
        for (int j = 0; j < 16; ++j) {
            out[j] = d * levels[q[j] & 15];
            out[j + 16] = d * levels[q[j] >> 4];
        }
    }
}

constexpr StoredType types[] = {
    {"F32", 0, 1, 4, fromF32},      {"F16", 1, 1, 2, fromF16},      {"BF16", 30, 1, 2, fromBf16},
    {"Q4_0", 2, 32, 18, fromQ4_0},  {"Q4_1", 3, 32, 20, fromQ4_1},  {"Q5_0", 6, 32, 22, fromQ5_0},
    {"Q5_1", 7, 32, 24, fromQ5_1},  {"Q8_0", 8, 32, 34, fromQ8_0},  {"Q2_K", 10, 256, 84, fromQ2K},
    {"Q3_K", 11, 256, 110, fromQ3K}, {"Q4_K", 12, 256, 144, fromQ4K}, {"Q5_K", 13, 256, 176, fromQ5K},
    {"Q6_K", 14, 256, 210, fromQ6K}, {"IQ4_NL", 20, 32, 18, fromIq4Nl},
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
