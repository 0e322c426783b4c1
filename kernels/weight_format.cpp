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

void putBlock40(const float* x, Writer& out) {
    float extreme = 0;
    for (std::size_t i = 0; i < weight_block; ++i)
        if (std::abs(x[i]) > std::abs(extreme)) extreme = x[i];
    const float d = extreme / -8, inverse = d != 0 ? 1 / d : 0;
    out.put(toF16(d));
    for (std::size_t i = 0; i < weight_block / 2; ++i) {
        const int low = clamped(x[i] * inverse + 8, 0, 15), high = clamped(x[i + weight_block / 2] * inverse + 8, 0, 15);
        out.put(static_cast<std::uint8_t>(low | high << 4));
    }
}

/// The types with a minimum: levels from the smallest value (n = `first`) to the largest in equal steps.
void putBlockWithMinima(WeightType type, const float* x, Writer& out) {
    const std::size_t scales = scalesOf(type), group = weight_block / scales;
    const int first = hasBytes(type) ? -128 : 0, steps = hasBytes(type) ? 255 : 15;
    float d[2], m[2];
    for (std::size_t s = 0; s < scales; ++s) {
        const auto [low, high] = std::minmax_element(x + s * group, x + (s + 1) * group);
        d[s] = (*high - *low) / static_cast<float>(steps);
        m[s] = *low - d[s] * static_cast<float>(first);
    }
    for (std::size_t s = 0; s < scales; ++s) out.put(toF16(d[s]));
    for (std::size_t s = 0; s < scales; ++s) out.put(toF16(m[s]));
    const auto integer = [&](std::size_t i) {
        const std::size_t s = i / group;
        return clamped(d[s] > 0 ? (x[i] - m[s]) / d[s] : 0, first, first + steps);
    };
    if (hasBytes(type))
        for (std::size_t i = 0; i < weight_block; ++i) out.put(static_cast<std::int8_t>(integer(i)));
    else
        for (std::size_t i = 0; i < weight_block / 2; ++i)
            out.put(static_cast<std::uint8_t>(integer(i) | integer(i + weight_block / 2) << 4));
}

}  // namespace

const char* weightTypeName(WeightType type) {
    static constexpr const char* names[] = {"float32", "float16", "bfloat16", "q8_0", "q4_0", "q4_1", "q8_16", "q4_16"};
    return names[static_cast<std::size_t>(type)];
}

std::size_t weightRowBytes(WeightType type, std::size_t k) {
    if (isQuantised(type) && k % weight_block)
        throw std::invalid_argument("weight rows: " + std::to_string(k) + " values in blocks of 32; a multiple of 32 was wanted");
    switch (type) {
        case WeightType::float32: return 4 * k;
        case WeightType::float16:
        case WeightType::bfloat16: return 2 * k;
        default: return k / weight_block * (2 * scalesOf(type) * (hasMinimum(type) ? 2 : 1) + (hasBytes(type) ? 32 : 16));
    }
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
            default: putBlockWithMinima(type, x, writer);
        }
    }
}

}  // namespace airframe::kernels
