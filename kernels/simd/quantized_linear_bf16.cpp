// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/simd/quantized_linear_simd.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

#define AIRFRAME_BF16_DOT __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,f16c,fma")))
#define AIRFRAME_BF16_LAMBDA __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,f16c,fma"), always_inline))
#define AIRFRAME_BF16_INLINE AIRFRAME_BF16_DOT __attribute__((always_inline)) inline

namespace airframe::kernels::simd {
namespace {

constexpr std::size_t lanes = PackedWeight::lanes;
constexpr std::size_t plane_bytes = weight_block * lanes / 2;
constexpr std::size_t pairs = weight_block / 2;  // column pairs of a block: one dot product instruction each
constexpr int halves = 2;  // vectors of 16 rows that make a unit
constexpr std::size_t vector = 64;  // bytes
/// Independent chains of additions per row: a dot product waits some six cycles for the one before it.
constexpr int chainsFor(int rows) { return rows == 1 ? 4 : rows <= 3 ? 2 : 1; }
constexpr int most_rows = 6;  // of x at a time: 2 halves x 6 rows x (block sum, total) = 24 of the 32 registers

/// bf16 of the integers that a nibble stands for, twice: the lookup reads 5 bits, of which the fifth belongs to the next nibble.
struct NibbleTable {
    alignas(64) std::uint16_t bits[32];
    constexpr NibbleTable(int base, int step, bool is_signed) : bits() {
        for (int i = 0; i < 32; ++i) {
            const int n = i % 16;
            const float value = static_cast<float>(((is_signed && n >= 8 ? n - 16 : n) + base) * step);
            bits[i] = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16);
        }
    }
};
constexpr NibbleTable unsigned_table(0, 1, false), centred_table(-8, 1, false), high_table(0, 16, true);

/// Activations of one call: rows of K' bf16 values (K' a multiple of 32), and the sum of those that share a scale.
struct Activations {
    const Bf16* x = nullptr;
    std::size_t stride = 0;  // elements
    std::vector<float> sums;  // [R, blocks, scales], only where a minimum needs them
    std::vector<Bf16> padded;
    std::size_t blocks = 0;

    AIRFRAME_BF16_DOT Activations(const PackedWeight& w, const LinearInputs<Bf16>& in) : x(in.x), stride(in.x_stride), blocks(w.blocks()) {
        if (w.columns() % weight_block) {
            stride = blocks * weight_block;
            padded.resize(in.rows * stride);
            for (std::size_t r = 0; r < in.rows; ++r) std::copy_n(in.x + r * in.x_stride, w.columns(), padded.data() + r * stride);
            x = padded.data();
        }
        if (!hasMinimum(w.type())) return;
        const std::size_t scales = scalesOf(w.type());
        sums.resize(in.rows * blocks * scales);
        const __m512bh ones = (__m512bh)_mm512_set1_epi16(0x3F80);
        float* to = sums.data();
        for (std::size_t r = 0; r < in.rows; ++r)
            for (std::size_t b = 0; b < blocks; ++b) {
                const __m512 both = _mm512_dpbf16_ps(_mm512_setzero_ps(), (__m512bh)_mm512_loadu_si512(x + r * stride + b * weight_block), ones);
                if (scales == 2) *to++ = _mm512_mask_reduce_add_ps(0x00FF, both), *to++ = _mm512_mask_reduce_add_ps(0xFF00, both);
                else *to++ = _mm512_reduce_add_ps(both);
            }
    }
    /// Column pair `pair` of row r in every lane.
    AIRFRAME_BF16_INLINE __m512bh pair(std::size_t r, std::size_t pair) const {
        std::int32_t both;
        std::memcpy(&both, x + r * stride + 2 * pair, sizeof both);
        return (__m512bh)_mm512_set1_epi32(both);
    }
};

AIRFRAME_BF16_INLINE __m512 scaleAt(const std::byte* from) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}

/// How far ahead of its use a block is asked for: the processor's own prefetching stops at every page.
constexpr std::size_t prefetch_ahead = 4096;

AIRFRAME_BF16_INLINE void prefetchBlock(std::size_t bytes, const std::byte* block) {
    for (std::size_t i = 0; i < bytes; i += vector)
        _mm_prefetch(reinterpret_cast<const char*>(block + prefetch_ahead + i), _MM_HINT_T0);
}

template <int Rows, int Chains>
using Sums = __m512[halves][Rows][Chains];

/// Where a unit's operands come from: the packed planes, unpacked on the fly. For few rows of x.
template <WeightType Type>
struct PlaneSource {
    static constexpr std::size_t planes = hasBytes(Type) ? 2 : 1;
    const PackedWeight& w;
    std::size_t unit;

    /// Adds the products of part `S` of block `b`, the columns that share a scale.
    template <std::size_t S, int Rows, int Chains>
    AIRFRAME_BF16_INLINE void block(std::size_t b, const Activations& a, std::size_t row, Sums<Rows, Chains>& sum) const {
        const __m512i low = _mm512_load_si512(Type == WeightType::q4_0 ? centred_table.bits : unsigned_table.bits);
        const __m512i high = _mm512_load_si512(high_table.bits);
        constexpr std::size_t words_of_part = 4 / scalesOf(Type);
        if constexpr (S == 0) prefetchBlock(w.blockBytes(), w.block(unit, b));
        for (std::size_t p = 0; p < planes; ++p) {
            const std::byte* from = w.block(unit, b) + p * plane_bytes + S * words_of_part * halves * vector;
#pragma GCC unroll 4
            for (std::size_t z = S * words_of_part; z < (S + 1) * words_of_part; ++z, from += halves * vector) {
                const __m512i words[halves] = {_mm512_load_si512(from), _mm512_load_si512(from + vector)};
#pragma GCC unroll 4
                for (std::size_t j = 0; j < 4; ++j) {
                    __m512bh value[halves];
                    for (int t = 0; t < halves; ++t)
                        value[t] = (__m512bh)_mm512_permutexvar_epi16(_mm512_srli_epi16(words[t], static_cast<unsigned>(4 * j)), p ? high : low);
                    for (int r = 0; r < Rows; ++r) {
                        const __m512bh x = a.pair(row + static_cast<std::size_t>(r), b * pairs + 4 * z + j);
                        for (int t = 0; t < halves; ++t) sum[t][r][j % Chains] = _mm512_dpbf16_ps(sum[t][r][j % Chains], value[t], x);
                    }
                }
            }
        }
    }
};

/// Columns that lie as bf16 already, [blocks, pairs, halves] vectors: a bf16 weight, or planes that were unpacked before.
template <WeightType Type>
struct PlainSource {
    const std::byte* columns;

    template <std::size_t S, int Rows, int Chains>
    AIRFRAME_BF16_INLINE void block(std::size_t b, const Activations& a, std::size_t row, Sums<Rows, Chains>& sum) const {
        constexpr std::size_t part = pairs / scalesOf(Type);
        const std::byte* from = columns + (b * pairs + S * part) * halves * vector;
        if constexpr (!isQuantised(Type)) prefetchBlock(pairs * halves * vector, from);  // what was unpacked lies in the cache
#pragma GCC unroll 4
        for (std::size_t p = S * part; p < (S + 1) * part; ++p, from += halves * vector) {
            const __m512bh value[halves] = {(__m512bh)_mm512_load_si512(from), (__m512bh)_mm512_load_si512(from + vector)};
            for (int r = 0; r < Rows; ++r) {
                const __m512bh x = a.pair(row + static_cast<std::size_t>(r), b * pairs + p);
                for (int t = 0; t < halves; ++t) sum[t][r][p % Chains] = _mm512_dpbf16_ps(sum[t][r][p % Chains], value[t], x);
            }
        }
    }
};

/// Rows `row` ... of x times one unit; scaled block by block unless the type has no scales.
template <WeightType Type, int Rows, class Source>
AIRFRAME_BF16_INLINE void rowsTimesUnit(const Source& source, const PackedWeight& w, std::size_t unit, const Activations& a,
                                        std::size_t row, const LinearOutputs& out) {
    constexpr int chains = chainsFor(Rows);
    constexpr std::size_t half_scales = lanes / halves * sizeof(std::uint16_t);
    __m512 total[halves][Rows];
    Sums<Rows, chains> sum;
    const auto clear = [&]() AIRFRAME_BF16_LAMBDA {
        for (auto& t : sum)
            for (auto& r : t)
                for (__m512& chain : r) chain = _mm512_setzero_ps();
    };
    const auto summed = [&](int t, int r) AIRFRAME_BF16_LAMBDA {
        __m512 x = sum[t][r][0];
        if constexpr (chains == 2) x = _mm512_add_ps(x, sum[t][r][1]);
        if constexpr (chains == 4) x = _mm512_add_ps(_mm512_add_ps(x, sum[t][r][1]), _mm512_add_ps(sum[t][r][2], sum[t][r][3]));
        return x;
    };
    for (auto& t : total)
        for (__m512& r : t) r = _mm512_setzero_ps();
    clear();
    constexpr std::size_t scales = scalesOf(Type);
    const auto addPart = [&]<std::size_t S>(std::size_t b, std::integral_constant<std::size_t, S>) AIRFRAME_BF16_LAMBDA {
        source.template block<S, Rows, chains>(b, a, row, sum);
        if constexpr (isQuantised(Type)) {
            const std::byte* factors = w.block(unit, b) + (hasBytes(Type) ? 2 : 1) * plane_bytes + S * halves * half_scales;
            for (int t = 0; t < halves; ++t) {
                const __m512 d = scaleAt(factors + t * half_scales);
                for (int r = 0; r < Rows; ++r) total[t][r] = _mm512_fmadd_ps(d, summed(t, r), total[t][r]);
                if constexpr (hasMinimum(Type)) {
                    const __m512 m = scaleAt(factors + (scales * halves + t) * half_scales);
                    for (int r = 0; r < Rows; ++r) {
                        const float x = a.sums[((row + static_cast<std::size_t>(r)) * a.blocks + b) * scales + S];
                        total[t][r] = _mm512_fmadd_ps(m, _mm512_set1_ps(x), total[t][r]);
                    }
                }
            }
            clear();
        }
    };
    for (std::size_t b = 0; b < a.blocks; ++b) {
        addPart(b, std::integral_constant<std::size_t, 0>());
        if constexpr (scales == 2) addPart(b, std::integral_constant<std::size_t, 1>());
    }
    if constexpr (Type == WeightType::bfloat16)
        for (int t = 0; t < halves; ++t)
            for (int r = 0; r < Rows; ++r) total[t][r] = summed(t, r);
    const std::size_t n = w.rows() - unit * lanes;  // columns of y that are left
    for (int t = 0; t < halves; ++t) {
        const std::size_t first = static_cast<std::size_t>(t) * (lanes / halves);
        if (first >= n) break;
        const auto mask = static_cast<__mmask16>(n - first >= lanes / halves ? 0xFFFF : (1u << (n - first)) - 1);
        for (int r = 0; r < Rows; ++r) {
            float* to = out.y + (row + static_cast<std::size_t>(r)) * out.y_stride + unit * lanes + first - out.first;
            if (out.add) total[t][r] = _mm512_add_ps(total[t][r], _mm512_maskz_loadu_ps(mask, to));
            _mm512_mask_storeu_ps(to, mask, total[t][r]);
        }
    }
}

template <WeightType Type, class Source>
AIRFRAME_BF16_DOT void allRows(const Source& source, const PackedWeight& w, std::size_t unit, const Activations& a, std::size_t rows,
                               const LinearOutputs& out) {
    // Groups of nearly equal size: eight rows are twice four, not six and two.
    const std::size_t groups = (rows + most_rows - 1) / most_rows;
    for (std::size_t g = 0, r = 0; g < groups; ++g) {
        const std::size_t end = rows * (g + 1) / groups;
        switch (end - r) {
            case 1: rowsTimesUnit<Type, 1>(source, w, unit, a, r, out); break;
            case 2: rowsTimesUnit<Type, 2>(source, w, unit, a, r, out); break;
            case 3: rowsTimesUnit<Type, 3>(source, w, unit, a, r, out); break;
            case 4: rowsTimesUnit<Type, 4>(source, w, unit, a, r, out); break;
            case 5: rowsTimesUnit<Type, 5>(source, w, unit, a, r, out); break;
            default: rowsTimesUnit<Type, most_rows>(source, w, unit, a, r, out);
        }
        r = end;
    }
}

/// Unpacks the planes of a unit into columns (see PlainSource), exactly.
template <WeightType Type>
AIRFRAME_BF16_DOT void unpackUnit(const PackedWeight& w, std::size_t unit, std::byte* columns) {
    const __m512i low = _mm512_load_si512(Type == WeightType::q4_0 ? centred_table.bits : unsigned_table.bits);
    const __m512i nibble = _mm512_set1_epi16(15);
    for (std::size_t b = 0; b < w.blocks(); ++b) {
        prefetchBlock(w.blockBytes(), w.block(unit, b));
        for (std::size_t z = 0; z < 4; ++z, columns += 4 * halves * vector)
            for (std::size_t t = 0; t < halves; ++t) {
                const std::byte* from = w.block(unit, b) + (z * halves + t) * vector;
                const __m512i words = _mm512_load_si512(from);
                const __m512i more = hasBytes(Type) ? _mm512_load_si512(from + plane_bytes) : words;
                for (std::size_t j = 0; j < 4; ++j) {
                    const __m512i n = _mm512_srli_epi16(words, static_cast<unsigned>(4 * j));
                    __m512i value = _mm512_permutexvar_epi16(n, low);
                    if constexpr (hasBytes(Type)) {  // low + 16 * high is an integer of 8 bits: exact in bf16
                        const __m512i h = _mm512_slli_epi16(_mm512_srli_epi16(more, static_cast<unsigned>(4 * j)), 12);
                        const __m512i both = _mm512_or_si512(_mm512_srai_epi16(h, 8), _mm512_and_si512(n, nibble));
                        const __m512 even = _mm512_cvtepi32_ps(_mm512_srai_epi32(_mm512_slli_epi32(both, 16), 16));
                        const __m512 odd = _mm512_cvtepi32_ps(_mm512_srai_epi32(both, 16));
                        value = _mm512_or_si512(_mm512_srli_epi32(_mm512_castps_si512(even), 16),
                                                _mm512_and_si512(_mm512_castps_si512(odd), _mm512_set1_epi32(static_cast<int>(0xFFFF0000))));
                    }
                    _mm512_store_si512(columns + (j * halves + t) * vector, value);
                }
            }
    }
}

struct FreeAligned {
    void operator()(std::byte* p) const { ::operator delete[](p, std::align_val_t{vector}); }
};

template <WeightType Type>
AIRFRAME_BF16_DOT void run(const PackedWeight& w, const LinearInputs<Bf16>& in, const LinearOutputs& out, std::size_t begin, std::size_t end) {
    const Activations a(w, in);
    constexpr bool quantised = isQuantised(Type);
    std::unique_ptr<std::byte[], FreeAligned> columns;
    if (quantised && in.rows > most_rows)
        columns.reset(static_cast<std::byte*>(::operator new[](a.blocks * pairs * halves * vector, std::align_val_t{vector})));
    for (std::size_t unit = begin; unit < end; ++unit) {
        if constexpr (!quantised) {
            allRows<Type>(PlainSource<Type>{w.block(unit, 0)}, w, unit, a, in.rows, out);
        } else if (columns) {
            unpackUnit<Type>(w, unit, columns.get());
            allRows<Type>(PlainSource<Type>{columns.get()}, w, unit, a, in.rows, out);
        } else {
            allRows<Type>(PlaneSource<Type>{w, unit}, w, unit, a, in.rows, out);
        }
    }
}

}  // namespace

void linearBf16Dot(const PackedWeight& w, const LinearInputs<Bf16>& in, const LinearOutputs& out, std::size_t begin, std::size_t end) {
    switch (w.type()) {
        case WeightType::bfloat16: return run<WeightType::bfloat16>(w, in, out, begin, end);
        case WeightType::q8_0: return run<WeightType::q8_0>(w, in, out, begin, end);
        case WeightType::q4_0: return run<WeightType::q4_0>(w, in, out, begin, end);
        case WeightType::q4_1: return run<WeightType::q4_1>(w, in, out, begin, end);
        case WeightType::q8_16: return run<WeightType::q8_16>(w, in, out, begin, end);
        case WeightType::q4_16: return run<WeightType::q4_16>(w, in, out, begin, end);
        case WeightType::float32:
        case WeightType::float16: return linearFloat(w, in, out, begin, end);
    }
}

}  // namespace airframe::kernels::simd

#else

namespace airframe::kernels::simd {

void linearBf16Dot(const PackedWeight& w, const LinearInputs<Bf16>& in, const LinearOutputs& out, std::size_t begin, std::size_t end) {
    linearFloat(w, in, out, begin, end);
}

}  // namespace airframe::kernels::simd
#endif
