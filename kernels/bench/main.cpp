// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "kernels/backend.h"
#include "kernels/bench/cases.h"
#include "kernels/bench/report.h"
#include "kernels/cuda/device.h"

namespace {

using namespace airframe::kernels;

const char* const usage =
    "usage: airframe-kernels selftest [OPERATOR] [OPTIONS]       compare operators with their double-precision references\n"
    "       airframe-kernels bench [OPERATOR] [OPTIONS] [--json] the same, then time them\n"
    "--device cpu|cuda     where they run\n"
    "--isa avx2|avx512     no better instruction set of the processor than that\n"
    "operators: ";

/// What the command line asked for.
struct Request {
    bool bench = false, json = false, help = false, cuda = false;
    std::string only;  ///< an operator's name; empty = all
    [[nodiscard]] std::span<const bench::Operator> operators() const { return cuda ? bench::cudaOperators() : bench::operators(); }
};

std::string operatorNames(std::span<const bench::Operator> operators) {
    std::string names;
    for (const auto& op : operators) names += (names.empty() ? "" : ", ") + std::string(op.name);
    return names;
}

/// Says on standard error what is wrong and returns false.
bool parse(int argc, char** argv, Request& request) {
    const auto wrong = [](const std::string& word, const std::string& wanted) {
        std::fprintf(stderr, "error: %s: unknown; %s was wanted\n", word.c_str(), wanted.c_str());
        return false;
    };
    for (int i = 1; i < argc; ++i)
        if (const std::string_view word = argv[i]; word == "--help" || word == "-h") return request.help = true;
    const std::string_view command = argc > 1 ? argv[1] : "";
    request.bench = command == "bench";
    if (!request.bench && command != "selftest") return wrong(argc > 1 ? argv[1] : "airframe-kernels", "selftest or bench");
    for (int i = 2; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--json" && request.bench) request.json = true;
        else if (word == "--isa" && i + 1 < argc) {
            if (!limitInstructionSet(argv[++i])) return wrong(argv[i], "avx2 or avx512, and a processor that has it,");
        } else if (word == "--device") {
            const std::string device = ++i < argc ? argv[i] : "";
            if (device != "cuda" && device != "cpu") return wrong(word + " " + device, "--device cuda or --device cpu");
            request.cuda = device == "cuda";
        } else if (request.only.empty() && word.front() != '-') request.only = word;
        else return wrong(word, std::string("an operator's name, --device") + (request.bench ? ", --isa or --json" : " or --isa"));
    }
    for (const auto& op : request.operators())
        if (request.only.empty() || request.only == op.name) return true;
    return wrong(request.only, "one of " + operatorNames(request.operators()));
}

bool wanted(const Request& request, const bench::Operator& op) { return request.only.empty() || request.only == op.name; }

/// Prints what failed and how much passed, to `to`; returns the number of failures.
int selftest(const Request& request, std::FILE* to) {
    std::vector<bench::Check> checks;
    std::uint64_t seed = 0;
    for (const auto& op : request.operators())
        if (++seed; wanted(request, op)) op.check(seed, checks);
    int failed = 0;
    for (const auto& check : checks) {
        if (check.passed()) continue;
        ++failed;
        std::fprintf(to, "FAILED %s: relative error %.3g, limit %.3g\n", check.name.c_str(), check.error, check.limit);
    }
    std::fprintf(to, "%s\n%zu passed, %d failed\n", (request.cuda ? cuda::deviceReport() : backendReport()).c_str(), checks.size() - static_cast<std::size_t>(failed), failed);
    return failed;
}

/// What bounds the timings: one thread and all of them, or the device.
std::vector<bench::Machine> measured(const Request& request) {
    if (request.cuda) return {bench::measureCudaDevice()};
    std::vector<bench::Machine> machines{bench::measureMachine(1)};
    if (const unsigned cores = std::thread::hardware_concurrency(); cores > 1) machines.push_back(bench::measureMachine(cores));
    return machines;
}

}  // namespace

int main(int argc, char** argv) {
    Request request;
    if (!parse(argc, argv, request)) return 2;
    if (request.help) {
        std::printf("%s%s\n", usage, operatorNames(bench::operators()).c_str());
        return 0;
    }
    if (const std::string why = request.cuda ? cuda::whyUnavailable() : ""; !why.empty()) {
        std::fprintf(stderr, "error: --device cuda: %s\n", why.c_str());
        return 3;
    }
    if (selftest(request, request.json ? stderr : stdout) != 0) {
        std::fprintf(stderr, "error: selftest: an operator is wrong; no speed is printed for a wrong kernel\n");
        return 1;
    }
    if (!request.bench) return 0;
    std::vector<bench::Machine> machines = measured(request);
    std::vector<bench::Timing> timings;
    for (const auto& op : request.operators())
        if (wanted(request, op)) op.time(timings);
    // Once more: others may have used the memory at first, and times are the best of many runs too.
    const std::vector<bench::Machine> after = measured(request);
    for (std::size_t i = 0; i < machines.size(); ++i) {
        machines[i].read_gb_s = std::max(machines[i].read_gb_s, after[i].read_gb_s);
        machines[i].fp32_gflop_s = std::max(machines[i].fp32_gflop_s, after[i].fp32_gflop_s);
        machines[i].bf16_gflop_s = std::max(machines[i].bf16_gflop_s, after[i].bf16_gflop_s);
    }
    std::fputs((request.json ? bench::jsonReport(timings, machines) : bench::textReport(timings, machines)).c_str(), stdout);
    return 0;
}
