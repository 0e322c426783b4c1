// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/text_corpus.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <numeric>
#include <string_view>
#include <thread>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/base/text_file.h"
#include "core/supernet/shuffle.h"

namespace airframe {
namespace {

constexpr std::string_view kSeparator = "<|endoftext|>";
constexpr std::size_t kPiece = 1 << 16;  // bytes tokenised at a time: keeps every thread busy and progress moving

/// Cuts a text into pieces that may be tokenised apart: before a blank line, once a piece is long enough. The
/// pre-tokenizer keeps the newlines of a blank line together, hence the cut lies in front of all of them.
std::vector<std::string_view> pieces(std::string_view text) {
    std::vector<std::string_view> out;
    while (text.size() > kPiece) {
        auto cut = text.find("\n\n", kPiece);
        while (cut != std::string_view::npos && cut > 0 && text[cut - 1] == '\n') --cut;
        if (cut == std::string_view::npos || cut == 0) break;
        out.push_back(text.substr(0, cut));
        text.remove_prefix(cut);
    }
    if (!text.empty()) out.push_back(text);
    return out;
}

/// Documents of a text, without the separating lines.
std::vector<std::string_view> documents(std::string_view text) {
    std::vector<std::string_view> out;
    std::size_t begin = 0, at = 0;
    while (at <= text.size()) {
        const auto end = std::min(text.find('\n', at), text.size());
        auto line = text.substr(at, end - at);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line == kSeparator) {
            if (at > begin) out.push_back(text.substr(begin, at - begin));
            begin = std::min(end + 1, text.size());
        }
        at = end + 1;
    }
    if (begin < text.size()) out.push_back(text.substr(begin));
    return out;
}

struct Job {
    std::string_view text;
    bool ends_document = false;
    std::vector<std::int32_t> ids;
};

void tokenise(std::vector<Job>& jobs, const Tokenizer& tokenizer, int threads, RunControl& control) {
    std::atomic<std::size_t> next{0}, done{0};
    std::atomic<bool> stop{false};
    std::mutex mutex;
    std::exception_ptr failure;
    const auto work = [&] {
        try {
            for (std::size_t i; !stop && (i = next++) < jobs.size(); ++done)
                jobs[i].ids = tokenizer.encode(jobs[i].text);
        } catch (...) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
            stop = true;
        }
    };
    std::vector<std::jthread> helpers;
    for (int i = 0; i < std::max(1, threads); ++i) helpers.emplace_back(work);
    bool go = true;
    while (go && !stop && done < jobs.size()) {
        go = control.checkpoint();
        Progress progress;
        progress.phase = "tokenize";
        progress.unit = "pieces";
        progress.done = static_cast<double>(done);
        progress.total = static_cast<double>(jobs.size());
        control.progress(progress);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    stop = true;
    helpers.clear();
    if (failure) std::rethrow_exception(failure);
    if (!go) throw Failure(ErrorCode::interrupted, "text", "reading the text was stopped");
}

/// Held out are the windows whose numbers come first in an order that depends on the text alone.
void holdOut(TextCorpus& corpus, int wanted) {
    const auto windows = corpus.windows();
    const auto count = std::clamp<std::int64_t>(wanted, 1, std::max<std::int64_t>(1, windows / 8));
    std::vector<std::int64_t> order(static_cast<std::size_t>(windows));
    std::iota(order.begin(), order.end(), 0);
    shuffle(order, std::stoull(corpus.hash.substr(0, 16), nullptr, 16));
    corpus.heldout.assign(order.begin(), order.begin() + count);
    corpus.training.assign(order.begin() + count, order.end());
    std::sort(corpus.heldout.begin(), corpus.heldout.end());
    std::sort(corpus.training.begin(), corpus.training.end());
}

}  // namespace

at::Tensor TextCorpus::batch(const std::vector<std::int64_t>& numbers) const {
    auto out = at::empty({static_cast<std::int64_t>(numbers.size()), window}, at::kLong);
    auto* to = out.mutable_data_ptr<std::int64_t>();
    for (const auto n : numbers) to = std::copy_n(ids.begin() + n * window, window, to);
    return out;
}

std::vector<std::int32_t> TextCorpus::heldoutIds() const {
    std::vector<std::int32_t> out;
    for (const auto n : heldout) out.insert(out.end(), ids.begin() + n * window, ids.begin() + (n + 1) * window);
    return out;
}

std::vector<std::int64_t> windowsAt(const TextCorpus& corpus, std::int64_t seed, std::int64_t first,
                                    std::int64_t count) {
    const auto all = static_cast<std::int64_t>(corpus.training.size());
    std::vector<std::int64_t> out, order;
    for (std::int64_t pass = -1, i = first; i < first + count; ++i) {
        if (i / all != pass) {
            pass = i / all;
            order = corpus.training;
            shuffle(order, static_cast<std::uint64_t>(seed) * 0x9E3779B97F4A7C15u + static_cast<std::uint64_t>(pass));
        }
        out.push_back(order[static_cast<std::size_t>(i % all)]);
    }
    return out;
}

TextCorpus readCorpus(const std::vector<std::filesystem::path>& paths, const Tokenizer& tokenizer, int window,
                      int heldout, int threads, RunControl& control) {
    const auto files = findTextFiles(paths);
    std::vector<std::string> texts;
    for (const auto& file : files) texts.push_back(readTextFile(file));
    std::vector<Job> jobs;
    for (const auto& text : texts)
        for (const auto document : documents(text)) {
            for (const auto piece : pieces(document)) jobs.push_back({piece, false, {}});
            jobs.back().ends_document = true;
        }
    tokenise(jobs, tokenizer, threads, control);

    TextCorpus corpus;
    corpus.window = window;
    const auto end_of_text = tokenizer.id(kSeparator);
    for (auto& job : jobs) {
        corpus.ids.insert(corpus.ids.end(), job.ids.begin(), job.ids.end());
        if (job.ends_document && end_of_text >= 0) corpus.ids.push_back(end_of_text);
        job.ids = {};
    }
    const auto found = corpus.ids.size();
    corpus.ids.resize(found / static_cast<std::size_t>(window) * static_cast<std::size_t>(window));
    if (corpus.windows() < 2)
        throw Failure(ErrorCode::bad_input, files.front().string(),
                      "the text holds " + std::to_string(found) + " tokens; at least two windows of " +
                          std::to_string(window) + " are needed, one to train on and one to hold out",
                      "give more text");
    corpus.hash = sha256(std::as_bytes(std::span(corpus.ids)));
    holdOut(corpus, heldout);
    return corpus;
}

}  // namespace airframe
