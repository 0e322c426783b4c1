// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "support/temporary_folder.h"

namespace airframe::fuzz {

inline std::string_view textOf(const std::uint8_t* data, std::size_t size) { return {reinterpret_cast<const char*>(data), size}; }

/// The one folder of this process, made at the first input; in memory where TMPDIR is.
inline const test::TemporaryFolder& folder() {
    static const test::TemporaryFolder made;
    return made;
}

/// Writes one file of the folder, or takes it away if there is nothing to write.
inline void put(const std::string& name, std::string_view content) {
    if (content.empty()) {
        std::filesystem::remove(folder() / name);
        return;
    }
    std::ofstream file(folder() / name, std::ios::binary | std::ios::trunc);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
}

/// Several files in one input: each begins after a line "@@ NAME", where NAME is one of `names`. What stands before the first
/// such line belongs to the first name. Files that an input does not have are absent.
template <class Names>
void putAll(std::string_view input, const Names& names) {
    std::string_view file = names[0];
    for (const std::string_view name : names) put(std::string(name), {});
    while (true) {
        const bool at_line = input.starts_with("@@ ");
        const std::size_t mark = at_line ? 0 : input.find("\n@@ ");
        put(std::string(file), input.substr(0, mark));
        if (mark == std::string_view::npos) return;
        input.remove_prefix(mark + (at_line ? 3 : 4));
        const std::string_view name = input.substr(0, input.find('\n'));
        file = names[0];
        for (const std::string_view known : names) {
            if (known == name) file = known;
        }
        input.remove_prefix(std::min(name.size() + 1, input.size()));
    }
}

/// Runs a reader. A Failure that blames the input is what a reader is for; anything else thrown ends the fuzzer.
template <class F>
void expectFailureAtMost(F&& read) {
    try {
        read();
    } catch (const Failure& failure) {
        if (failure.error().code != ErrorCode::bad_input || failure.error().where.empty() ||
            failure.error().what.empty())
            __builtin_trap();
    }
}

}  // namespace airframe::fuzz
