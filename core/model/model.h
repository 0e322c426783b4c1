// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/on_demand.h"
#include "core/base/run_control.h"
#include "core/blocks/block.h"
#include "core/blocks/compute.h"
#include "core/blocks/linear_weight.h"
#include "core/formats/model_file.h"

namespace airframe {

/// A transformer with frozen weights: embedding, per layer a token mixer and a gated MLP with a norm before each (Gemma: also
/// after each), final norm, head.
/// Const after loading; any thread may run it. The residual stream h is [B, T, D] in the compute type.
class Model {
  public:
    /// Reads every weight, converted to compute.dtype; for the fused kernels, which pack their own from the file, only norms
    /// and mixers, the rest when something asks for it. Throws Failure(bad_input) naming a missing or misshapen tensor,
    /// Failure(interrupted) if control stops it.
    static std::shared_ptr<const Model> load(std::shared_ptr<const ModelFile> file, const Compute& compute,
                                             RunControl& control);

    [[nodiscard]] const ModelConfig& config() const { return m_config; }
    [[nodiscard]] const Compute& compute() const { return m_compute; }
    [[nodiscard]] const ModelFile& file() const { return *m_file; }
    /// Throws Failure if the file has no tokenizer that we can read: token ids can still be run.
    [[nodiscard]] const Tokenizer& tokenizer() const;

    [[nodiscard]] at::Tensor embed(const at::Tensor& ids) const;                ///< [B, T] int64 -> h [B, T, D]
    [[nodiscard]] at::Tensor mixerInput(int layer, const at::Tensor& h) const;  ///< RMSNorm -> x [B, T, D]
    /// h + y, where y is the mixer's output; normed first where the model has such norms.
    [[nodiscard]] at::Tensor addMixer(int layer, const at::Tensor& h, const at::Tensor& y) const;
    [[nodiscard]] at::Tensor addMlp(int layer, const at::Tensor& h) const;  ///< h + MLP(RMSNorm(h)), normed likewise
    [[nodiscard]] const Block& mixer(int layer) const { return *m_mixers[static_cast<std::size_t>(layer)]; }
    /// Final norm and head in the compute type, [.., D] -> [.., vocab]: for sums that read it once, a conversion saved.
    [[nodiscard]] at::Tensor headOutput(const at::Tensor& h) const;
    [[nodiscard]] at::Tensor logits(
        const at::Tensor& h) const;  ///< final norm and head: [.., D] -> [.., vocab] float32
    /// Negative log-likelihood of `targets` [N] given h [N, D], float32 [N]; logits are formed in slices, never whole.
    [[nodiscard]] at::Tensor nll(const at::Tensor& h, const at::Tensor& targets) const;

  private:
    Model() = default;
    [[nodiscard]] at::Tensor normed(const at::Tensor& h, const at::Tensor& weight) const;
    struct Layer {
        at::Tensor input_norm, mlp_norm;          // [D] float32
        at::Tensor mixer_out_norm, mlp_out_norm;  // [D] float32, undefined without post-norms
        OnDemand<LinearWeight> gate_up;           // [2*F, D] gate rows first
        OnDemand<LinearWeight> down;              // [D, F]
    };
    ModelConfig m_config;
    Compute m_compute;
    std::shared_ptr<const ModelFile> m_file;
    std::shared_ptr<const Tokenizer> m_tokenizer;
    Error m_tokenizer_error;  // why m_tokenizer is absent
    OnDemand<at::Tensor> m_embedding;
    at::Tensor m_final_norm;
    OnDemand<LinearWeight> m_head;
    std::vector<Layer> m_layers;
    std::vector<std::unique_ptr<const Block>> m_mixers;
};

}  // namespace airframe
