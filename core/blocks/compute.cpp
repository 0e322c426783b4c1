// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blocks/compute.h"

#include <ATen/Context.h>
#include <ATen/Version.h>
#include <dlfcn.h>

#include <charconv>
#include <filesystem>

#include "core/base/error.h"

namespace airframe {
namespace {

Failure unusable(const std::string& device, const std::string& what) {
    return Failure(ErrorCode::bad_input, "device " + device, what, "use --device cpu");
}

/// Opens the CUDA half of LibTorch beside the loaded libtorch_cpu.so; it registers its operators while it loads.
/// Nothing may ask ATen about CUDA before, because ATen keeps the first answer.
void openCuda(const std::string& device) {
    Dl_info info{};
    if (!dladdr(reinterpret_cast<void*>(&at::show_config), &info) || !info.dli_fname)
        throw unusable(device, "cannot tell where libtorch_cpu.so was loaded from");
    const std::filesystem::path library = std::filesystem::path(info.dli_fname).parent_path() / "libtorch_cuda.so";
    if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL)) return;
    // "libcufile.so.0: cannot open shared object file: No such file or directory": the name in front is what is
    // missing.
    const char* raw = dlerror();
    const std::string reason = raw ? raw : "unknown reason";
    const std::string name = reason.substr(0, reason.find(':'));
    throw unusable(device, std::filesystem::path(name).filename().string() + " could not be loaded (" + reason + ")");
}

}  // namespace

Compute Compute::parse(const std::string& dtype, const std::string& device) {
    Compute compute;
    if (dtype == "float32")
        compute.dtype = at::kFloat;
    else if (dtype == "bf16" || dtype == "native" || dtype == "fastest")
        compute.dtype = at::kBFloat16;
    else
        throw Failure(ErrorCode::options, "--compute", "\"" + dtype + "\" is not a compute type",
                      "use float32, bf16, native or fastest");
    compute.or_bf16 = dtype == "fastest" && device == "cpu";
    compute.native = dtype == "native" || compute.or_bf16;
    if (device == "cpu") return compute;
    if (compute.native)
        throw Failure(ErrorCode::options, "--compute", "native runs on a CPU only, not on " + device, "use --device cpu or --compute bf16");

    int index = -1;
    const std::string prefix = "cuda:";
    if (device.starts_with(prefix)) {
        const char* end = device.data() + device.size();
        const auto parsed = std::from_chars(device.data() + prefix.size(), end, index);
        if (parsed.ec != std::errc() || parsed.ptr != end) index = -1;
    }
    if (index < 0 || index > 127)
        throw Failure(ErrorCode::options, "--device", "\"" + device + "\" is not a device", "use cpu or cuda:N");
    openCuda(device);
    const int devices =
        at::hasCUDA() ? static_cast<int>(at::globalContext().getAcceleratorHooksInterface().deviceCount()) : 0;
    if (index >= devices) throw unusable(device, "found " + std::to_string(devices) + " usable CUDA devices");
    at::globalContext().lazyInitDevice(at::kCUDA);
    compute.device = at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index));
    return compute;
}

std::string Compute::name() const {
    return or_bf16 ? "fastest" : native ? "native" : dtype == at::kBFloat16 ? "bf16" : "float32";
}

}  // namespace airframe
