// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/hf_config.h"
#include "input_folder.h"

using namespace airframe;

/// config.json of a Hugging Face folder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::put("config.json", fuzz::textOf(data, size));
    if (size == 0) return 0;
    fuzz::expectFailureAtMost([] { (void)readHfConfig(fuzz::folder() / "config.json"); });
    return 0;
}
