// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gated_delta.h"

#include <stdexcept>
#include <string>

#include "kernels/simd/simd.h"

namespace airframe::kernels {
namespace {

[[noreturn]] void refuse(const std::string& why) { throw std::invalid_argument("gated delta rule: " + why); }

void checkSizes(const GatedDeltaShape& s, const char* units, std::size_t all, std::size_t begin, std::size_t end) {
    if (s.batch == 0 || s.tokens == 0 || s.heads == 0 || s.k == 0 || s.v == 0) refuse("every size must be at least 1");
    if (s.key_heads != 0 && s.heads % s.key_heads != 0)
        refuse(std::to_string(s.heads) + " heads are no multiple of " + std::to_string(s.key_heads) + " key heads");
    if (begin > end || end > all)
        refuse(std::string(units) + " " + std::to_string(begin) + " to " + std::to_string(end) + " are outside the " +
               std::to_string(all) + " of this shape");
}

struct NamedArray {
    const char* name;
    const void* array;
};

void checkArrays(std::initializer_list<NamedArray> arrays) {
    for (const auto& [name, array] : arrays)
        if (!array) refuse(std::string(name) + " is missing");
}

template <class T, class State>
void forward(const GatedDeltaShape& shape, const GatedDeltaInputsOf<T, State>& in,
             const GatedDeltaOutputsOf<T, State>& out, const char* units, std::size_t blocks, std::size_t begin,
             std::size_t end) {
    checkSequences(shape.sequences, shape.batch, shape.tokens, "gated delta rule");
    checkSizes(shape, units, sequenceCount(shape.sequences, shape.batch) * shape.heads * blocks, begin, end);
    checkArrays({{"q", in.q}, {"k", in.k}, {"v", in.v}, {"beta", in.beta}, {"o", out.o}});
    if (shape.sequences.offsets && out.saved) refuse("states are not saved for packed sequences; give each sequence its own call");
    const std::size_t per_pair = gatedDeltaBlocks(shape.v) / blocks;
    simd::gatedDeltaForward(shape, in, out, begin * per_pair, end * per_pair);
}

}  // namespace

void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputs& in, const GatedDeltaOutputs& out,
                       std::size_t begin, std::size_t end) {
    forward(shape, in, out, "pairs", 1, begin, end);
}
void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputsOf<float, Bf16>& in,
                       const GatedDeltaOutputsOf<float, Bf16>& out, std::size_t begin, std::size_t end) {
    forward(shape, in, out, "pairs", 1, begin, end);
}
void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputsOf<Bf16>& in,
                       const GatedDeltaOutputsOf<Bf16>& out, std::size_t begin, std::size_t end) {
    forward(shape, in, out, "pairs", 1, begin, end);
}
void gatedDeltaForward(const GatedDeltaShape& shape, const GatedDeltaInputsOf<Bf16, Bf16>& in,
                       const GatedDeltaOutputsOf<Bf16, Bf16>& out, std::size_t begin, std::size_t end) {
    forward(shape, in, out, "pairs", 1, begin, end);
}

template <class T, class State>
void gatedDeltaForwardBlocks(const GatedDeltaShape& shape, const GatedDeltaInputsOf<T, State>& in,
                             const GatedDeltaOutputsOf<T, State>& out, std::size_t begin, std::size_t end) {
    forward(shape, in, out, "blocks", gatedDeltaBlocks(shape.v), begin, end);
}
template void gatedDeltaForwardBlocks(const GatedDeltaShape&, const GatedDeltaInputsOf<float>&,
                                      const GatedDeltaOutputsOf<float>&, std::size_t, std::size_t);
template void gatedDeltaForwardBlocks(const GatedDeltaShape&, const GatedDeltaInputsOf<float, Bf16>&,
                                      const GatedDeltaOutputsOf<float, Bf16>&, std::size_t, std::size_t);
template void gatedDeltaForwardBlocks(const GatedDeltaShape&, const GatedDeltaInputsOf<Bf16>&,
                                      const GatedDeltaOutputsOf<Bf16>&, std::size_t, std::size_t);
template void gatedDeltaForwardBlocks(const GatedDeltaShape&, const GatedDeltaInputsOf<Bf16, Bf16>&,
                                      const GatedDeltaOutputsOf<Bf16, Bf16>&, std::size_t, std::size_t);

void gatedDeltaBackward(const GatedDeltaShape& shape, const GatedDeltaInputs& in, const GatedDeltaGradients& grad,
                        std::size_t begin, std::size_t end) {
    checkSizes(shape, "pairs", shape.batch * shape.heads, begin, end);
    if (shape.key_heads != 0 && shape.key_heads != shape.heads)
        refuse("no gradients for heads that share a key head; repeat q and k for every head");
    if (shape.sequences.offsets) refuse("no gradients for packed sequences; give each sequence its own call");
    checkArrays({{"q", in.q}, {"k", in.k}, {"v", in.v}, {"beta", in.beta}, {"d_o", grad.d_o}, {"saved", grad.saved},
                 {"d_q", grad.d_q}, {"d_k", grad.d_k}, {"d_v", grad.d_v}, {"d_beta", grad.d_beta}});
    if (in.g && !grad.d_g) refuse("d_g is missing; only without g it is not wanted");
    simd::gatedDeltaBackward(shape, in, grad, begin, end);
}

}  // namespace airframe::kernels
