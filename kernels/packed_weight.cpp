// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/packed_weight.h"

#include <cstring>
#include <stdexcept>
#include <string>

#include "kernels/bf16.h"
#include "kernels/f16.h"

namespace airframe::kernels {
namespace {

constexpr std::size_t lanes = PackedWeight::lanes;
constexpr std::size_t plane_bytes = weight_block * lanes / 2;  // of one block
constexpr std::size_t scale_bytes = lanes * sizeof(F16);

/// Scales and minima.
std::size_t factorsPerBlock(WeightType type) { return scalesOf(type) * (hasMinimum(type) ? 2 : 1); }
std::size_t elementBytes(WeightType type) { return type == WeightType::float32 ? 4 : 2; }

/// Byte and shift of the nibble of column `c` (within its block), lane `lane`, in a plane.
struct Nibble {
    std::size_t byte;
    int shift;
    Nibble(std::size_t c, std::size_t lane) {
        const std::size_t word = c / 8 * lanes + lane, bit = c % 2 * 16 + c % 8 / 2 * 4;
        byte = word * 4 + bit / 8;
        shift = static_cast<int>(bit % 8);
    }
    void set(std::byte* plane, unsigned value) const { plane[byte] |= static_cast<std::byte>(value << shift); }
    [[nodiscard]] unsigned get(const std::byte* plane) const { return static_cast<unsigned>(plane[byte] >> shift) & 15; }
};

template <class T>
T readAt(const std::byte* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

}  // namespace

PackedWeight::PackedWeight(WeightType type, std::size_t k, std::span<const WeightRows> parts) : m_type(type), m_columns(k) {
    for (const WeightRows& part : parts) m_rows += part.count;
    if (m_rows == 0 || k == 0)
        throw std::invalid_argument("packed weight: " + std::to_string(m_rows) + " rows of " + std::to_string(k) +
                                    " columns; at least one of each was wanted");
    const std::size_t row_bytes = weightRowBytes(type, k);
    m_block_bytes = isQuantised(type) ? planes() * plane_bytes + factorsPerBlock(type) * scale_bytes
                                      : weight_block * lanes * elementBytes(type);
    m_data.resize(bytes());
    std::size_t row = 0;
    for (const WeightRows& part : parts)
        for (std::size_t i = 0; i < part.count; ++i) packRow(row++, static_cast<const std::byte*>(part.data) + i * row_bytes);
}

void PackedWeight::packRow(std::size_t row, const std::byte* from) {
    std::byte* to = m_data.data() + row / lanes * blocks() * m_block_bytes;
    const std::size_t lane = row % lanes;
    if (!isQuantised(m_type)) {
        const std::size_t size = elementBytes(m_type);
        for (std::size_t c = 0; c < m_columns; ++c)
            std::memcpy(to + ((c / 2 * lanes + lane) * 2 + c % 2) * size, from + c * size, size);
        return;
    }
    for (std::size_t b = 0; b < blocks(); ++b, to += m_block_bytes) {
        for (std::size_t s = 0; s < factorsPerBlock(m_type); ++s, from += sizeof(F16))
            std::memcpy(to + planes() * plane_bytes + s * scale_bytes + lane * sizeof(F16), from, sizeof(F16));
        for (std::size_t c = 0; c < weight_block; ++c) {
            const Nibble at(c, lane);
            if (hasBytes(m_type)) {
                const auto n = static_cast<unsigned>(from[c]);
                at.set(to, n & 15);
                at.set(to + plane_bytes, n >> 4);
            } else {
                at.set(to, static_cast<unsigned>(from[c % 16] >> (c < 16 ? 0 : 4)) & 15);
            }
        }
        from += hasBytes(m_type) ? weight_block : weight_block / 2;
    }
}

void PackedWeight::dequantizeRow(std::size_t row, float* out) const {
    const std::size_t lane = row % lanes;
    for (std::size_t c = 0; c < m_columns; ++c) {
        const std::byte* const from = block(row / lanes, c / weight_block);
        if (!isQuantised(m_type)) {
            const std::size_t in = c % weight_block;
            const std::byte* const value = from + ((in / 2 * lanes + lane) * 2 + in % 2) * elementBytes(m_type);
            out[c] = m_type == WeightType::float32   ? readAt<float>(value)
                     : m_type == WeightType::float16 ? toFloat(readAt<F16>(value))
                                                     : toFloat(readAt<Bf16>(value));
            continue;
        }
        const auto factor = [&](std::size_t s) {
            return toFloat(readAt<F16>(from + planes() * plane_bytes + s * scale_bytes + lane * sizeof(F16)));
        };
        const std::size_t scales = scalesOf(m_type), s = c % weight_block * scales / weight_block;
        const Nibble at(c % weight_block, lane);
        auto n = static_cast<int>(at.get(from));
        if (hasBytes(m_type)) n = static_cast<std::int8_t>(at.get(from + plane_bytes) << 4 | static_cast<unsigned>(n));
        if (m_type == WeightType::q4_0) n -= 8;
        out[c] = factor(s) * static_cast<float>(n);
        if (hasMinimum(m_type)) out[c] += factor(scales + s);
    }
}

}  // namespace airframe::kernels
