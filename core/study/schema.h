// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace SQLite {
class Database;
}

namespace airframe::schema {

/// Marks a file as an Airframe study (PRAGMA application_id): "Afrm".
inline constexpr std::int32_t application_id = 0x4166726D;

/// One step from schema number i to i + 1. Steps are appended, never changed: files of every released number exist.
using Migration = std::string_view;
[[nodiscard]] std::span<const Migration> migrations();
/// The number that this program writes: PRAGMA user_version.
[[nodiscard]] int version();

[[nodiscard]] int versionOf(SQLite::Database& database);
[[nodiscard]] std::int32_t applicationIdOf(SQLite::Database& database);

/// Brings a database to the end of `steps` in one BEGIN IMMEDIATE transaction. A database that already holds data is
/// first copied to <file>.v<N>.bak (overwriting nothing: a backup of that number that exists is kept). Throws
/// SQLite::Exception.
void migrate(SQLite::Database& database, const std::filesystem::path& file,
             std::span<const Migration> steps = migrations());

}  // namespace airframe::schema
