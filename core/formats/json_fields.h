// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace airframe {

/// Typed fields of one JSON object, as in config.json. A field that is null counts as absent. Every wrong type or missing
/// field is a Failure(bad_input) at "where: field". Refers to the object: keep it alive.
struct Fields {
    const nlohmann::json& object;
    const std::string where;      ///< the file and the names of the objects around this one
    const std::string hint = {};  ///< of every failure that has none of its own

    [[noreturn]] void fail(const std::string& field, const std::string& what, const std::string& hint = {}) const;
    /// nullptr if the field is absent or null.
    [[nodiscard]] const nlohmann::json* find(const char* field) const;
    /// Whether the field is there, null or not: some defaults differ between the two.
    [[nodiscard]] bool has(const char* field) const { return object.contains(field); }
    [[nodiscard]] const nlohmann::json& get(const char* field) const;
    [[nodiscard]] int integer(const nlohmann::json& value, const char* field) const;
    [[nodiscard]] int integer(const char* field) const { return integer(get(field), field); }
    [[nodiscard]] int integer(const char* field, int otherwise) const;
    [[nodiscard]] double number(const char* field) const;
    [[nodiscard]] double number(const char* field, double otherwise) const;
    [[nodiscard]] const nlohmann::json& list(const char* field) const;
    [[nodiscard]] std::vector<double> numbers(const char* field) const;
    [[nodiscard]] bool flag(const char* field, bool otherwise) const;
    [[nodiscard]] std::string text(const char* field) const;
    [[nodiscard]] std::string text(const char* field, const char* otherwise) const;
    [[nodiscard]] Fields child(const char* field) const;
    /// Throws if a flag that changes the computation in a way not supported is true.
    void refuseIfTrue(const char* field) const;
    /// Throws if such a value is set at all.
    void refuseIfSet(const char* field) const;
};

/// A value as messages show it: ASCII, and no longer than fits a line.
[[nodiscard]] std::string shown(const nlohmann::json& value);

}  // namespace airframe
