// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/simd/attention_unit.h"

namespace airframe::kernels::simd {

// One unit of attention, arguments already checked. `scratch` holds attentionScratch(d, few) floats, aligned to 64 bytes.
// `few`: at most attention_few_rows rows and attention_segment keys.

template <class Q, class C>
void attentionUnit(const AttentionUnit<Q, C>& unit, bool few, float* scratch);

/// For processors that multiply bf16 (AVX512_BF16), which Highway 1.0.3 has no target for.
void attentionUnitBf16(const AttentionUnit<Bf16, Bf16>& unit, bool few, float* scratch);

}  // namespace airframe::kernels::simd
