// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/random_fill.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "core/blocks/counter_random.h"

namespace airframe {
namespace {

template <class T>
void fill(T* out, std::int64_t count, std::uint64_t seed) {
    constexpr std::int64_t grain = 1 << 16;
    constexpr float scale = 1.7320508f / 2147483648.0f;  // sqrt(3) / 2^31: unit variance
    at::parallel_for(0, count, grain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const auto bits = static_cast<std::int32_t>(counterRandom(seed, static_cast<std::uint64_t>(i)) >> 32);
            out[i] = static_cast<T>(static_cast<float>(bits) * scale);
        }
    });
}

}  // namespace

void randomFill(const at::Tensor& tensor, std::uint64_t seed) {
    TORCH_CHECK(tensor.is_contiguous(), "randomFill needs a contiguous tensor");
    at::Tensor host = tensor.is_cpu() ? tensor : at::empty(tensor.sizes(), tensor.options().device(at::kCPU));
    if (host.scalar_type() == at::kBFloat16)
        fill(host.data_ptr<at::BFloat16>(), host.numel(), seed);
    else
        fill(host.data_ptr<float>(), host.numel(), seed);
    if (!tensor.is_cpu()) tensor.copy_(host);
}

}  // namespace airframe
