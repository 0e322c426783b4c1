// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <cstdio>
#include <cstring>

#include "tests/kernels/emulated.h"

// Every CUDA kernel on the block emulator, against its double-precision reference, under several random schedules.
// Usage: tst_cuda_emulated [KERNEL] [--all]; --all prints what passed too.

namespace {

using namespace airframe::kernels::cuda;

/// THE table of emulated kernels.
constexpr test::EmulatedKernel kernels[] = {
    {"gated_delta_recurrent", test::checkGatedDeltaRecurrent},
    {"gated_delta_chunked", test::checkGatedDeltaChunked},
    {"linear_scan", test::checkLinearScan},
    {"linear_scan_chunked", test::checkLinearScanChunked},
    {"delta_product", test::checkDeltaProduct},
    {"short_conv", test::checkShortConv},
    {"dynamic_conv", test::checkDynamicConv},
    {"gated_norm", test::checkGatedNorm},
    {"generated_conv", test::checkGeneratedConv},
    {"attention_decode", test::checkAttentionDecode},
    {"attention_prefill", test::checkAttentionPrefill},
    {"quantized_vector", test::checkQuantizedVector},
    {"quantized_matrix", test::checkQuantizedMatrix},
    {"embedding", test::checkEmbedding},
    {"rms_norm", test::checkRmsNorm},
    {"swiglu", test::checkSwiglu},
    {"qkv_rotary", test::checkQkvRotary},
};

struct Printed : test::Report {
    bool all = false;
    int passed = 0, failed = 0;
    std::string kernel;
    void compare(const std::string& name, double error, double limit) override {
        const bool right = error <= limit;
        ++(right ? passed : failed);
        if (all || !right)
            std::printf("%s %s %s: relative error %.3g, limit %.3g\n", right ? "passed" : "FAILED", kernel.c_str(),
                        name.c_str(), error, limit);
    }
};

}  // namespace

int main(int argc, char** argv) {
    Printed report;
    const char* only = nullptr;
    for (int i = 1; i < argc; ++i)
        (std::strcmp(argv[i], "--all") == 0 ? (void)(report.all = true) : (void)(only = argv[i]));
    for (const auto& kernel : kernels) {
        if (only && std::strcmp(only, kernel.name) != 0) continue;
        const auto start = std::chrono::steady_clock::now();
        for (const std::uint64_t seed : {1, 2}) {
            report.kernel = kernel.name;
            try {
                kernel.check(seed, report);
            } catch (const emulated::Wrong& e) {
                ++report.failed;
                std::printf("FAILED %s\n", e.what());
            }
        }
        std::printf("%s: %.1f s\n", kernel.name,
                    std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    std::printf("Totals: %d passed, %d failed, 0 skipped\n", report.passed, report.failed);
    return report.failed || report.passed == 0;
}
