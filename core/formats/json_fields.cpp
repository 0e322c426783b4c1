// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/json_fields.h"

#include <climits>

#include "core/base/error.h"

namespace airframe {

using nlohmann::json;

std::string shown(const json& value) { return value.dump(-1, ' ', true).substr(0, 200); }

void Fields::fail(const std::string& field, const std::string& what, const std::string& own) const {
    throw Failure(ErrorCode::bad_input, where + ": " + field, what, own.empty() ? hint : own);
}

const json* Fields::find(const char* field) const {
    const auto it = object.find(field);
    return it == object.end() || it->is_null() ? nullptr : &*it;
}

const json& Fields::get(const char* field) const {
    if (const json* value = find(field)) return *value;
    fail(field, "the field is missing");
}

int Fields::integer(const json& value, const char* field) const {
    if (!value.is_number_integer()) fail(field, "a whole number was wanted, found " + shown(value));
    // A signed value can only be negative here: the parser makes unsigned ones of all others.
    const bool fits = value.is_number_unsigned() ? value.get<std::uint64_t>() <= INT_MAX : value.get<std::int64_t>() >= INT_MIN;
    if (!fits) fail(field, "the number " + shown(value) + " is out of range");
    return value.get<int>();
}

int Fields::integer(const char* field, int otherwise) const {
    const json* value = find(field);
    return value ? integer(*value, field) : otherwise;
}

double Fields::number(const char* field) const {
    const json& value = get(field);
    if (!value.is_number()) fail(field, "a number was wanted, found " + shown(value));
    return value.get<double>();
}

double Fields::number(const char* field, double otherwise) const { return find(field) ? number(field) : otherwise; }

const json& Fields::list(const char* field) const {
    const json& value = get(field);
    if (!value.is_array()) fail(field, "a list was wanted, found " + shown(value));
    return value;
}

std::vector<double> Fields::numbers(const char* field) const {
    std::vector<double> out;
    for (const json& one : list(field)) {
        if (!one.is_number()) fail(field, "a number was wanted, found " + shown(one));
        out.push_back(one.get<double>());
    }
    return out;
}

bool Fields::flag(const char* field, bool otherwise) const {
    const json* value = find(field);
    if (!value) return otherwise;
    if (!value->is_boolean()) fail(field, "true or false was wanted, found " + shown(*value));
    return value->get<bool>();
}

std::string Fields::text(const char* field) const {
    const json& value = get(field);
    if (!value.is_string()) fail(field, "a string was wanted, found " + shown(value));
    return value;
}

std::string Fields::text(const char* field, const char* otherwise) const { return find(field) ? text(field) : otherwise; }

Fields Fields::child(const char* field) const {
    const json& value = get(field);
    if (!value.is_object()) fail(field, "an object was wanted, found " + shown(value));
    return {value, where + ": " + field, hint};
}

void Fields::refuseIfTrue(const char* field) const {
    if (flag(field, false)) fail(field, "changes the computation in a way that is not supported");
}

void Fields::refuseIfSet(const char* field) const {
    if (const json* value = find(field)) fail(field, shown(*value) + " changes the computation in a way that is not supported");
}

}  // namespace airframe
