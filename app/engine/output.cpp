// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/engine/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/base/utf8.h"

namespace airframe {
namespace {

void clean(nlohmann::json& value) {
    if (value.is_string()) {
        value = toValidUtf8(value.get_ref<const std::string&>());
    } else if (value.is_structured()) {
        for (auto& part : value) clean(part);
    }
}

}  // namespace

std::string jsonText(nlohmann::json data) {
    clean(data);
    return data.dump() + '\n';
}

Result<bool> writeOut(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return true;
    const ErrorCode code = errno == ENOSPC ? ErrorCode::no_room : ErrorCode::bad_input;
    return Error{code, "standard output", std::strerror(errno), "check where the output goes"};
}

}  // namespace airframe
