// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

#include "kernels/linear_scan.h"

namespace airframe::kernels {

/// Throws std::invalid_argument, beginning with `name`, unless sizes, heads and strides of a filled shape are as described
/// in linear_scan.h. The sequences are checkSequences' part: their offsets may lie on a device.
inline void checkLinearScanShape(const LinearScanShape& s, const std::string& name) {
    const auto fail = [&](const std::string& what) { throw std::invalid_argument(name + ": " + what); };
    const auto heads = [&](std::size_t part, const char* which) {
        if (s.heads % part != 0)
            fail(std::string(which) + " = " + std::to_string(part) + " must divide " + std::to_string(s.heads) + " heads");
    };
    const auto stride = [&](std::size_t elements, std::size_t least, const char* which) {
        if (elements < least)
            fail(std::string(which) + " = " + std::to_string(elements) + " is below its row of " + std::to_string(least));
    };
    if (s.batch == 0 || s.tokens == 0 || s.heads == 0) fail("batch, tokens and heads must be at least 1");
    if (s.k == 0 || s.k > 512 || s.v == 0 || s.v > 512)
        fail("K = " + std::to_string(s.k) + " and V = " + std::to_string(s.v) + " must lie in 1..512");
    heads(s.q_heads, "q_heads");
    heads(s.k_heads, "k_heads");
    heads(s.v_heads, "v_heads");
    heads(s.g_heads, "g_heads");
    stride(s.q_stride, s.q_heads * s.k, "q_stride");
    stride(s.k_stride, s.k_heads * s.k, "k_stride");
    stride(s.v_stride, s.v_heads * s.v, "v_stride");
    stride(s.skip_stride, s.v_heads * s.v, "skip_stride");
}

/// The same for arrays that are missing.
template <class T, class State>
void checkLinearScanArrays(const LinearScanShape& s, const LinearScanInputs<T, State>& in, const LinearScanOutputs<T, State>& out,
                           const std::string& name) {
    const auto fail = [&](const char* what) { throw std::invalid_argument(name + ": " + what); };
    if (!in.q || !in.k || !in.v || !out.o) fail("q, k, v or o is missing");
    if (!in.g && s.decay != Decay::none) fail("g is missing; Decay::none runs without it");
    if (in.skip && !in.skip_input) fail("skip is given without skip_input");
}

}  // namespace airframe::kernels
