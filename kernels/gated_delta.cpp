// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gated_delta.h"

#include <stdexcept>
#include <string>

#include "kernels/simd/simd.h"

namespace airframe::kernels {
namespace {

void check(const GatedDeltaShape& s, std::size_t begin, std::size_t end, std::initializer_list<const void*> arrays) {
    if (s.batch == 0 || s.tokens == 0 || s.heads == 0 || s.k == 0 || s.v == 0)
        throw std::invalid_argument("gated delta rule: every size must be at least 1");
    if (begin > end || end > s.batch * s.heads)
        throw std::invalid_argument("gated delta rule: pairs " + std::to_string(begin) + ".." + std::to_string(end) +
                                    " are outside batch*heads = " + std::to_string(s.batch * s.heads));
    for (const void* array : arrays)
        if (!array) throw std::invalid_argument("gated delta rule: an array is missing");
}

}  // namespace

void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputs& in, const GatedDeltaOutputs& out,
                       std::size_t begin, std::size_t end) {
    check(shape, begin, end, {in.q, in.k, in.v, in.g, in.beta, out.o});
    simd::gatedDeltaForward(shape, in, out, begin, end);
}

void gatedDeltaBackward(const GatedDeltaShape& shape, const GatedDeltaInputs& in, const GatedDeltaGradients& grad,
                        std::size_t begin, std::size_t end) {
    check(shape, begin, end,
          {in.q, in.k, in.v, in.g, in.beta, grad.d_o, grad.saved, grad.d_q, grad.d_k, grad.d_v, grad.d_g, grad.d_beta});
    simd::gatedDeltaBackward(shape, in, grad, begin, end);
}

}  // namespace airframe::kernels
