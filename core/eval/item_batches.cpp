// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/item_batches.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "core/base/error.h"

namespace airframe {
namespace {

struct Probe {
    int position;  // of the token that predicts
    std::int32_t target;
    int owner;
};

struct Sequence {
    std::vector<std::int32_t> input;
    std::vector<Probe> probes;
};

at::Tensor tensorOf(const std::vector<std::int64_t>& values) {
    return at::tensor(values, at::TensorOptions().dtype(at::kLong));
}

ItemBatch packed(std::vector<Sequence>& sequences, std::size_t begin, std::size_t end) {
    ItemBatch batch;
    std::size_t longest = 0;
    for (std::size_t i = begin; i < end; ++i) longest = std::max(longest, sequences[i].input.size());
    const auto rows = static_cast<std::int64_t>(end - begin);
    const auto columns = static_cast<std::int64_t>(longest);
    batch.ids = at::zeros({rows, columns}, at::kLong);
    auto* ids = batch.ids.data_ptr<std::int64_t>();
    std::vector<std::int64_t> positions, targets, target_position;
    for (std::int64_t row = 0; row < rows; ++row) {
        Sequence& sequence = sequences[begin + static_cast<std::size_t>(row)];
        std::copy(sequence.input.begin(), sequence.input.end(), ids + row * columns);
        batch.tokens += static_cast<std::int64_t>(sequence.input.size());
        std::stable_sort(sequence.probes.begin(), sequence.probes.end(),
                         [](const Probe& a, const Probe& b) { return a.position < b.position; });
        for (const Probe& probe : sequence.probes) {
            const std::int64_t position = row * columns + probe.position;
            if (positions.empty() || positions.back() != position) positions.push_back(position);
            targets.push_back(probe.target);
            target_position.push_back(static_cast<std::int64_t>(positions.size()) - 1);
            batch.owner.push_back(probe.owner);
        }
    }
    batch.positions = tensorOf(positions);
    batch.targets = tensorOf(targets);
    batch.target_position = tensorOf(target_position);
    return batch;
}

}  // namespace

ItemBatches::ItemBatches(const TaskList& tasks, std::int64_t batch_tokens) {
    std::vector<Sequence> sequences;
    std::map<std::vector<std::int32_t>, std::size_t> known;
    for (const TaskData* task : tasks) {
        auto& item_choices = m_item_choices.emplace_back();
        for (const Item& item : task->items) {
            item_choices.push_back(static_cast<int>(item.choices.size()));
            for (const Choice& choice : item.choices) {
                const int owner = static_cast<int>(m_choice_tokens.size());
                m_choice_tokens.push_back(choice.scoredTokens());
                // Nothing after the last scored token matters, and that token itself is only predicted.
                if (choice.scored.empty() || choice.scored.front().begin < 1 ||
                    choice.scored.back().end > static_cast<int>(choice.ids.size()))
                    throw Failure(ErrorCode::internal, "task " + task->task, "an item has no scored range inside it");
                const std::vector<std::int32_t> input(choice.ids.begin(),
                                                      choice.ids.begin() + choice.scored.back().end - 1);
                const auto [entry, fresh] = known.try_emplace(input, sequences.size());
                if (fresh) sequences.push_back({input, {}});
                std::size_t next = 0;
                for (const ScoredRange& range : choice.scored)
                    for (int i = range.begin; i < range.end; ++i, ++next)
                        sequences[entry->second].probes.push_back(
                            {i - 1,
                             choice.targets.empty() ? choice.ids[static_cast<std::size_t>(i)] : choice.targets[next],
                             owner});
            }
        }
    }
    // Longest first, so that a batch's padding is the difference between neighbours.
    std::stable_sort(sequences.begin(), sequences.end(),
                     [](const Sequence& a, const Sequence& b) { return a.input.size() > b.input.size(); });
    for (std::size_t begin = 0; begin < sequences.size();) {
        const auto longest = static_cast<std::int64_t>(sequences[begin].input.size());
        const auto rows = static_cast<std::size_t>(std::max<std::int64_t>(1, batch_tokens / longest));
        const std::size_t end = std::min(sequences.size(), begin + rows);
        m_batches.push_back(packed(sequences, begin, end));
        begin = end;
    }
}

std::int64_t ItemBatches::tokens() const {
    return std::accumulate(m_batches.begin(), m_batches.end(), std::int64_t{0},
                           [](std::int64_t sum, const ItemBatch& batch) { return sum + batch.tokens; });
}

ScoresPerTask ItemBatches::scores(const std::vector<double>& nll_sums) const {
    ScoresPerTask all;
    std::size_t flat = 0;
    for (const auto& item_choices : m_item_choices) {
        auto& scores = all.emplace_back();
        for (const int choices : item_choices) {
            const auto perToken = [&](std::size_t choice) { return nll_sums[choice] / m_choice_tokens[choice]; };
            ItemScore score;
            score.item = static_cast<int>(scores.size());
            score.nll = perToken(flat);
            score.tokens = m_choice_tokens[flat];
            for (int c = 1; c < choices; ++c) {
                const double margin = perToken(flat + static_cast<std::size_t>(c)) - score.nll;
                score.margin = c == 1 ? margin : std::min(score.margin, margin);
            }
            flat += static_cast<std::size_t>(choices);
            scores.push_back(score);
        }
    }
    return all;
}

}  // namespace airframe
