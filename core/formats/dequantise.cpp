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

/// The two halves of a block share scale and minimum.
void setFactors(IntegerBlock& out, float d, float m) {
    out.scale[0] = out.scale[1] = d;
    out.minimum[0] = out.minimum[1] = m;
}

/// Value j of a block of 32 has its four low bits in the low half of byte j, value j + 16 in the high half.
void nibbles(const std::byte* in, int base, std::int8_t* n) {
    std::uint8_t q[16];
    std::memcpy(q, in, sizeof q);
    for (int j = 0; j < 16; ++j) {
        n[j] = static_cast<std::int8_t>((q[j] & 15) + base);
        n[j + 16] = static_cast<std::int8_t>((q[j] >> 4) + base);
    }
}

/// As nibbles(), with the fifth bits of all 32 values in one word; as 0 or 16 in bytes they join the low bits in one plain loop.
void fiveBits(const std::byte* fifth, const std::byte* in, int base, std::int8_t* n) {
    const auto word = loadAs<std::uint32_t>(fifth);
    std::uint8_t high[32], q[16];
    for (int j = 0; j < 32; ++j) high[j] = static_cast<std::uint8_t>((word >> j & 1u) << 4);
    std::memcpy(q, in, sizeof q);
    for (int j = 0; j < 16; ++j) {
        n[j] = static_cast<std::int8_t>(((q[j] & 15) | high[j]) + base);
        n[j + 16] = static_cast<std::int8_t>(((q[j] >> 4) | high[j + 16]) + base);
    }
}

void decodeQ4_0(const std::byte* in, IntegerBlock* out) {
    nibbles(in + 2, -8, out->n);
    setFactors(*out, loadHalf(in), 0);
}
void decodeQ4_1(const std::byte* in, IntegerBlock* out) {
    nibbles(in + 4, 0, out->n);
    setFactors(*out, loadHalf(in), loadHalf(in + 2));
}
void decodeQ5_0(const std::byte* in, IntegerBlock* out) {
    fiveBits(in + 2, in + 6, -16, out->n);
    setFactors(*out, loadHalf(in), 0);
}
void decodeQ5_1(const std::byte* in, IntegerBlock* out) {
    fiveBits(in + 4, in + 8, 0, out->n);
    setFactors(*out, loadHalf(in), loadHalf(in + 2));
}
void decodeQ8_0(const std::byte* in, IntegerBlock* out) {
    std::memcpy(out->n, in + 2, sizeof out->n);
    setFactors(*out, loadHalf(in), 0);
}
/// As Q4_0, the four bits choosing among sixteen levels that lie closer together near zero.
void decodeIq4Nl(const std::byte* in, IntegerBlock* out) {
    constexpr std::int8_t levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    nibbles(in + 2, 0, out->n);
    for (std::int8_t& n : out->n) n = levels[n];
    setFactors(*out, loadHalf(in), 0);
}

constexpr StoredType types[] = {
    {"F32", 0, 1, 4, fromF32, nullptr},
    {"F16", 1, 1, 2, fromF16, nullptr},
    {"BF16", 30, 1, 2, fromBf16, nullptr},
    {"Q4_0", 2, 32, 18, floatsOf<decodeQ4_0, 18, 1, false>, decodeQ4_0},
    {"Q4_1", 3, 32, 20, floatsOf<decodeQ4_1, 20, 1, true>, decodeQ4_1},
    {"Q5_0", 6, 32, 22, floatsOf<decodeQ5_0, 22, 1, false>, decodeQ5_0},
    {"Q5_1", 7, 32, 24, floatsOf<decodeQ5_1, 24, 1, true>, decodeQ5_1},
    {"Q8_0", 8, 32, 34, floatsOf<decodeQ8_0, 34, 1, false>, decodeQ8_0},
    {"Q2_K", 10, 256, 84, floatsOfQ2K, decodeQ2K},
    {"Q3_K", 11, 256, 110, floatsOfQ3K, decodeQ3K},
    {"Q4_K", 12, 256, 144, floatsOfQ4K, decodeQ4K},
    {"Q5_K", 13, 256, 176, floatsOfQ5K, decodeQ5K},
    {"Q6_K", 14, 256, 210, floatsOfQ6K, decodeQ6K},
    {"IQ4_NL", 20, 32, 18, floatsOf<decodeIq4Nl, 18, 1, false>, decodeIq4Nl},
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
