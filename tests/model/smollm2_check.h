// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtTest>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/base/text_file.h"
#include "core/model/generator.h"
#include "core/model/token_nll.h"
#include "model/reference_file.h"
#include "support/shared_data.h"

namespace airframe::test {

// The demo model in float32 against ../shared/vectors/smollm2, with the tolerances of its README.

inline std::shared_ptr<const Supernet> demoSupernet(const char* dtype = "float32") {
    NoControl control;
    auto model = Model::load(ModelFile::open(demoModel()), Compute::parse(dtype, "cpu"), control);
    return std::make_shared<Supernet>(std::move(model), Supernet::Alternatives{});
}

inline Placement teacherOf(const Supernet& net) {
    return Placement(std::vector<std::string>(static_cast<std::size_t>(net.layers()), "attn"));
}

/// Logits of the last positions (top 64 and log-sum-exp) and `tokens` greedy tokens (at most 48) of one prompt.
inline void checkPrompt(const Supernet& net, int index, int tokens = 48) {
    const c10::InferenceMode inference;
    const ReferenceFile expected(sharedFolder() / "vectors/smollm2/smollm2.safetensors");
    const std::string prefix = QString::asprintf("p%02d.", index).toStdString();
    const at::Tensor ids = expected.get(prefix + "ids").to(at::kLong);
    const at::Tensor top_ids = expected.get(prefix + "top_ids").to(at::kLong),
                     top = expected.get(prefix + "top_values");
    const std::int64_t positions = top.size(0);

    const at::Tensor h = net.forward(ids.unsqueeze(0), teacherOf(net), nullptr);
    const at::Tensor logits = net.model().logits(h.narrow(1, ids.size(0) - positions, positions)).squeeze(0);
    QVERIFY2(distance(logSumExp(logits), expected.get(prefix + "logsumexp")) < 1e-3, prefix.c_str());
    QVERIFY2(distance(logits.gather(1, top_ids), top) < 1e-3, prefix.c_str());
    // The order may differ only among logits closer than 2e-3: the i-th largest value must be the i-th expected one.
    QVERIFY2(distance(std::get<0>(logits.topk(top.size(1), -1)), top) < 1e-3, prefix.c_str());

    const at::Tensor greedy = expected.get(prefix + "greedy_ids"), margin = expected.get(prefix + "greedy_margin");
    GenerateOptions options;
    options.tokens = std::min(tokens, static_cast<int>(greedy.size(0)));
    NoControl control;
    std::vector<std::int32_t> prompt;
    for (std::int64_t i = 0; i < ids.size(0); ++i)
        prompt.push_back(static_cast<std::int32_t>(ids[i].item<std::int64_t>()));
    const Generation made = generate(net, teacherOf(net), prompt, options, control, {});
    QCOMPARE(static_cast<int>(made.ids.size()), options.tokens);
    for (int i = 0; i < options.tokens; ++i) {
        if (margin[i].item<float>() <= 2e-3f) break;  // from here two correct engines may differ
        QCOMPARE(made.ids[static_cast<std::size_t>(i)], greedy[i].item<std::int32_t>());
    }
    QVERIFY(made.prefill_tps > 0 && made.decode_tps > 0 && made.ttft_ms > 0 && made.cache_bytes > 0);
}

/// Per-token negative log-likelihood of the reference text, `limit` tokens of it (0 = all).
inline void checkNll(const Supernet& net, std::int64_t limit) {
    const c10::InferenceMode inference;
    const ReferenceFile expected(sharedFolder() / "vectors/smollm2/smollm2.safetensors");
    at::Tensor ids = expected.get("nll.ids").to(at::kLong);
    if (limit > 0) ids = ids.narrow(0, 0, limit);
    const std::int64_t n = ids.size(0) - 1;
    const at::Tensor h = net.forward(ids.narrow(0, 0, n).unsqueeze(0), teacherOf(net), nullptr);
    const at::Tensor nll = net.model().nll(h.squeeze(0), ids.narrow(0, 1, n));
    const at::Tensor wanted = expected.get("nll.per_token").narrow(0, 0, n);
    QVERIFY(distance(nll, wanted) < 1e-3);
    QVERIFY(std::abs(nll.to(at::kDouble).mean().item<double>() - wanted.to(at::kDouble).mean().item<double>()) < 1e-5);
}

}  // namespace airframe::test
