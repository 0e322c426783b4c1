// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

#include "kernels/qkv_rotary.h"

namespace airframe::kernels::reference {

/// q [B, T, H, d]; keys and values [B, G, S, d]: what the caches held before, then with the tokens' rows in their slots.
struct QkvRotary {
    std::vector<double> q, keys, values;
};

/// The split of a projection (kernels/qkv_rotary.h) in double precision. With `lengths` [B] the T tokens of a sequence are its last
/// ones and the tables hold every position, else the T positions from s.position on.
inline void qkvRotary(const QkvRotaryShape& s, const std::vector<std::size_t>& lengths, const std::vector<float>& projected,
                      const std::vector<float>& cosine, const std::vector<float>& sine, QkvRotary& out) {
    for (std::size_t b = 0; b < s.batch; ++b)
        for (std::size_t t = 0; t < s.tokens; ++t) {
            const std::size_t position = (lengths.empty() ? s.position : lengths[b] - s.tokens) + t;
            const std::size_t turn = lengths.empty() ? t : position;
            for (std::size_t part = 0; part < s.parts(); ++part)
                for (std::size_t i = 0; i < s.d; ++i) {
                    const float* from = projected.data() + (b * s.tokens + t) * s.row() + part * s.d;
                    const double turned = double{from[i]} * cosine[turn * s.d + i] +
                                          double{from[(i + s.d / 2) % s.d]} * sine[turn * s.d + i];
                    const auto at = [&](std::size_t group) {
                        return ((b * s.groups + group) * s.slots + position % s.slots) * s.d + i;
                    };
                    if (part < s.heads) out.q.push_back(turned);
                    else if (part < s.heads + s.groups) out.keys[at(part - s.heads)] = turned;
                    else out.values[at(part - s.heads - s.groups)] = from[i];
                }
        }
}

}  // namespace airframe::kernels::reference
