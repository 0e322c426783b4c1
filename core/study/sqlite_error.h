// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/base/error.h"

namespace SQLite {
class Exception;
}

namespace airframe {

/// What an SQLite error means to a person: full disk -> no_room; damaged, locked, unreadable -> bad_input; anything
/// else is our defect.
[[nodiscard]] Failure fromSqlite(const SQLite::Exception& exception, const std::filesystem::path& file);

}  // namespace airframe
