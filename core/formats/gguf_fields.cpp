// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_fields.h"

#include <climits>

#include "core/base/error.h"

namespace airframe {
namespace {

int naturalFrom(std::int64_t number, const std::string& where) {
    if (number < 0 || number > INT_MAX) {
        throw Failure(ErrorCode::bad_input, where, "a number from 0 to 2^31-1 was wanted, found " + std::to_string(number));
    }
    return static_cast<int>(number);
}

}  // namespace

int naturalOf(const GgufValue& value) { return naturalFrom(value.integer(), value.where); }

void GgufFields::fail(const std::string& name, const std::string& what, const std::string& hint) const {
    throw Failure(ErrorCode::bad_input, m_file.path().string() + ": " + m_prefix + "." + name, what, hint);
}

const GgufValue* GgufFields::find(const std::string& name) {
    m_asked.insert(name);
    return m_file.find(m_prefix + "." + name);
}

const GgufValue& GgufFields::get(const std::string& name) {
    m_asked.insert(name);
    return m_file.get(m_prefix + "." + name);
}

int GgufFields::natural(const std::string& name) { return naturalOf(get(name)); }

int GgufFields::natural(const std::string& name, int otherwise) {
    const GgufValue* value = find(name);
    return value ? naturalOf(*value) : otherwise;
}

double GgufFields::number(const std::string& name, double otherwise) {
    const GgufValue* value = find(name);
    return value ? value->number() : otherwise;
}

bool GgufFields::flag(const std::string& name, bool otherwise) {
    const GgufValue* value = find(name);
    return value ? value->boolean() : otherwise;
}

std::string GgufFields::text(const std::string& name, const std::string& otherwise) {
    const GgufValue* value = find(name);
    return value ? value->text() : otherwise;
}

std::vector<int> GgufFields::perLayer(const std::string& name, int layers) {
    const GgufValue& value = get(name);
    const auto count = static_cast<std::size_t>(layers);
    if (!value.isArray()) return std::vector<int>(count, naturalOf(value));
    const std::vector<std::int64_t> all = value.integers();
    if (all.size() != count) fail(name, std::to_string(all.size()) + " values for " + std::to_string(layers) + " blocks");
    std::vector<int> result;
    result.reserve(count);
    for (const std::int64_t one : all) result.push_back(naturalFrom(one, value.where));
    return result;
}

int GgufFields::sameInAllLayers(const std::string& name, int layers) {
    const std::vector<int> all = perLayer(name, layers);
    if (all.empty()) fail(name, "a value for at least one block was wanted");
    for (const int one : all) {
        if (one != all.front()) fail(name, "differs from layer to layer, which is not read", "use a model whose layers are alike");
    }
    return all.front();
}

std::vector<std::string> GgufFields::below(const std::string& start) {
    const std::string whole = m_prefix + "." + start;
    std::vector<std::string> result;
    for (auto it = m_file.metadata().lower_bound(whole); it != m_file.metadata().end() && it->first.starts_with(whole); ++it) {
        result.push_back(it->first.substr(whole.size()));
        m_asked.insert(it->first.substr(m_prefix.size() + 1));
    }
    return result;
}

void GgufFields::refuseUnread() const {
    const std::string start = m_prefix + ".";
    for (auto it = m_file.metadata().lower_bound(start); it != m_file.metadata().end() && it->first.starts_with(start); ++it) {
        const std::string name = it->first.substr(start.size());
        if (!m_asked.contains(name)) {
            fail(name, "the key is not known, so it might change what the model computes", "use a model without it");
        }
    }
}

}  // namespace airframe
