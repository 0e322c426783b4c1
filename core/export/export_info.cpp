// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/export_info.h"

#include <array>

#include "core/base/error.h"

namespace airframe {
namespace {

struct Format {
    ExportFormat format;
    std::string word;
    std::vector<std::string> storages;
};

/// THE table of formats, in the order of the enumeration.
const std::array<Format, 3>& formats() {
    static const std::array<Format, 3> rows{{{ExportFormat::hf, "hf", {"float32", "bf16"}},
                                             {ExportFormat::gguf, "gguf", {"F16", "Q8_0", "Q4_1", "Q4_0"}},
                                             {ExportFormat::architecture, "architecture", {}}}};
    return rows;
}

}  // namespace

ExportFormat exportFormat(const std::string& word) {
    for (const Format& row : formats()) {
        if (row.word == word) return row.format;
    }
    throw Failure(ErrorCode::options, "format", "hf, gguf or architecture was wanted, found \"" + word + "\"");
}

const std::string& exportFormatWord(ExportFormat format) { return formats().at(static_cast<std::size_t>(format)).word; }

const std::vector<std::string>& exportStorages(ExportFormat format) {
    return formats().at(static_cast<std::size_t>(format)).storages;
}

}  // namespace airframe
