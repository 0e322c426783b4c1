// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include "kernels/bf16.h"

namespace airframe {

/// Data of a tensor as the kernels' element type T, float or kernels::Bf16. The tensor must hold that type.
template <class T>
const T* readArray(const at::Tensor& x) {
    if constexpr (sizeof(T) == 2)
        return reinterpret_cast<const T*>(x.const_data_ptr<at::BFloat16>());
    else
        return x.const_data_ptr<float>();
}
template <class T>
T* writeArray(const at::Tensor& x) {
    if constexpr (sizeof(T) == 2)
        return reinterpret_cast<T*>(x.mutable_data_ptr<at::BFloat16>());
    else
        return x.mutable_data_ptr<float>();
}

/// work(T{}) with T the kernels' type of a float32 or bf16 tensor.
template <class Work>
void withElement(const at::Tensor& x, Work&& work) {
    if (x.scalar_type() == at::kBFloat16)
        work(kernels::Bf16{});
    else
        work(float{});
}

}  // namespace airframe
