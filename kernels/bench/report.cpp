// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/bench/report.h"

#include <cstdio>

#include "kernels/backend.h"

namespace airframe::kernels::bench {
namespace {

template <class... Args>
std::string format(const char* pattern, Args... args) {
    char line[512];
    std::snprintf(line, sizeof line, pattern, args...);
    return line;
}

const Machine& machineOf(const Timing& t, std::span<const Machine> machines) {
    for (const Machine& m : machines)
        if (m.threads == t.threads) return m;
    return machines.front();
}

struct Rates {
    double gb_s, gflop_s, of_memory, of_peak;
    Rates(const Timing& t, const Machine& m)
        : gb_s(t.bytes / t.best_us * 1e-3), gflop_s(t.flops / t.best_us * 1e-3), of_memory(gb_s / m.read_gb_s),
          of_peak(gflop_s / (t.bf16 && m.bf16_gflop_s > 0 ? m.bf16_gflop_s : m.fp32_gflop_s)) {}
};

}  // namespace

std::string textReport(std::span<const Timing> timings, std::span<const Machine> machines) {
    std::string out;
    for (const Machine& m : machines) {
        out += format("%u thread%s: memory %.1f GB/s, float32 multiply-add %.0f GFLOP/s", m.threads, m.threads == 1 ? "" : "s",
                      m.read_gb_s, m.fp32_gflop_s);
        out += m.bf16_gflop_s > 0 ? format(", bf16 dot product %.0f GFLOP/s\n", m.bf16_gflop_s) : "\n";
    }
    out += format("%-44s %2s %10s %10s %9s %9s %8s %8s  %s\n", "operator", "thr", "best us", "median us", "GB/s", "GFLOP/s",
                  "memory", "peak", "per");
    for (const Timing& t : timings) {
        const Rates r(t, machineOf(t, machines));
        out += format("%-44s %3u %10.3f %10.3f %9.2f %9.1f %7.0f%% %7.0f%%  %s\n", t.name.c_str(), t.threads, t.best_us,
                      t.median_us, r.gb_s, r.gflop_s, 100 * r.of_memory, 100 * r.of_peak, t.unit.c_str());
    }
    return out;
}

std::string jsonReport(std::span<const Timing> timings, std::span<const Machine> machines) {
    std::string out = format("{\"backend\": \"%s\", \"machine\": [", backendReport().c_str());
    for (std::size_t i = 0; i < machines.size(); ++i)
        out += format("%s{\"threads\": %u, \"read_gb_s\": %.6g, \"fp32_gflop_s\": %.6g, \"bf16_gflop_s\": %.6g}", i ? ", " : "",
                      machines[i].threads, machines[i].read_gb_s, machines[i].fp32_gflop_s, machines[i].bf16_gflop_s);
    out += "], \"timings\": [";
    for (std::size_t i = 0; i < timings.size(); ++i) {
        const Timing& t = timings[i];
        const Rates r(t, machineOf(t, machines));
        out += format("%s\n  {\"operator\": \"%s\", \"threads\": %u, \"per\": \"%s\", \"best_us\": %.6g, \"median_us\": %.6g, "
                      "\"bytes\": %.6g, \"flops\": %.6g, \"memory_share\": %.4g, \"peak_share\": %.4g}",
                      i ? "," : "", t.name.c_str(), t.threads, t.unit.c_str(), t.best_us, t.median_us, t.bytes, t.flops,
                      r.of_memory, r.of_peak);
    }
    return out + "\n]}\n";
}

}  // namespace airframe::kernels::bench
