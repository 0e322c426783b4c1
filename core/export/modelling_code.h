// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace airframe {

/// One Python file that makes an exported folder run under Hugging Face's transformers.
struct ModellingFile {
    std::string_view name, text;
};

/// The files of core/export/python, which the build puts into the program.
[[nodiscard]] std::span<const ModellingFile> modellingCode();

}  // namespace airframe
