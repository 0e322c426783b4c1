// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace airframe {

/// Where and in what type a model runs. Norms, softmax, gates and recurrent states are float32 whatever `dtype` is.
struct Compute {
    at::ScalarType dtype = at::kFloat;  ///< of weights and activations: kFloat or kBFloat16
    at::Device device = at::Device(at::kCPU);
    /// Writing and measuring run on the fused kernels of kernels/, with the file's own quantised weights; everything else
    /// as bf16. CPU only.
    bool native = false;
    /// With `native`: a model that has something which those kernels do not compute runs as bf16 instead of being refused.
    bool or_bf16 = false;

    /// "float32", "bf16", "native", or "fastest", which is native where the device and the model allow it and else bf16; and
    /// "cpu" or "cuda:N". Throws Failure(options) for another word, Failure(bad_input) for a
    /// device that cannot be used, naming the missing library.
    [[nodiscard]] static Compute parse(const std::string& dtype, const std::string& device);
    [[nodiscard]] std::string name() const;  ///< one of these words; a loaded model's is never "fastest"
};

}  // namespace airframe
