// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <cstring>

#include "kernels/backend.h"
#include "kernels/bench/cases.h"

namespace {

const char* const usage =
    "usage: airframe-kernels selftest   compare every operator with its double-precision reference\n"
    "       airframe-kernels bench      the same, then time the operators on one thread\n";

/// Prints what failed and how much passed; returns the number of failures.
int selftest() {
    const auto checks = airframe::kernels::bench::runChecks(1);
    int failed = 0;
    for (const auto& check : checks) {
        if (check.passed()) continue;
        ++failed;
        std::printf("FAILED %s: relative error %.3g, limit %.3g\n", check.name.c_str(), check.error, check.limit);
    }
    std::printf("%s\n%zu passed, %d failed\n", airframe::kernels::backendReport().c_str(), checks.size() - static_cast<std::size_t>(failed), failed);
    return failed;
}

}  // namespace

int main(int argc, char** argv) {
    const char* command = argc == 2 ? argv[1] : "";
    if (std::strcmp(command, "--help") == 0 || std::strcmp(command, "-h") == 0) {
        std::fputs(usage, stdout);
        return 0;
    }
    const bool bench = std::strcmp(command, "bench") == 0;
    if (!bench && std::strcmp(command, "selftest") != 0) {
        std::fprintf(stderr, "error: %s: unknown command; one of selftest, bench was wanted\n", argc > 1 ? argv[1] : "airframe-kernels");
        return 2;
    }
    if (selftest() != 0) {
        std::fprintf(stderr, "error: selftest: an operator is wrong; no speed is printed for a wrong kernel\n");
        return 1;
    }
    if (!bench) return 0;
    std::printf("%-40s %12s %12s   microseconds per token and head (rule), per token (the others); one thread\n", "operator", "best", "median");
    for (const auto& t : airframe::kernels::bench::runTimings())
        std::printf("%-40s %12.3f %12.3f\n", t.name.c_str(), t.best_us, t.median_us);
    return 0;
}
