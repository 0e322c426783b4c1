// SPDX-License-Identifier: GPL-3.0-or-later
#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/engine/jobs/common.h"
#include "core/engine/jobs/jobs.h"
#include "core/supernet/supernet.h"

namespace airframe::jobs {
namespace {

/// log sum exp and the `top` largest logits of one row [vocab] float32.
nlohmann::json position(std::int64_t pos, const at::Tensor& row, std::int64_t top) {
    const auto [values, indices] = at::topk(row, std::min(top, row.size(0)));
    const at::Tensor v = values.to(at::kCPU).contiguous(), i = indices.to(at::kCPU).contiguous();
    nlohmann::json list = nlohmann::json::array();
    for (std::int64_t k = 0; k < v.size(0); ++k) {
        list.push_back(nlohmann::json::array({i.data_ptr<std::int64_t>()[k], static_cast<double>(v.data_ptr<float>()[k])}));
    }
    const double lse = at::logsumexp(row.to(at::kDouble), 0).item<double>();
    return {{"pos", pos}, {"logsumexp", lse}, {"top", std::move(list)}};
}

nlohmann::json run(JobContext& job) {
    const c10::InferenceMode inference;
    const auto supernet = job.cache.fromModel(job.params.path("MODEL"), computeOf(job.params), job.control);
    const Model& model = supernet->model();
    const auto ids = checkedIds(job.params, model.config().vocab);
    const auto length = static_cast<std::int64_t>(ids.size());
    const at::Tensor input = at::tensor(at::ArrayRef<std::int32_t>(ids.data(), ids.size()),
                                        at::TensorOptions().dtype(at::kInt)).to(at::kLong).to(model.compute().device);
    const at::Tensor h = supernet->forward(input.unsqueeze(0), ownPlacement(model.file()), nullptr).squeeze(0);  // [T, D]
    nlohmann::json positions = nlohmann::json::array();
    for (std::int64_t pos = std::max<std::int64_t>(0, length - job.params.integer("last")); pos < length; ++pos) {
        positions.push_back(position(pos, model.logits(h[pos]), job.params.integer("top")));
        if (!job.control.checkpoint()) throw Failure(ErrorCode::interrupted, "logits", "stopped on request");
    }
    nlohmann::json result = {{"positions", std::move(positions)}};
    if (job.params.flag("targets")) {
        nlohmann::json list = nlohmann::json::array();
        if (length > 1) {
            const at::Tensor nll = model.nll(h.slice(0, 0, length - 1), input.slice(0, 1)).to(at::kCPU).to(at::kDouble).contiguous();
            for (std::int64_t i = 0; i < length - 1; ++i) list.push_back(nll.data_ptr<double>()[i]);
        }
        result["nll"] = std::move(list);
    }
    return result;
}

}  // namespace

Operation logits() {
    OptionSpec ids = idsOption();
    ids.required = true;
    return {.name = "logits",
            .summary = "Next-token logits of a model after given ids",
            .options = joined({modelArgument(), ids,
                               {.name = "top", .kind = OptionKind::integer, .help = "logits shown per position, largest first", .fallback = 64, .low = 1, .high = 1e9},
                               {.name = "last", .kind = OptionKind::integer, .help = "positions shown, from the end", .fallback = 1, .low = 1, .high = 1e9},
                               {.name = "targets", .kind = OptionKind::flag, .help = "also the negative log-likelihood of every id after the first"}},
                              modelOptions("float32")),
            .run = run};
}

}  // namespace airframe::jobs
