// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace airframe::kernels {

/// Which tokens belong together. Without offsets: `batch` sequences of T tokens each. With offsets: `count` sequences
/// packed one after another into a batch of one; sequence n is tokens offsets[n] to offsets[n + 1] (none is allowed).
struct Sequences {
    const std::int64_t* offsets = nullptr;  ///< [count + 1], from 0 to T, never decreasing; nullptr = not packed
    std::size_t count = 0;                  ///< sequences; used only with offsets
};

/// Rows of an array [B, T, ...], counted over batch and tokens.
struct TokenRange {
    std::size_t begin = 0, end = 0;
    [[nodiscard]] std::size_t size() const { return end - begin; }
};

[[nodiscard]] inline std::size_t sequenceCount(const Sequences& s, std::size_t batch) { return s.offsets ? s.count : batch; }

[[nodiscard]] inline TokenRange tokensOf(const Sequences& s, std::size_t tokens, std::size_t sequence) {
    if (!s.offsets) return {sequence * tokens, (sequence + 1) * tokens};
    return {static_cast<std::size_t>(s.offsets[sequence]), static_cast<std::size_t>(s.offsets[sequence + 1])};
}

/// Throws std::invalid_argument, beginning with the operator's name, for offsets that are not as described above.
inline void checkSequences(const Sequences& s, std::size_t batch, std::size_t tokens, const std::string& name) {
    if (!s.offsets) return;
    if (batch != 1)
        throw std::invalid_argument(name + ": packed sequences want a batch of 1, not " + std::to_string(batch));
    if (s.count == 0) throw std::invalid_argument(name + ": offsets are given, but the count of sequences is 0");
    for (std::size_t n = 0; n < s.count; ++n)
        if (s.offsets[n] > s.offsets[n + 1])
            throw std::invalid_argument(name + ": offsets decrease after sequence " + std::to_string(n));
    if (s.offsets[0] != 0 || s.offsets[s.count] != static_cast<std::int64_t>(tokens))
        throw std::invalid_argument(name + ": offsets must run from 0 to T = " + std::to_string(tokens) + ", not from " +
                                    std::to_string(s.offsets[0]) + " to " + std::to_string(s.offsets[s.count]));
}

}  // namespace airframe::kernels
