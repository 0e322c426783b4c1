// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/native_rows.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "core/blocks/native_arrays.h"
#include "kernels/rms_norm.h"
#include "kernels/rotary.h"
#include "kernels/swiglu.h"

namespace airframe {
namespace {

/// Elements that are worth a thread of their own: below, waking it costs more than the work.
constexpr std::int64_t kElementsPerThread = 8192;

template <class Work>
void eachRow(std::int64_t rows, std::int64_t width, Work&& work) {
    at::parallel_for(0, rows, std::max<std::int64_t>(1, kElementsPerThread / std::max<std::int64_t>(1, width)),
                     [&](std::int64_t begin, std::int64_t end) {
                         work(static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
                     });
}

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

}  // namespace

bool nativeForwardFits(std::initializer_list<at::Tensor> tensors) {
    for (const auto& t : tensors) {
        if (!t.is_cpu() || (t.scalar_type() != at::kFloat && t.scalar_type() != at::kBFloat16)) return false;
        if (c10::GradMode::is_enabled() && t.requires_grad()) return false;
    }
    return true;
}

at::Tensor rmsNormNative(const at::Tensor& x, const at::Tensor& weight, double eps) {
    const at::Tensor in = x.contiguous(), y = at::empty_like(in);
    const auto n = in.size(-1);
    withElement(in, [&]<class T>(T) {
        const T* from = readArray<T>(in);
        T* to = writeArray<T>(y);
        const float* w = weight.const_data_ptr<float>();
        eachRow(in.numel() / n, n, [&](std::size_t begin, std::size_t end) {
            kernels::rmsNorm(from, w, size(n), static_cast<float>(eps), to, begin, end);
        });
    });
    return y;
}

at::Tensor swigluNative(const at::Tensor& gate_up) {
    const at::Tensor in = gate_up.contiguous();
    const auto n = in.size(-1) / 2;
    auto shape = in.sizes().vec();
    shape.back() = n;
    const at::Tensor y = at::empty(shape, in.options());
    withElement(in, [&]<class T>(T) {
        const T* from = readArray<T>(in);
        T* to = writeArray<T>(y);
        eachRow(y.numel() / n, n,
                [&](std::size_t begin, std::size_t end) { kernels::swiglu(from, size(n), to, begin, end); });
    });
    return y;
}

at::Tensor rotaryNative(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
    const auto B = x.size(0), T = x.size(1), N = x.size(2), d = x.size(3);
    // Rows of one product lie one after the other, whatever part of them x is.
    const bool rows = x.stride(3) == 1 && x.stride(2) == d && (B == 1 || x.stride(0) == T * x.stride(1));
    const at::Tensor in = rows ? x : x.contiguous(), y = at::empty({B, T, N, d}, x.options());
    const at::Tensor c = cosine.contiguous(), s = sine.contiguous();
    const kernels::RotaryShape shape{size(T), size(N), size(d), size(in.stride(1))};
    withElement(in, [&]<class E>(E) {
        const E* from = readArray<E>(in);
        E* to = writeArray<E>(y);
        const float *cos = c.const_data_ptr<float>(), *sin = s.const_data_ptr<float>();
        eachRow(B * T, N * d, [&](std::size_t begin, std::size_t end) {
            kernels::rotary(shape, from, cos, sin, to, begin, end);
        });
    });
    return y;
}

}  // namespace airframe
