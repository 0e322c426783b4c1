// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/unit_lower_inverse.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "core/blocks/wide.h"

namespace airframe {
namespace {

// Row i of the result is e_i - sum_{j<i} a[i, j] * row j; row j ends at column j.
AIRFRAME_WIDE void invert(const float* a, float* x, std::int64_t c) {
    std::fill(x, x + c * c, 0.0f);
    for (std::int64_t i = 0; i < c; ++i) {
        float* row = x + i * c;
        row[i] = 1;
        for (std::int64_t j = 0; j < i; ++j) {
            const float f = a[i * c + j];
            const float* known = x + j * c;
            for (std::int64_t m = 0; m <= j; ++m) row[m] -= f * known[m];
        }
    }
}

AIRFRAME_WIDE void invert(const double* a, double* x, std::int64_t c) {
    std::fill(x, x + c * c, 0.0);
    for (std::int64_t i = 0; i < c; ++i) {
        double* row = x + i * c;
        row[i] = 1;
        for (std::int64_t j = 0; j < i; ++j) {
            const double f = a[i * c + j];
            const double* known = x + j * c;
            for (std::int64_t m = 0; m <= j; ++m) row[m] -= f * known[m];
        }
    }
}

struct UnitLowerInverse : torch::autograd::Function<UnitLowerInverse> {
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& a) {
        const auto in = a.contiguous();
        auto out = at::empty_like(in);
        const auto c = in.size(1);
        AT_DISPATCH_FLOATING_TYPES(in.scalar_type(), "unitLowerInverse", [&] {
            const auto* from = in.const_data_ptr<scalar_t>();
            auto* to = out.mutable_data_ptr<scalar_t>();
            at::parallel_for(0, in.size(0), 8, [&](std::int64_t begin, std::int64_t end) {
                for (auto n = begin; n < end; ++n) invert(from + n * c * c, to + n * c * c, c);
            });
        });
        context->save_for_backward({out});
        return out;
    }
    static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::tensor_list grads) {
        const auto xt = context->get_saved_variables()[0].transpose(-1, -2);
        return {at::bmm(at::bmm(xt, grads[0]), xt).tril_(-1).neg_()};
    }
};

}  // namespace

at::Tensor unitLowerInverse(const at::Tensor& a) {
    return UnitLowerInverse::apply(a);
}

}  // namespace airframe
