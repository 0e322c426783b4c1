// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace airframe {

/// Where and in what type a model runs. Norms, softmax, gates and recurrent states are float32 whatever `dtype` is.
struct Compute {
    at::ScalarType dtype = at::kFloat;  ///< of weights and activations: kFloat or kBFloat16
    at::Device device = at::Device(at::kCPU);

    /// "float32" or "bf16" and "cpu" or "cuda:N". Throws Failure(options) for another word, Failure(bad_input) for a
    /// device that cannot be used, naming the missing library.
    [[nodiscard]] static Compute parse(const std::string& dtype, const std::string& device);
    [[nodiscard]] std::string name() const;  ///< "float32" or "bf16"
};

}  // namespace airframe
