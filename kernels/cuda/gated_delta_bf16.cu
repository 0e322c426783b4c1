// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/cuda/gated_delta_launch.cuh"

namespace airframe::kernels::cuda {

void gatedDelta(const GatedDeltaShape& shape, const GatedDeltaInputsOf<Bf16>& in, const GatedDeltaOutputsOf<Bf16>& out,
                DeviceMemory& workspace, const Stream& stream, RulePath path) {
    gated_delta::run(shape, in, out, workspace, stream, path);
}
void gatedDelta(const GatedDeltaShape& shape, const GatedDeltaInputsOf<Bf16, Bf16>& in,
                const GatedDeltaOutputsOf<Bf16, Bf16>& out, DeviceMemory& workspace, const Stream& stream,
                RulePath path) {
    gated_delta::run(shape, in, out, workspace, stream, path);
}

}  // namespace airframe::kernels::cuda
