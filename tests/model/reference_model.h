// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "core/supernet/supernet.h"
#include "model/reference_file.h"

namespace airframe::test {

/// A checkpoint with expected tensors beside it, run as its own config places its blocks.
struct ReferenceModel {
    std::shared_ptr<const Supernet> net;
    Placement own;
    ReferenceFile reference;

    ReferenceModel(const std::string& model, const std::string& expected, const char* dtype = "float32")
        : net(load(model, dtype)), own(blocks(*net)), reference(expected) {}

    /// "seqN" for the largest N.
    [[nodiscard]] std::string longest() const {
        for (int length = 256; length > 0; --length)
            if (const std::string name = "seq" + std::to_string(length); reference.has(name + ".ids")) return name;
        throw std::runtime_error("there is no sequence");
    }
    [[nodiscard]] at::Tensor ids(const std::string& sequence) const {
        return reference.get(sequence + ".ids").to(at::kLong).unsqueeze(0);
    }
    /// Logits [T, vocab] in one pass.
    [[nodiscard]] at::Tensor whole(const at::Tensor& ids) const { return net->model().logits(net->forward(ids, own, nullptr)).squeeze(0); }
    /// Logits [T, vocab] through a state, the tokens in pieces of the given sizes; the last size serves until the end.
    [[nodiscard]] at::Tensor fed(const at::Tensor& ids, const std::vector<std::int64_t>& sizes, SequenceState& state) const {
        std::vector<at::Tensor> logits;
        std::size_t piece = 0;
        for (std::int64_t begin = 0; begin < ids.size(1); ++piece) {
            const std::int64_t count = std::min(sizes[std::min(piece, sizes.size() - 1)], ids.size(1) - begin);
            logits.push_back(net->model().logits(net->forward(ids.narrow(1, begin, count), own, &state)).squeeze(0));
            begin += count;
        }
        return at::cat(logits, 0);
    }
    /// A state that has to grow on the way.
    [[nodiscard]] SequenceState small() const { return net->emptyState(own, 1, 1); }

  private:
    static std::shared_ptr<const Supernet> load(const std::string& model, const char* dtype) {
        NoControl control;
        return std::make_shared<const Supernet>(Model::load(ModelFile::open(model), Compute::parse(dtype, "cpu"), control), Supernet::Alternatives{});
    }
    static Placement blocks(const Supernet& net) {
        std::vector<std::string> ids;
        for (const LayerConfig& layer : net.model().config().layer) ids.push_back(layer.block);
        return Placement(std::move(ids));
    }
};

}  // namespace airframe::test
