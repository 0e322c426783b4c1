// SPDX-License-Identifier: GPL-3.0-or-later
// write_sample_study FILE empty|trained|full|failed [MODEL]: a study with made-up values, for looking at the window.
#include <cstdio>
#include <map>

#include "core/base/error.h"
#include "tests/support/sample_study.h"

int main(int argc, char** argv) {
    using airframe::test::SampleStage;
    const std::map<std::string, SampleStage> stages = {{"empty", SampleStage::empty}, {"trained", SampleStage::trained},
                                                       {"full", SampleStage::full}, {"failed", SampleStage::failed}};
    if (argc < 3 || !stages.count(argv[2])) {
        std::fputs("usage: write_sample_study FILE empty|trained|full|failed [MODEL]\n", stderr);
        return 2;
    }
    try {
        airframe::test::writeSampleStudy(argv[1], stages.at(argv[2]), argc > 3 ? argv[3] : "/nowhere/SampleLM-135M.gguf");
    } catch (const airframe::Failure& failure) {
        std::fprintf(stderr, "%s\n", failure.error().line().c_str());
        return static_cast<int>(failure.error().code);
    }
    return 0;
}
