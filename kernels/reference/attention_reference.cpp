// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/reference/attention_reference.h"

#include <algorithm>
#include <cmath>

namespace airframe::kernels::reference {

std::vector<double> attention(const AttentionShape& s, const AttentionInputs<float, float>& in) {
    const auto given = [](std::size_t stride, std::size_t dense) { return stride ? stride : dense; };
    const double scale = s.scale > 0 ? s.scale : 1.0 / std::sqrt(static_cast<double>(s.d));
    std::vector<double> o(s.batch * s.tokens * s.heads * s.d);
    for (std::size_t b = 0; b < s.batch; ++b)
        for (std::size_t t = 0; t < s.tokens; ++t)
            for (std::size_t h = 0; h < s.heads; ++h) {
                const std::size_t g = h / (s.heads / s.groups);
                const float* q = in.q + b * given(s.q.batch, s.tokens * s.heads * s.d) +
                                 t * given(s.q.row, s.heads * s.d) + h * given(s.q.head, s.d);
                const float* keys = in.keys + b * given(s.keys.batch, s.groups * s.slots * s.d) +
                                    g * given(s.keys.head, s.slots * s.d);
                const float* values = in.values + b * given(s.values.batch, s.groups * s.slots * s.d) +
                                      g * given(s.values.head, s.slots * s.d);
                const std::size_t p = (in.lengths ? in.lengths[b] : s.length) - s.tokens + t;
                std::vector<double> score(p + 1);
                double top = in.sinks ? in.sinks[h] : -INFINITY;
                std::size_t first = s.window && p + 1 > s.window ? p + 1 - s.window : 0;
                for (std::size_t j = first; j <= p; ++j) {
                    const float* k = keys + j % s.slots * given(s.keys.row, s.d);
                    for (std::size_t c = 0; c < s.d; ++c) score[j] += scale * q[c] * k[c];
                    top = std::max(top, score[j]);
                }
                double sum = in.sinks ? std::exp(in.sinks[h] - top) : 0.0;
                for (std::size_t j = first; j <= p; ++j) sum += std::exp(score[j] - top);
                double* row = o.data() + ((b * s.tokens + t) * s.heads + h) * s.d;
                for (std::size_t j = first; j <= p; ++j) {
                    const float* v = values + j % s.slots * given(s.values.row, s.d);
                    for (std::size_t c = 0; c < s.d; ++c) row[c] += std::exp(score[j] - top) / sum * v[c];
                }
            }
    return o;
}

}  // namespace airframe::kernels::reference
