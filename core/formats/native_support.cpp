// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/native_support.h"

#include <algorithm>
#include <utility>

#include "core/formats/rope_frequencies.h"

namespace airframe {

std::string nativeLacks(const ModelConfig& c) {
    const bool local = std::any_of(c.layer.begin(), c.layer.end(), [](const LayerConfig& layer) { return layer.local_rope; });
    const std::pair<bool, const char*> table[] = {
        {c.o_bias || c.mlp_bias, "biases on the output projection or in the MLP"},
        {c.post_norms, "norms after attention and MLP"},
        {c.activation != Activation::silu, "a GELU gate"},
        {c.embedding_scale != 1, "scaled embeddings"},
        {local, "rotary positions that differ between layers"},
        {RopeSetting::of(c, false).followsLength(), "rotary positions that follow the sequence's length"},
    };
    std::string lacks;
    for (const auto& [there, words] : table)
        if (there) lacks += (lacks.empty() ? "" : ", ") + std::string(words);
    return lacks;
}

}  // namespace airframe
