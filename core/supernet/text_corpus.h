// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/run_control.h"
#include "core/formats/tokenizer.h"

namespace airframe {

/// Tokenised text cut into disjoint windows of T ids, some of them held out for ever. Plain data after reading.
struct TextCorpus {
    int window = 0;                      ///< T
    std::vector<std::int32_t> ids;       ///< all windows, one after the other
    std::vector<std::int64_t> training;  ///< numbers of the windows that may be trained on, in text order
    std::vector<std::int64_t> heldout;   ///< numbers of the others
    std::string hash;                    ///< of the ids

    [[nodiscard]] std::int64_t windows() const { return static_cast<std::int64_t>(ids.size()) / window; }
    /// Ids of the windows with these numbers: [n, T] int64.
    [[nodiscard]] at::Tensor batch(const std::vector<std::int64_t>& numbers) const;
    /// Ids of the held-out windows, one after the other.
    [[nodiscard]] std::vector<std::int32_t> heldoutIds() const;
};

/// Order in which a run with this seed takes the training windows: each once per pass, every pass another order.
/// `first`, `first + 1`, ... are places in that endless sequence; returns window numbers.
[[nodiscard]] std::vector<std::int64_t> windowsAt(const TextCorpus& corpus, std::int64_t seed, std::int64_t first,
                                                  std::int64_t count);

/// Reads and tokenises files and folders (documents are parted by lines that hold only "<|endoftext|>", which becomes
/// that token) on `threads` threads and holds out `heldout` windows, chosen by the hash of the text alone, so that
/// every run on this text holds out the same ones; at most an eighth of a short text, at least one window. Throws
/// Failure(bad_input) naming a bad file, or the text if it holds fewer than two windows; Failure(interrupted).
[[nodiscard]] TextCorpus readCorpus(const std::vector<std::filesystem::path>& paths, const Tokenizer& tokenizer,
                                    int window, int heldout, int threads, RunControl& control);

}  // namespace airframe
