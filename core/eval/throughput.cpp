// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/throughput.h"

#include <ATen/ATen.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/memory_room.h"
#include "core/eval/device_name.h"
#include "core/formats/memory_need.h"
#include "core/model/decoder.h"
#include "core/study/statistics.h"

namespace airframe {
namespace {

using Json = nlohmann::json;

/// What a measurement leaves to everything else on the machine: taking the last page ends some process.
constexpr std::int64_t memory_left_alone = 256 << 20;

void wanted(bool fine, const char* option, int found) {
    if (!fine) throw Failure(ErrorCode::options, option, "wanted a number from 1, found " + std::to_string(found));
}

void checkOptions(const ThroughputOptions& o) {
    wanted(o.context >= 1, "--context", o.context);
    wanted(o.batch >= 1, "--batch", o.batch);
    wanted(o.repeats >= 1, "--repeats", o.repeats);
    wanted(o.warmup >= 0, "warmup", o.warmup);
    wanted(o.decode_tokens >= 1, "decode_tokens", o.decode_tokens);
    wanted(o.prefill_chunk >= 1, "prefill_chunk", o.prefill_chunk);
    wanted(o.prefill_limit >= 1, "prefill_limit", o.prefill_limit);
}

/// One measurement under way.
class Measurement {
  public:
    Measurement(const Supernet& supernet, const Placement& placement, const ThroughputOptions& options,
                RunControl& control)
        : m_net(supernet), m_placement(placement), m_decoder(makeDecoder(supernet, placement)), m_o(options), m_control(control) {
        m_prompt = std::min(options.context, options.prefill_limit);
        at::Generator generator = at::detail::createCPUGenerator(options.seed);
        const at::Tensor ids = at::randint(0, supernet.model().config().vocab, {options.batch, m_prompt}, generator, at::kInt);
        m_ids.assign(ids.const_data_ptr<std::int32_t>(), ids.const_data_ptr<std::int32_t>() + ids.numel());
    }

    /// Upper bound of the bytes a measurement allocates beside the weights: states and the widest activations.
    [[nodiscard]] std::int64_t needed() const {
        const std::int64_t decode = cacheBytes(m_o.context + m_o.decode_tokens);
        const std::int64_t prompt = cacheBytes(m_prompt);
        const double activations =
            activationBytes(m_net.model().config(), m_placement.blocks(), m_o.batch, std::min(m_o.prefill_chunk, m_prompt));
        return std::max(decode, prompt) + static_cast<std::int64_t>(activations);
    }

    void prefill(Json& raw, std::vector<double>& speeds, std::vector<double>& firsts) {
        for (int i = -m_o.warmup; i < m_o.repeats; ++i) {
            m_decoder->start(m_o.batch, m_prompt);
            const auto start = Clock::now();
            (void)nextTokens(fill(m_prompt));
            const double seconds = since(start);
            step();
            if (i < 0) continue;
            speeds.push_back(static_cast<double>(m_o.batch) * m_prompt / seconds);
            firsts.push_back(seconds * 1e3);
            raw.push_back(seconds);
        }
    }

    void decode(Json& raw, std::vector<double>& speeds) {
        m_decoder->start(m_o.batch, m_o.context + m_o.decode_tokens);
        for (int i = -m_o.warmup; i < m_o.repeats; ++i) {
            // Every repeat starts at the same length, or later ones would be slower.
            if (m_o.fill_random) {
                m_decoder->fillRandom(m_o.context, m_o.seed);
            } else {
                m_decoder->start(m_o.batch, m_o.context + m_o.decode_tokens);
                (void)fill(m_o.context);
            }
            std::vector<std::int32_t> ids(m_ids.begin(), m_ids.begin() + m_o.batch);
            const auto start = Clock::now();
            for (int t = 0; t < m_o.decode_tokens; ++t) ids = nextTokens(m_decoder->feed(ids));
            const double seconds = since(start);
            step();
            if (i < 0) continue;
            speeds.push_back(static_cast<double>(m_o.batch) * m_o.decode_tokens / seconds);
            raw.push_back(seconds);
        }
    }

    [[nodiscard]] std::int64_t cacheBytes(int tokens) const { return m_decoder->cacheBytes(m_o.batch, tokens); }
    [[nodiscard]] int promptTokens() const { return m_prompt; }

  private:
    using Clock = std::chrono::steady_clock;

    /// Runs `tokens` of the prompt (repeated if it is shorter) into the sequences, by chunks; the last logits.
    std::span<const float> fill(int tokens) {
        std::span<const float> logits;
        std::vector<std::int32_t> chunk;
        for (int done = 0; done < tokens;) {
            const int begin = done % m_prompt, n = std::min({m_o.prefill_chunk, tokens - done, m_prompt - begin});
            chunk.clear();
            for (int b = 0; b < m_o.batch; ++b) {
                const auto row = m_ids.begin() + std::ptrdiff_t{b} * m_prompt + begin;
                chunk.insert(chunk.end(), row, row + n);
            }
            logits = m_decoder->feed(chunk);
            done += n;
        }
        return logits;
    }

    /// The greedy next token of every sequence: part of every step, as in real decoding.
    [[nodiscard]] std::vector<std::int32_t> nextTokens(std::span<const float> logits) const {
        const std::int64_t vocab = m_net.model().config().vocab;
        const at::Tensor rows = at::from_blob(const_cast<float*>(logits.data()), {m_o.batch, vocab});
        const at::Tensor best = at::argmax(rows, -1).to(at::kInt);
        return {best.const_data_ptr<std::int32_t>(), best.const_data_ptr<std::int32_t>() + m_o.batch};
    }

    static double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

    void step() {
        if (!m_control.checkpoint()) throw Failure(ErrorCode::interrupted, "throughput", "the measurement was stopped");
        Progress progress;
        progress.phase = "throughput";
        progress.unit = "repeats";
        progress.done = ++m_done;
        progress.total = 2 * (m_o.warmup + m_o.repeats);
        m_control.progress(progress);
    }

    const Supernet& m_net;
    const Placement& m_placement;
    const std::unique_ptr<Decoder> m_decoder;
    const ThroughputOptions& m_o;
    RunControl& m_control;
    std::vector<std::int32_t> m_ids;  // [B, prompt]
    int m_prompt = 0, m_done = 0;
};

/// LibTorch has a type for an accelerator's refusal only; the system allocator's is told by its text.
bool isOutOfMemory(const c10::Error& error) {
    return dynamic_cast<const c10::OutOfMemoryError*>(&error) ||
           std::string_view(error.what_without_backtrace()).find("allocate memory") != std::string_view::npos;
}

MeasurementRow::Spread spreadOf(const std::vector<double>& values) {
    const Quartiles q = quartiles(values);
    return {q.median, q.q1, q.q3, static_cast<int>(values.size())};
}

std::int64_t room(const Compute& compute) {
    if (compute.device.is_cpu()) return availableMemory();
    return static_cast<std::int64_t>(at::accelerator::getMemoryInfo(compute.device.index()).first);
}

}  // namespace

MeasurementRow measureThroughput(const Supernet& supernet, const Placement& placement, const ThroughputOptions& options,
                                 RunControl& control) {
    checkOptions(options);
    supernet.check(placement);
    const c10::InferenceMode inference;
    const Compute& compute = supernet.model().compute();
    MeasurementRow row;
    row.placement = placement.text();
    row.checkpoint_hash = placement.allFull() ? "" : supernet.checkpointHash();
    row.compute = compute.name();
    row.device = deviceName(compute);
    row.context = options.context;
    row.batch = options.batch;
    row.threads = at::get_num_threads();

    Measurement measurement(supernet, placement, options, control);
    row.cache_bytes = measurement.cacheBytes(options.context);
    const std::int64_t needed = measurement.needed(), available = room(compute);
    Json raw = {{"prefill_tokens", measurement.promptTokens()},
                {"decode_tokens", options.decode_tokens},
                {"warmup", options.warmup},
                {"random_states", options.fill_random},
                {"needed_bytes", needed},
                {"available_bytes", available},
                {"prefill_seconds", Json::array()},
                {"decode_seconds", Json::array()}};
    row.fits = needed + memory_left_alone < available;
    if (row.fits) {
        const PeakMemory peak;
        std::vector<double> prefill, first, decode;
        try {
            measurement.prefill(raw["prefill_seconds"], prefill, first);
            measurement.decode(raw["decode_seconds"], decode);
            row.prefill_tps = spreadOf(prefill);
            row.ttft_ms = spreadOf(first);
            row.decode_tps = spreadOf(decode);
        } catch (const std::bad_alloc& error) {
            row.fits = false;
            raw["refused"] = error.what();
        } catch (const c10::Error& error) {
            if (!isOutOfMemory(error)) throw;
            row.fits = false;
            raw["refused"] = error.what_without_backtrace();
        }
        row.peak_bytes = peak.bytes();
    }
    row.repeats_json = raw.dump();
    row.created =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    return row;
}

}  // namespace airframe
