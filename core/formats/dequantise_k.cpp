// SPDX-License-Identifier: GPL-3.0-or-later
// Block layouts: the description of ggml's types in the GGUF specification and the packing notes of gguf-py (https://github.com/
// ggml-org/llama.cpp/tree/master/gguf-py). Compiled without contraction of a*b+c, as dequantise.cpp. Each block is copied to
// the stack first: its bytes have any alignment, and a local array cannot overlap the output, so the loops vectorise.
#include "core/formats/dequantise_k.h"

#include <cstdint>
#include <cstring>

#include "core/formats/half.h"

namespace airframe {
namespace {

struct ScalesAndMinima {
    std::uint8_t scale[8], minimum[8];
};

/// Eight 6-bit scales and minima in 12 bytes: the first four of each lie in bytes 0-3 and 4-7, whose two top bits are the
/// top bits of the last four; the low nibbles of these scales are the low halves of bytes 8-11, of the minima the high ones.
ScalesAndMinima unpackSixBits(const std::uint8_t* in) {
    ScalesAndMinima out;
    for (int j = 0; j < 4; ++j) {
        out.scale[j] = in[j] & 63;
        out.minimum[j] = in[j + 4] & 63;
        out.scale[j + 4] = static_cast<std::uint8_t>((in[j + 8] & 15) | (in[j] >> 6) << 4);
        out.minimum[j + 4] = static_cast<std::uint8_t>((in[j + 8] >> 4) | (in[j + 4] >> 6) << 4);
    }
    return out;
}

/// Q4_K, and with `fifth` Q5_K, which has 32 bytes of fifth bits before the others.
template <bool fifth>
void decodeNibblesK(const std::byte* in, IntegerBlock* out) {
    constexpr std::size_t quants = fifth ? 48 : 16;
    std::uint8_t packed[12], high[32] = {}, q[128];
    std::memcpy(packed, in + 4, sizeof packed);
    if constexpr (fifth) std::memcpy(high, in + 16, sizeof high);
    std::memcpy(q, in + quants, sizeof q);
    const float d = loadHalf(in), dmin = loadHalf(in + 2);
    const ScalesAndMinima sm = unpackSixBits(packed);
    // 32 bytes hold 64 values: low nibbles first.
    for (int part = 0; part < 8; ++part, ++out) {
        const std::uint8_t* from = q + part / 2 * 32;
        const int shift = part % 2 * 4;
        out->scale[0] = out->scale[1] = d * static_cast<float>(sm.scale[part]);
        out->minimum[0] = out->minimum[1] = -(dmin * static_cast<float>(sm.minimum[part]));
        for (int j = 0; j < 32; ++j) out->n[j] = static_cast<std::int8_t>((from[j] >> shift & 15) | (high[j] >> part & 1) << 4);
    }
}

}  // namespace

void decodeQ2K(const std::byte* in, IntegerBlock* out) {
    std::uint8_t scales[16], q[64];
    std::memcpy(scales, in, sizeof scales);
    std::memcpy(q, in + 16, sizeof q);
    const float d = loadHalf(in + 80), dmin = loadHalf(in + 82);
    // 32 bytes hold 128 values: the lowest two bits of each byte are the first 32, and so on.
    for (int part = 0; part < 8; ++part, ++out) {
        const std::uint8_t* from = q + part / 4 * 32;
        const int shift = part % 4 * 2;
        for (int half = 0; half < 2; ++half) {
            const std::uint8_t both = scales[part * 2 + half];
            out->scale[half] = d * static_cast<float>(both & 15);
            out->minimum[half] = -(dmin * static_cast<float>(both >> 4));
        }
        for (int j = 0; j < 32; ++j) out->n[j] = static_cast<std::int8_t>(from[j] >> shift & 3);
    }
}

void decodeQ3K(const std::byte* in, IntegerBlock* out) {
    std::uint8_t mask[32], q[64], packed[12];
    std::memcpy(mask, in, sizeof mask);
    std::memcpy(q, in + 32, sizeof q);
    std::memcpy(packed, in + 96, sizeof packed);
    const float d = loadHalf(in + 108);
    for (int part = 0; part < 8; ++part, ++out) {
        const std::uint8_t* from = q + part / 4 * 32;
        const int shift = part % 4 * 2;
        for (int half = 0; half < 2; ++half) {
            // 6-bit scales: low nibbles of the first 8, then high nibbles; the top pairs four to a byte in the last 4.
            const int s = part * 2 + half;
            const int low = packed[s % 8] >> (s / 8 * 4) & 15, high = packed[8 + s % 4] >> (s / 4 * 2) & 3;
            out->scale[half] = d * static_cast<float>((low | high << 4) - 32);
            out->minimum[half] = 0;
        }
        // The third bit stored says that 4 is *not* taken away.
        for (int j = 0; j < 32; ++j) out->n[j] = static_cast<std::int8_t>((from[j] >> shift & 3) - (mask[j] >> part & 1 ? 0 : 4));
    }
}

void decodeQ4K(const std::byte* in, IntegerBlock* out) { decodeNibblesK<false>(in, out); }
void decodeQ5K(const std::byte* in, IntegerBlock* out) { decodeNibblesK<true>(in, out); }

void decodeQ6K(const std::byte* in, IntegerBlock* out) {
    std::uint8_t low[128], high[64];
    std::int8_t scales[16];
    std::memcpy(low, in, sizeof low);
    std::memcpy(high, in + 128, sizeof high);
    std::memcpy(scales, in + 192, sizeof scales);
    const float d = loadHalf(in + 208);
    // 64 bytes of low nibbles and 32 of high pairs hold 128 values: first all low nibbles, then all high ones.
    for (int part = 0; part < 8; ++part, ++out) {
        const std::uint8_t* from = low + part / 4 * 64 + part % 2 * 32;
        const std::uint8_t* top = high + part / 4 * 32;
        const int shift = part % 4 / 2 * 4, top_shift = part % 4 * 2;
        for (int half = 0; half < 2; ++half) {
            out->scale[half] = d * static_cast<float>(scales[part * 2 + half]);
            out->minimum[half] = 0;
        }
        for (int j = 0; j < 32; ++j)
            out->n[j] = static_cast<std::int8_t>(((from[j] >> shift & 15) | (top[j] >> top_shift & 3) << 4) - 32);
    }
}

void floatsOfQ2K(const std::byte* in, std::size_t blocks, float* out) { floatsOf<decodeQ2K, 84, 8, true>(in, blocks, out); }
void floatsOfQ3K(const std::byte* in, std::size_t blocks, float* out) { floatsOf<decodeQ3K, 110, 8, false>(in, blocks, out); }
void floatsOfQ4K(const std::byte* in, std::size_t blocks, float* out) { floatsOf<decodeQ4K, 144, 8, true>(in, blocks, out); }
void floatsOfQ5K(const std::byte* in, std::size_t blocks, float* out) { floatsOf<decodeQ5K, 176, 8, true>(in, blocks, out); }
void floatsOfQ6K(const std::byte* in, std::size_t blocks, float* out) { floatsOf<decodeQ6K, 210, 8, false>(in, blocks, out); }

}  // namespace airframe
