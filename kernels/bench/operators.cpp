// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/bench/cases.h"

namespace airframe::kernels::bench {

std::span<const Operator> operators() {
    static constexpr Operator table[] = {
        {"gated_delta", checkGatedDelta, timeGatedDelta},
        {"attention", checkAttention, timeAttention},
        {"dynamic_conv", checkDynamicConv, timeDynamicConv},
        {"layer", checkLayer, timeLayer},
        {"delta_product", checkDeltaProduct, timeDeltaProduct},
        {"linear_scan", checkLinearScan, timeLinearScan},
        {"short_conv", checkShortConv, timeShortConv},
        {"log_sum_exp", checkLogSumExp, timeLogSumExp},
        {"quantized_linear", checkQuantizedLinear, timeQuantizedLinear},
        {"rows", checkRows, timeRows},
    };
    return table;
}

}  // namespace airframe::kernels::bench
