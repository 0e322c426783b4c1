// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/weight_format.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>

#include "kernels/bf16.h"
#include "kernels/f16.h"

namespace airframe::kernels {
namespace {

/// Writes values one after the other.
class Writer {
  public:
    explicit Writer(std::byte* to) : m_to(to) {}
    template <class T>
    void put(T value) {
        std::memcpy(m_to, &value, sizeof value);
        m_to += sizeof value;
    }

  private:
    std::byte* m_to;
};

int clamped(float x, int low, int high) { return std::clamp(static_cast<int>(std::lround(x)), low, high); }

void putBlock8(const float* x, Writer& out) {
    float most = 0;
    for (std::size_t i = 0; i < weight_block; ++i) most = std::max(most, std::abs(x[i]));
    const float d = most / 127, inverse = d > 0 ? 1 / d : 0;
    out.put(toF16(d));
    for (std::size_t i = 0; i < weight_block; ++i) out.put(static_cast<std::int8_t>(clamped(x[i] * inverse, -127, 127)));
}

/// The two types of 4 bits: n = round((x - base) / d).
void putNibbles(const float* x, float base, float d, Writer& out) {
    const float inverse = d != 0 ? 1 / d : 0;
    for (std::size_t i = 0; i < weight_block / 2; ++i) {
        const int low = clamped((x[i] - base) * inverse, 0, 15);
        const int high = clamped((x[i + weight_block / 2] - base) * inverse, 0, 15);
        out.put(static_cast<std::uint8_t>(low | high << 4));
    }
}

void putBlock40(const float* x, Writer& out) {
    float extreme = 0;
    for (std::size_t i = 0; i < weight_block; ++i)
        if (std::abs(x[i]) > std::abs(extreme)) extreme = x[i];
    const float d = extreme / -8;
    out.put(toF16(d));
    putNibbles(x, -8 * d, d, out);
}

void putBlock41(const float* x, Writer& out) {
    const auto [low, high] = std::minmax_element(x, x + weight_block);
    const float d = (*high - *low) / 15;
    out.put(toF16(d));
    out.put(toF16(*low));
    putNibbles(x, *low, d, out);
}

}  // namespace

const char* weightTypeName(WeightType type) {
    static constexpr const char* names[] = {"float32", "float16", "bfloat16", "q8_0", "q4_0", "q4_1"};
    return names[static_cast<std::size_t>(type)];
}

std::size_t weightRowBytes(WeightType type, std::size_t k) {
    if (isQuantised(type) && k % weight_block)
        throw std::invalid_argument("weight rows: " + std::to_string(k) + " values in blocks of 32; a multiple of 32 was wanted");
    switch (type) {
        case WeightType::float32: return 4 * k;
        case WeightType::float16:
        case WeightType::bfloat16: return 2 * k;
        case WeightType::q8_0: return k / weight_block * 34;
        case WeightType::q4_0: return k / weight_block * 18;
        case WeightType::q4_1: return k / weight_block * 20;
    }
    throw std::invalid_argument("weight rows: an unknown type");
}

void quantizeRows(WeightType type, const float* rows, std::size_t n, std::size_t k, std::byte* out) {
    (void)weightRowBytes(type, k);
    Writer writer(out);
    const float* const end = rows + n * k;
    const std::size_t step = isQuantised(type) ? weight_block : 1;
    for (const float* x = rows; x < end; x += step) {
        switch (type) {
            case WeightType::float32: writer.put(*x); break;
            case WeightType::float16: writer.put(toF16(*x)); break;
            case WeightType::bfloat16: writer.put(toBf16(*x)); break;
            case WeightType::q8_0: putBlock8(x, writer); break;
            case WeightType::q4_0: putBlock40(x, writer); break;
            case WeightType::q4_1: putBlock41(x, writer); break;
        }
    }
}

}  // namespace airframe::kernels
