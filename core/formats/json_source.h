// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/formats/json_fields.h"

namespace airframe {

/// A JSON file from outside whose objects are read in no fixed order: Fields of any of them, with the file's name and hint. Every
/// failure is a Failure(bad_input) naming file and field.
struct JsonSource {
    const std::string file;
    const std::string hint;

    [[nodiscard]] Fields of(const nlohmann::json& in) const { return {in, file, hint}; }
    [[noreturn]] void fail(const std::string& field, const std::string& what) const { of({}).fail(field, what); }
    /// nullptr if `in` has no such field, or null there.
    [[nodiscard]] static const nlohmann::json* find(const nlohmann::json& in, const std::string& field) {
        return Fields{in, {}}.find(field.c_str());
    }
    [[nodiscard]] const nlohmann::json& object(const nlohmann::json& in, const std::string& field) const {
        return of(in).child(field.c_str()).object;
    }
    [[nodiscard]] const nlohmann::json& list(const nlohmann::json& in, const std::string& field) const { return of(in).list(field.c_str()); }
    [[nodiscard]] std::string text(const nlohmann::json& in, const std::string& field) const { return of(in).text(field.c_str()); }
    [[nodiscard]] bool boolean(const nlohmann::json& in, const std::string& field, bool otherwise) const {
        return of(in).flag(field.c_str(), otherwise);
    }
    /// An id below `vocab`.
    [[nodiscard]] std::size_t id(const nlohmann::json& value, const std::string& field, int vocab) const {
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() >= static_cast<std::uint64_t>(vocab)) {
            fail(field, "an id below the vocabulary size " + std::to_string(vocab) + " was wanted, found " + shown(value));
        }
        return value.get<std::size_t>();
    }
};

}  // namespace airframe
