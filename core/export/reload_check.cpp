// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/reload_check.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/error.h"
#include "core/export/perturbed_model.h"
#include "core/export/storage_rounding.h"
#include "core/formats/tokenizer.h"

namespace airframe {
namespace {

constexpr int check_tokens = 96;
constexpr double order_of_sums = 1e-4;  // float32 logits of equal weights
constexpr double room = 3;              // between random errors and rounding errors of the same size
constexpr double meaningless = 1.0;     // unrelated logits differ by 1.4

[[noreturn]] void differs(const std::string& where, const std::string& what) {
    throw Failure(ErrorCode::bad_input, where, what, "the disk may be faulty; nothing was kept");
}

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    return text;
}

/// Root mean square of each tensor's error relative to that of its values, by name. Every value is looked at.
std::map<std::string, double> checkTensors(const ExportedModel& model, const ModelFile& file, const std::string& where,
                                           RunControl& control) {
    std::map<std::string, double> errors;
    for (const LayoutTensor& tensor : model.layout()) {
        if (!control.checkpoint()) throw Failure(ErrorCode::interrupted, where, "the export was stopped", "nothing was left behind");
        const at::Tensor wanted = model.tensor(tensor);
        const auto count = static_cast<std::size_t>(wanted.numel());
        std::vector<float> read(count);
        file.readFloat(tensor.name, read.data());
        const std::string type = file.find(tensor.name)->type;
        const StorageRounding found = storageRounding(type, wanted.const_data_ptr<float>(), read.data(), count);
        if (found.wrong != count) {
            differs(where + ": tensor " + tensor.name,
                    "value " + std::to_string(found.wrong) + " reads back as " + number(read[found.wrong]) + ", " +
                        number(wanted.const_data_ptr<float>()[found.wrong]) + " was written as " + type);
        }
        if (found.error_squares > 0 && found.squares > 0) errors[tensor.name] = std::sqrt(found.error_squares / found.squares);
    }
    return errors;
}

/// Logits of a fixed sequence, [check_tokens, vocab] float32. The ids run through the vocabulary in steps prime to its size.
at::Tensor checkLogits(const Supernet& supernet, const Placement& placement) {
    const std::int64_t vocab = supernet.model().config().vocab;
    const at::Tensor ids = (at::arange(check_tokens, at::kLong) * 7919 + 13).remainder(vocab).unsqueeze(0);
    return supernet.model().logits(supernet.forward(ids, placement, nullptr)).squeeze(0).to(at::kCPU);
}

double rootMeanSquare(const at::Tensor& values) { return values.square().mean().sqrt().item<double>(); }

/// The reloaded tokenizer and end token must be the base model's.
void checkTokenizer(const Model& base, const ModelFile& reloaded, const std::string& where) {
    const char* text = "Hello, world!  12345 \xe4\xb8\x96\xe7\x95\x8c it's\n\tdone<|im_end|>";
    if (base.tokenizer().encode(text) != reloaded.tokenizer()->encode(text)) differs(where, "the reloaded tokenizer gives other ids");
    if (base.config().eos_id != reloaded.config().eos_id) {
        differs(where, "the reloaded model ends at token " + std::to_string(reloaded.config().eos_id) + ", " +
                           std::to_string(base.config().eos_id) + " was written");
    }
}

/// Differences from `wanted`, root mean square, relative to the spread of `wanted` about each row's mean.
double relativeError(const at::Tensor& logits, const at::Tensor& wanted) {
    return rootMeanSquare(logits - wanted) / std::max(rootMeanSquare(wanted - wanted.mean(-1, true)), 1e-30);
}

}  // namespace

ReloadCheck checkReloaded(const ExportedModel& model, const std::filesystem::path& path, const std::string& where,
                          RunControl& control) {
    const std::shared_ptr<const ModelFile> file = ModelFile::open(path);
    const Compute& compute = model.supernet().model().compute();
    const std::map<std::string, double> errors = checkTensors(model, *file, where, control);
    checkTokenizer(model.supernet().model(), *file, where);
    const at::Tensor wanted = checkLogits(model.supernet(), model.placement());
    const auto logitsOf = [&](std::shared_ptr<const ModelFile> other) {
        return checkLogits(Supernet(Model::load(std::move(other), compute, control), {}), model.placement());
    };
    double allowed = order_of_sums;
    if (!errors.empty()) {
        allowed += room * relativeError(logitsOf(std::make_shared<PerturbedModel>(model, errors)), wanted);
        allowed = std::min(allowed, meaningless);
    }
    const at::Tensor read = logitsOf(file);
    ReloadCheck result;
    result.tokens = check_tokens;
    result.max_logit_difference = (read - wanted).abs().max().item<double>();
    result.relative_logit_error = relativeError(read, wanted);
    result.allowed_logit_error = allowed;
    for (const auto& [name, error] : errors) result.relative_weight_error = std::max(result.relative_weight_error, error);
    if (!(result.relative_logit_error <= allowed)) {
        differs(where, "the reloaded model's logits differ by " + number(result.relative_logit_error) +
                           " of their size; its stored types explain " + number(allowed));
    }
    return result;
}

}  // namespace airframe
