// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace airframe::test {

/// The folder of reference data: $AIRFRAME_SHARED, else ../shared beside the source tree. May not exist: skip then.
inline std::filesystem::path sharedFolder() {
    if (const char* set = std::getenv("AIRFRAME_SHARED"); set && *set) return set;
    return AIRFRAME_SHARED_DEFAULT;
}

/// The user's cache folder of set-up downloads, as app/run fills it.
inline std::filesystem::path cacheFolder() {
    if (const char* set = std::getenv("AIRFRAME_CACHE"); set && *set) return set;
    if (const char* set = std::getenv("XDG_CACHE_HOME"); set && *set) return std::filesystem::path(set) / "airframe";
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home ? home : "/root") / ".cache/airframe";
}

/// SmolLM2-135M-Instruct Q4_1, the demo model. May not exist: skip then.
inline std::filesystem::path demoModel() {
    if (const char* set = std::getenv("AIRFRAME_MODEL"); set && *set) return set;
    return cacheFolder() / "models/SmolLM2-135M-Instruct.Q4_1.gguf";
}

}  // namespace airframe::test

/// Inside a test function: QSKIP with the reason when `needed` is not there.
#define AIRFRAME_NEED(needed)                                                            \
    do {                                                                                 \
        const std::filesystem::path need_(needed);                                       \
        if (!std::filesystem::exists(need_)) QSKIP((need_.string() + " is absent").c_str()); \
    } while (false)
