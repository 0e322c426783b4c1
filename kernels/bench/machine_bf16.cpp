// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/bench/machine_bf16.h"

#if defined(__x86_64__) && defined(__GNUC__)
// The compiler's own header makes undefined vectors that it then warns of.
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

namespace airframe::kernels::bench {

__attribute__((target("avx512f,avx512bf16"))) double multiplyAddBf16(std::size_t rounds, float* sink) {
    constexpr int chains = 12, products = 32;  // a vector's 32 pairs of elements
    const __m512bh one = (__m512bh)_mm512_set1_epi16(0x3F80), small = (__m512bh)_mm512_set1_epi16(0x3A80);
    __m512 sums[chains];
    for (int i = 0; i < chains; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));  // or the compiler would keep one chain
    for (std::size_t r = 0; r < rounds; ++r)
#pragma GCC unroll 12
        for (int i = 0; i < chains; ++i) sums[i] = _mm512_dpbf16_ps(sums[i], one, small);
    for (int i = 1; i < chains; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
    *sink = _mm512_reduce_add_ps(sums[0]);
    return 2.0 * products * chains * static_cast<double>(rounds);
}

}  // namespace airframe::kernels::bench

#else

namespace airframe::kernels::bench {

double multiplyAddBf16(std::size_t, float*) { return 0; }

}  // namespace airframe::kernels::bench
#endif
