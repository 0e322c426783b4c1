// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/architecture.h"
#include "core/study/placement.h"
#include "core/study/protocol.h"
#include "core/study/steering.h"
#include "input_folder.h"

using namespace airframe;

/// Texts that reach a study from outside, by the input's first letter: architectures, placements, steering, protocol lines.
/// What is accepted is written and read back equal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(fuzz::textOf(data, size).substr(1));
    fuzz::expectFailureAtMost([&] {
        switch (data[0]) {
            case 'a': {
                const ArchitectureFile architecture = parseArchitecture(text, "architecture.json");
                if (parseArchitecture(toJson(architecture).dump(), "again") != architecture) __builtin_trap();
                break;
            }
            case 'p': {
                const Placement placement = Placement::parse(text);
                if (Placement::parse(placement.text()) != placement) __builtin_trap();
                break;
            }
            case 's': (void)Steering::parse(text, 30); break;
            case 'r': {
                const protocol::Request request = protocol::parseRequest(text);
                (void)protocol::parseRequest(protocol::toLine(request));
                break;
            }
            default: break;
        }
    });
    return 0;
}
