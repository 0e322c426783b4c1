// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tests/kernels/emulated.h"

// One kernel with all its generated faults (faults.py), of which the number airframe_fault is on; 0 = none.
// Usage: program FAULT...; prints one line per fault: its number, "caught" or "SURVIVED", and by what it was caught.

int airframe_fault = 0;

namespace {

using namespace airframe::kernels::cuda;

struct Difference {
    std::string what;
};
struct UntilFirst : test::Report {
    void compare(const std::string& name, double error, double limit) override {
        if (!(error <= limit)) throw Difference{"differs from the reference: " + name + ": " + std::to_string(error)};
    }
};

/// In a process of its own: a fault may do anything.
int runOne(int fault, int to) {
    airframe_fault = fault;
    alarm(60);
    std::string words;
    try {
        for (const std::uint64_t seed : {1, 2}) {
            UntilFirst report;
            AIRFRAME_FAULT_CHECK(seed, report);
        }
    } catch (const emulated::Wrong& e) {
        words = e.what();
    } catch (const Difference& e) {
        words = e.what;
    }
    if (write(to, words.data(), words.size()) < 0) return 1;
    return words.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    for (int i = 1; i < argc; ++i) {
        const int fault = std::atoi(argv[i]);
        int ends[2];
        if (pipe(ends) != 0) return 2;
        std::fflush(stdout);
        const pid_t child = fork();
        if (child < 0) return 2;
        if (child == 0) {
            close(ends[0]);
            _exit(runOne(fault, ends[1]));
        }
        close(ends[1]);
        std::string words;
        char part[512];
        for (ssize_t n; (n = read(ends[0], part, sizeof part)) > 0;) words.append(part, static_cast<std::size_t>(n));
        close(ends[0]);
        int status = 0;
        waitpid(child, &status, 0);
        if (WIFSIGNALED(status)) words = "ended by signal " + std::to_string(WTERMSIG(status));
        const bool survived = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        std::printf("%d %s %s\n", fault, survived ? "SURVIVED" : "caught", words.c_str());
    }
    return 0;
}
