// SPDX-License-Identifier: GPL-3.0-or-later
// Linked instead of the CUDA sources where they are not built: every call says so.
#include <stdexcept>

#include "kernels/cuda/device.h"
#include "kernels/cuda/operators.h"

namespace airframe::kernels::cuda {
namespace {
[[noreturn]] void absent() { throw std::runtime_error("CUDA: " + whyUnavailable()); }
}  // namespace

std::string whyUnavailable() {
    return "no CUDA device was found; this program was built without CUDA: install nvcc 12.8 or later and configure again "
           "with AIRFRAME_CUDA=ON";
}
std::string deviceReport() { absent(); }
Stream::Stream() { absent(); }
Stream::~Stream() = default;
void Stream::wait() const {}
DeviceMemory::~DeviceMemory() = default;
void DeviceMemory::grow(std::size_t bytes) {
    if (bytes) absent();
}
void DeviceMemory::upload(const void*, std::size_t) { absent(); }
void DeviceMemory::download(void*, std::size_t) const { absent(); }
Graph::Graph(const Stream&, const std::function<void()>&) { absent(); }
Graph::~Graph() = default;
void Graph::launch(const Stream&) const {}
double timeOnDevice(const Stream&, int, const std::function<void()>&) { absent(); }
DevicePeak devicePeak() { absent(); }

void gatedDelta(const GatedDeltaShape&, const GatedDeltaInputsOf<float>&, const GatedDeltaOutputsOf<float>&, DeviceMemory&,
                const Stream&, RulePath) {
    absent();
}
void gatedDelta(const GatedDeltaShape&, const GatedDeltaInputsOf<float, Bf16>&, const GatedDeltaOutputsOf<float, Bf16>&, DeviceMemory&,
                const Stream&, RulePath) {
    absent();
}
void gatedDelta(const GatedDeltaShape&, const GatedDeltaInputsOf<Bf16>&, const GatedDeltaOutputsOf<Bf16>&, DeviceMemory&,
                const Stream&, RulePath) {
    absent();
}
void gatedDelta(const GatedDeltaShape&, const GatedDeltaInputsOf<Bf16, Bf16>&, const GatedDeltaOutputsOf<Bf16, Bf16>&, DeviceMemory&,
                const Stream&, RulePath) {
    absent();
}
void linearScan(const LinearScanShape&, const LinearScanInputs<float>&, const LinearScanOutputs<float>&, DeviceMemory&, const Stream&,
                RulePath) {
    absent();
}
void linearScan(const LinearScanShape&, const LinearScanInputs<Bf16>&, const LinearScanOutputs<Bf16>&, DeviceMemory&, const Stream&,
                RulePath) {
    absent();
}
void deltaProduct(const DeltaProductShape&, const DeltaProductInputs<float>&, const DeltaProductOutputs<float>&, const Stream&) {
    absent();
}
void deltaProduct(const DeltaProductShape&, const DeltaProductInputs<Bf16>&, const DeltaProductOutputs<Bf16>&, const Stream&) {
    absent();
}
void shortConv(const ShortConvShape&, const ShortConvInputs<float>&, const ShortConvOutputs<float>&, const Stream&) { absent(); }
void shortConv(const ShortConvShape&, const ShortConvInputs<Bf16>&, const ShortConvOutputs<Bf16>&, const Stream&) { absent(); }
void dynamicConv(const DynamicConvShape&, const DynamicConvInputs<float>&, const DynamicConvOutputs<float>&, const Stream&) {
    absent();
}
void dynamicConv(const DynamicConvShape&, const DynamicConvInputs<Bf16>&, const DynamicConvOutputs<Bf16>&, const Stream&) {
    absent();
}
void gatedNorm(const GatedNormShape&, std::size_t, const float*, const float*, const float*, float*, const Stream&) { absent(); }
void gatedNorm(const GatedNormShape&, std::size_t, const float*, const float*, const Bf16*, Bf16*, const Stream&) { absent(); }
void generatedConv(const DynamicConvShape&, const GeneratedConvInputs<float>&, const DynamicConvOutputs<float>&, const Stream&) {
    absent();
}
void generatedConv(const DynamicConvShape&, const GeneratedConvInputs<Bf16>&, const DynamicConvOutputs<Bf16>&, const Stream&) {
    absent();
}
void attention(const AttentionShape&, const AttentionInputs<float, Bf16>&, float*, DeviceMemory&, const Stream&) { absent(); }
void attention(const AttentionShape&, const AttentionInputs<Bf16, Bf16>&, Bf16*, DeviceMemory&, const Stream&) { absent(); }
void quantizedLinear(const QuantizedMatrix&, const LinearInputs<float>&, const LinearOutputs&, const Stream&) { absent(); }
void quantizedLinear(const QuantizedMatrix&, const LinearInputs<Bf16>&, const LinearOutputs&, const Stream&) { absent(); }
void rmsNorm(const float*, const float*, std::size_t, float, float*, std::size_t, const Stream&) { absent(); }
void rmsNorm(const float*, const float*, std::size_t, float, Bf16*, std::size_t, const Stream&) { absent(); }
void swiglu(const float*, std::size_t, float*, std::size_t, const Stream&) { absent(); }
void swiglu(const float*, std::size_t, Bf16*, std::size_t, const Stream&) { absent(); }
void qkvRotary(const QkvRotaryShape&, const QkvRotaryArrays&, const std::size_t*, const Stream&) { absent(); }
void embedding(const QuantizedMatrix&, const std::int32_t*, std::size_t, float*, const Stream&) { absent(); }
void embedding(const QuantizedMatrix&, const std::int32_t*, std::size_t, Bf16*, const Stream&) { absent(); }

}  // namespace airframe::kernels::cuda
