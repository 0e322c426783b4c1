// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/evaluator.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <span>

#include "core/eval/item_batches.h"
#include "core/model/token_nll.h"
#include "core/supernet/workers.h"

namespace airframe {
namespace {

/// Negative log-likelihood of every target of a batch, given h [B, T, D] after the last layer. The head is formed for a
/// slice of positions at a time, small enough for the allocator to keep the block. Several targets at one position
/// (right and wrong answers) share its logits.
at::Tensor targetLosses(const Model& model, const ItemBatch& batch, const at::Tensor& h) {
    const auto width = static_cast<std::int64_t>(c10::elementSize(model.compute().dtype));
    const std::int64_t slice = std::max<std::int64_t>(1, (std::int64_t{24} << 20) / (width * model.config().vocab));
    const at::Tensor rows = h.reshape({-1, h.size(-1)}).index_select(0, batch.positions.to(h.device()));  // [P, D]
    const std::int64_t* target_position = batch.target_position.data_ptr<std::int64_t>();
    std::vector<at::Tensor> losses;
    std::int64_t next = 0;
    for (std::int64_t begin = 0; begin < rows.size(0); begin += slice) {
        const std::int64_t end = std::min(rows.size(0), begin + slice);
        const std::int64_t first = next;
        while (next < batch.targets.size(0) && target_position[next] < end) ++next;
        const at::Tensor logits = model.headOutput(rows.slice(0, begin, end));  // [S, V]
        const at::Tensor normaliser = logSumExp(logits);                          // [S]
        const at::Tensor at_position = (batch.target_position.slice(0, first, next) - begin).to(h.device());
        const at::Tensor token = batch.targets.slice(0, first, next).to(h.device());
        losses.push_back(normaliser.index_select(0, at_position) -
                         logits.flatten().index_select(0, at_position * logits.size(1) + token).to(at::kFloat));
    }
    return at::cat(losses).to(at::kCPU, at::kDouble);
}

/// work(batch, whether on the caller's thread) for every batch. On a CPU each thread takes whole batches: splitting every
/// small product over the threads would let them wait for each other thousands of times.
void eachBatch(const Model& model, std::size_t batches, const std::function<void(std::size_t, bool)>& work) {
    const int threads = model.compute().device.is_cpu() ? at::get_num_threads() : 1;
    if (threads == 1 || batches == 1) {
        for (std::size_t b = 0; b < batches; ++b) work(b, true);
        return;
    }
    runTasks(static_cast<int>(batches), threads, [&](int b, bool on_caller) {
        const c10::InferenceMode inference;  // a property of the thread
        work(static_cast<std::size_t>(b), on_caller);
    });
}

/// The depth-first walk over the trie of sorted placements for one part of the items.
class Walk {
  public:
    Walk(const Supernet& supernet, std::span<const ItemBatch> batches, const std::vector<Placement>& placements,
         RunControl& control, const std::function<void(std::size_t, const std::vector<at::Tensor>&)>& leaf)
        : m_supernet(supernet), m_batches(batches), m_placements(placements), m_control(control), m_leaf(leaf) {}

    [[nodiscard]] bool run() {
        std::vector<at::Tensor> h;
        const auto device = m_supernet.model().compute().device;
        for (const ItemBatch& batch : m_batches) h.push_back(m_supernet.model().embed(batch.ids.to(device)));
        return below(0, m_placements.size(), 0, std::move(h));
    }
    [[nodiscard]] std::int64_t layerTokens() const { return m_layer_tokens; }

  private:
    /// Placements [begin, end) agree on all layers before `layer`, whose output is h (one tensor per batch). False:
    /// stopped.
    bool below(std::size_t begin, std::size_t end, int layer, std::vector<at::Tensor> h) {
        if (layer == m_supernet.layers()) {
            m_leaf(begin, h);
            return true;
        }
        while (begin < end) {
            const std::string& block = m_placements[begin][layer];
            std::size_t sibling = begin;
            while (sibling < end && m_placements[sibling][layer] == block) ++sibling;
            std::vector<at::Tensor> next(h.size());
            std::atomic<bool> stopped = false;
            eachBatch(m_supernet.model(), h.size(), [&](std::size_t b, bool on_caller) {
                if (on_caller && !m_control.checkpoint()) stopped = true;
                if (stopped) return;
                next[b] = m_supernet.layer(layer, block, h[b], nullptr);
                if (sibling == end) h[b].reset();  // no sibling will need it
            });
            if (stopped) return false;
            for (const ItemBatch& batch : m_batches) m_layer_tokens += batch.tokens;
            if (!below(begin, sibling, layer + 1, std::move(next))) return false;
            begin = sibling;
        }
        return true;
    }

    const Supernet& m_supernet;
    std::span<const ItemBatch> m_batches;
    const std::vector<Placement>& m_placements;
    RunControl& m_control;
    const std::function<void(std::size_t, const std::vector<at::Tensor>&)>& m_leaf;
    std::int64_t m_layer_tokens = 0;
};

/// Consecutive batches of at most `limit` tokens together, padding included.
std::vector<std::span<const ItemBatch>> partsOf(const std::vector<ItemBatch>& batches, std::int64_t limit) {
    std::vector<std::span<const ItemBatch>> parts;
    for (std::size_t begin = 0; begin < batches.size();) {
        std::size_t end = begin;
        std::int64_t tokens = 0;
        while (end < batches.size() && (end == begin || tokens + batches[end].ids.numel() <= limit))
            tokens += batches[end++].ids.numel();
        parts.emplace_back(batches.data() + begin, end - begin);
        begin = end;
    }
    return parts;
}

}  // namespace

EvaluationCost Evaluator::scoreAll(const std::vector<Placement>& placements, const TaskList& tasks, RunControl& control,
                                   const ScoresDone& done) const {
    const c10::InferenceMode inference;
    for (const Placement& placement : placements) m_supernet->check(placement);
    std::vector<Placement> sorted = placements;  // the trie, flat: equal prefixes are neighbours
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());

    const ItemBatches items(tasks, m_batch_tokens);
    const auto parts = partsOf(items.batches(), part_tokens);
    std::vector<std::vector<double>> sums(sorted.size(), std::vector<double>(items.choices()));
    EvaluationCost cost;
    for (std::size_t p = 0; p < parts.size(); ++p) {
        const std::function<void(std::size_t, const std::vector<at::Tensor>&)> leaf =
            [&](std::size_t placement, const std::vector<at::Tensor>& h) {
                std::vector<at::Tensor> losses(h.size());
                eachBatch(m_supernet->model(), h.size(), [&](std::size_t b, bool) {
                    losses[b] = targetLosses(m_supernet->model(), parts[p][b], h[b]);
                });
                for (std::size_t b = 0; b < h.size(); ++b) {
                    const double* loss = losses[b].data_ptr<double>();
                    for (std::size_t k = 0; k < parts[p][b].owner.size(); ++k)
                        sums[placement][static_cast<std::size_t>(parts[p][b].owner[k])] += loss[k];
                }
                if (p + 1 < parts.size()) return;
                cost.layer_tokens_whole += m_supernet->layers() * items.tokens();
                done(sorted[placement], items.scores(sums[placement]));
            };
        Walk walk(*m_supernet, parts[p], sorted, control, leaf);
        const bool finished = walk.run();
        cost.layer_tokens += walk.layerTokens();
        if (!finished) break;
    }
    return cost;
}

EvaluationCost Evaluator::score(const std::vector<Placement>& placements, const TaskData& task, RunControl& control,
                                const Done& done) const {
    return scoreAll(placements, {&task}, control, [&done](const Placement& placement, ScoresPerTask scores) {
        done(placement, std::move(scores.front()));
    });
}

Scorer Evaluator::scorer() const {
    return {m_supernet->checkpointHash(), m_supernet->model().compute().name(),
            [this](const std::vector<Placement>& placements, const TaskList& tasks, RunControl& control,
                   const ScoresDone& done) { return scoreAll(placements, tasks, control, done); }};
}

}  // namespace airframe
