// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

namespace airframe {

/// The frozen weight of a matrix product. In bf16 on a CPU it is kept in oneDNN's blocked layout, which every call would
/// otherwise form anew; the products are equal bit for bit. Const after building; any thread may multiply.
class LinearWeight {
  public:
    LinearWeight() = default;
    /// weight [out, in], bias [out] or undefined, packed where that pays.
    [[nodiscard]] static LinearWeight packed(const at::Tensor& weight, const at::Tensor& bias = {});
    /// The same tensors as they are: for one use, or for weights that change.
    [[nodiscard]] static LinearWeight plain(const at::Tensor& weight, const at::Tensor& bias = {});

    /// x [.., in] -> x weight^T + bias [.., out]. Differentiable with respect to x, and to a plain weight.
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
    /// The weight [out, in]; a packed one is copied out.
    [[nodiscard]] at::Tensor dense() const;
    [[nodiscard]] const at::Tensor& bias() const { return m_bias; }

  private:
    at::Tensor m_weight, m_bias;
};

}  // namespace airframe
