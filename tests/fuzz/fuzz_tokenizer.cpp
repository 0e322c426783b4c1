// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "core/formats/tokenizer.h"
#include "core/formats/tokenizer_folder.h"
#include "input_folder.h"

using namespace airframe;

namespace {
constexpr int vocab = 1000;
constexpr std::array<std::string_view, 7> names{"tokenizer.json",    "tokenizer_config.json",   "vocab.json",     "merges.txt",
                                                "added_tokens.json", "special_tokens_map.json", "tokenizer.model"};
}  // namespace

/// The tokenizer files of a Hugging Face folder in one input (see putAll): what is accepted encodes and decodes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::putAll(fuzz::textOf(data, size), names);
    fuzz::expectFailureAtMost([] { (void)readChatTemplate(fuzz::folder().path()); });
    fuzz::expectFailureAtMost([] {
        auto data = readTokenizerFolder(fuzz::folder().path(), vocab);
        if (!data) return;
        const Tokenizer tokenizer(std::move(*data), "tokenizer");
        const auto ids = tokenizer.encode(
            "The sea, 12345  <|im_start|>\n\t\xc3\xa9 e\xcc\x81 \xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x8c\x8d don't");
        for (const auto id : ids) {
            if (id < 0 || id >= tokenizer.size()) __builtin_trap();
        }
        (void)tokenizer.decode(ids);
    });
    return 0;
}
