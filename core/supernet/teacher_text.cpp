// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/teacher_text.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "core/model/sampling.h"

namespace airframe {
namespace {

constexpr std::int64_t kAtOnce = 32;  // windows sampled together: decoding is bound by reading the weights
constexpr std::int64_t kStart = 8;    // tokens of real text in front, so that windows differ

}  // namespace

bool TeacherText::wanted(std::int64_t place) const {
    if (m_share <= 0) return false;
    std::mt19937_64 random(static_cast<std::uint64_t>(m_seed) * 0xD1B54A32D192ED03u +
                           static_cast<std::uint64_t>(place));
    return static_cast<double>(random() >> 11) * 0x1.0p-53 < m_share;
}

bool TeacherText::write(std::int64_t place, at::Tensor row, RunControl& control) {
    std::int64_t before = 0;  // teacher windows at earlier places: the number of this one
    for (std::int64_t p = 0; p < place; ++p) before += wanted(p);
    if (const auto block = before / kAtOnce; block != m_block) {
        const auto windows = sample(block, control);
        if (!windows.defined()) return false;
        m_windows = windows;
        m_block = block;
    }
    row.copy_(m_windows[before % kAtOnce]);
    return true;
}

at::Tensor TeacherText::sample(std::int64_t block, RunControl& control) const {
    const c10::NoGradGuard no_grad;
    const std::int64_t T = m_corpus.window, layers = m_teacher.config().layers;
    const auto starts = windowsAt(m_corpus, m_seed + 1, block * kAtOnce, kAtOnce);
    auto ids = m_corpus.batch(starts);
    std::vector<std::unique_ptr<BlockState>> states;
    for (int layer = 0; layer < layers; ++layer) states.push_back(m_teacher.mixer(layer).emptyState(kAtOnce, T));
    SamplingOptions options;
    options.temperature = 1;
    for (std::int64_t begin = 0, end = std::min(kStart, T); end < T; begin = end++) {
        if (!control.checkpoint()) return {};
        auto h = m_teacher.embed(ids.narrow(1, begin, end - begin));
        for (int layer = 0; layer < layers; ++layer) {
            auto* state = states[static_cast<std::size_t>(layer)].get();
            const at::Tensor y = m_teacher.mixer(layer).forward(m_teacher.mixerInput(layer, h), state);
            h = m_teacher.addMlp(layer, m_teacher.addMixer(layer, h, y));
        }
        const auto logits = m_teacher.logits(h.select(1, h.size(1) - 1)).contiguous();
        for (std::int64_t row = 0; row < kAtOnce; ++row) {
            options.seed = static_cast<std::uint64_t>((m_seed * 1'000'003 + block) * kAtOnce + row);
            const auto* one = logits.const_data_ptr<float>() + row * logits.size(1);
            ids[row][end] = static_cast<std::int64_t>(
                sampleToken(one, m_teacher.config().vocab, options, static_cast<std::uint64_t>(end)));
        }
    }
    return ids;
}

}  // namespace airframe
