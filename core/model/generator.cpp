// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/generator.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>

#include "core/base/error.h"
#include "core/model/decoder.h"
#include "core/model/token_nll.h"

namespace airframe {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::time_point since) {
    return std::chrono::duration<double, std::milli>(Clock::now() - since).count();
}

void checkRequest(const Supernet& supernet, const Placement& placement, const std::vector<std::int32_t>& prompt,
                  const GenerateOptions& options) {
    supernet.check(placement);
    checkSampling(options.sampling);
    if (options.tokens < 0)
        throw Failure(ErrorCode::options, "--tokens", "wanted 0 or more, found " + std::to_string(options.tokens));
    if (options.prefill_chunk < 1)
        throw Failure(ErrorCode::options, "prefill_chunk",
                      "wanted 1 or more, found " + std::to_string(options.prefill_chunk));
    if (prompt.empty()) throw Failure(ErrorCode::bad_input, "prompt", "it holds no token", "give at least one");
    const int vocab = supernet.model().config().vocab;
    for (std::size_t i = 0; i < prompt.size(); ++i)
        if (prompt[i] < 0 || prompt[i] >= vocab)
            throw Failure(ErrorCode::bad_input, "prompt, token " + std::to_string(i),
                          "id " + std::to_string(prompt[i]) + " is outside the vocabulary of " + std::to_string(vocab),
                          "use ids from 0 to " + std::to_string(vocab - 1));
}

void addLogprobs(std::span<const float> row, int count, GeneratedToken& token) {
    const at::Tensor logits = at::from_blob(const_cast<float*>(row.data()), {static_cast<std::int64_t>(row.size())});
    const double lse = logSumExp(logits.unsqueeze(0)).item<double>();
    token.logprob = static_cast<double>(row[static_cast<std::size_t>(token.id)]) - lse;
    if (count <= 0) return;
    const auto [values, ids] = at::topk(logits, std::min<std::int64_t>(count, logits.size(0)));
    for (std::int64_t i = 0; i < values.size(0); ++i)
        token.top.emplace_back(static_cast<std::int32_t>(ids.data_ptr<std::int64_t>()[i]),
                               static_cast<double>(values.data_ptr<float>()[i]) - lse);
}

}  // namespace

Generation generate(const Supernet& supernet, const Placement& placement, const std::vector<std::int32_t>& prompt,
                    const GenerateOptions& options, RunControl& control,
                    const std::function<void(const GeneratedToken&)>& on_token) {
    checkRequest(supernet, placement, prompt, options);
    const c10::InferenceMode inference;
    const ModelConfig& config = supernet.model().config();
    const auto length = static_cast<std::int64_t>(prompt.size());
    Generation result;
    const std::unique_ptr<Decoder> decoder = makeDecoder(supernet, placement);
    decoder->start(1, length + options.tokens);

    const auto start = Clock::now();
    std::span<const float> logits;
    for (std::int64_t begin = 0; begin < length; begin += options.prefill_chunk) {
        result.stopped = !control.checkpoint();
        if (result.stopped) return result;
        const std::int64_t n = std::min<std::int64_t>(options.prefill_chunk, length - begin);
        logits = decoder->feed({prompt.data() + begin, static_cast<std::size_t>(n)});
    }
    result.prefill_tps = static_cast<double>(length) / (milliseconds(start) / 1e3);

    double first_ms = 0, last_ms = 0;
    for (int pos = 0; pos < options.tokens; ++pos) {
        GeneratedToken token;
        token.pos = pos;
        token.id = sampleToken(logits.data(), config.vocab, options.sampling,
                               static_cast<std::uint64_t>(length + pos));
        token.t_ms = last_ms = milliseconds(start);
        if (pos == 0) first_ms = token.t_ms;
        result.ids.push_back(token.id);
        if (on_token) {
            token.cache_bytes = decoder->stateBytes();
            addLogprobs(logits, options.top_logprobs, token);
            on_token(token);
        }
        if (options.stop_at_eos && token.id == config.eos_id) break;
        if (pos + 1 == options.tokens) break;
        result.stopped = !control.checkpoint();
        if (result.stopped) break;
        logits = decoder->feed({&result.ids.back(), 1});
    }
    result.ttft_ms = first_ms;
    if (result.ids.size() > 1)
        result.decode_tps = static_cast<double>(result.ids.size() - 1) / ((last_ms - first_ms) / 1e3);
    result.cache_bytes = decoder->stateBytes();
    return result;
}

}  // namespace airframe
