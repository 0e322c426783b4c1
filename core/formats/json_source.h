// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/base/error.h"

namespace airframe {

/// Typed reading of a JSON file from outside: every failure is a Failure(bad_input) naming file and field.
struct JsonSource {
    const std::string file;
    const std::string hint;

    [[noreturn]] void fail(const std::string& field, const std::string& what) const {
        throw Failure(ErrorCode::bad_input, file + ": " + field, what, hint);
    }
    /// nullptr if `in` has no such field, or null there.
    [[nodiscard]] static const nlohmann::json* find(const nlohmann::json& in, const std::string& field) {
        const auto it = in.find(field);
        return it == in.end() || it->is_null() ? nullptr : &*it;
    }
    [[nodiscard]] const nlohmann::json& object(const nlohmann::json& in, const std::string& field) const {
        const nlohmann::json* value = find(in, field);
        if (!value || !value->is_object()) fail(field, "an object was wanted");
        return *value;
    }
    [[nodiscard]] const nlohmann::json& list(const nlohmann::json& in, const std::string& field) const {
        const nlohmann::json* value = find(in, field);
        if (!value || !value->is_array()) fail(field, "a list was wanted");
        return *value;
    }
    [[nodiscard]] std::string text(const nlohmann::json& in, const std::string& field) const {
        const nlohmann::json* value = find(in, field);
        if (!value || !value->is_string()) fail(field, "a text was wanted, found " + (value ? shown(*value) : "none"));
        return value->get<std::string>();
    }
    [[nodiscard]] bool boolean(const nlohmann::json& in, const std::string& field, bool otherwise) const {
        const nlohmann::json* value = find(in, field);
        if (!value) return otherwise;
        if (!value->is_boolean()) fail(field, "true or false was wanted, found " + shown(*value));
        return value->get<bool>();
    }
    /// An id below `vocab`.
    [[nodiscard]] std::size_t id(const nlohmann::json& value, const std::string& field, int vocab) const {
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() >= static_cast<std::uint64_t>(vocab)) {
            fail(field, "an id below the vocabulary size " + std::to_string(vocab) + " was wanted, found " + shown(value));
        }
        return value.get<std::size_t>();
    }
    /// For messages.
    [[nodiscard]] static std::string shown(const nlohmann::json& value) {
        return value.dump(-1, ' ', true).substr(0, 200);
    }
};

}  // namespace airframe
