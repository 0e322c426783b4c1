// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/params.h"

#include <algorithm>

#include "core/base/error.h"

namespace airframe {

Params::Params(const std::string& operation, const std::vector<OptionSpec>& options, const nlohmann::json& given)
    : m_operation(operation), m_options(options) {
    const std::string help = "see 'airframe-engine " + operation + " --help'";
    if (!given.is_object()) throw Failure(ErrorCode::options, operation, "needs its parameters as a JSON object", help);
    for (const auto& [key, value] : given.items()) {
        const auto found = std::find_if(options.begin(), options.end(), [&](const auto& o) { return o.key() == key; });
        if (found != options.end()) {
            if (value.is_null()) continue;
            m_values[key] = found->read(value);
            m_given.insert(key);
        } else if (key != "study" && key != "slot") {
            std::string shown = key;
            std::replace(shown.begin(), shown.end(), '_', '-');
            throw Failure(ErrorCode::options, "--" + shown, "is not an option of '" + operation + "'", help);
        }
    }
    for (const auto& option : options) {
        if (m_values.contains(option.key())) continue;
        if (option.required) throw Failure(ErrorCode::options, option.shown(), "is missing", help);
        if (!option.fallback.is_null()) m_values[option.key()] = option.fallback;
    }
}

const OptionSpec& Params::spec(const std::string& name) const {
    for (const auto& option : m_options)
        if (option.name == name) return option;
    throw Failure(ErrorCode::internal, m_operation, "has no option named " + name);
}

const nlohmann::json& Params::at(const std::string& name) const {
    const OptionSpec& option = spec(name);
    const auto found = m_values.find(option.key());
    if (found == m_values.end()) {
        throw Failure(ErrorCode::options, option.shown(), "is missing", "see 'airframe-engine " + m_operation + " --help'");
    }
    return *found;
}

std::string Params::shown(const std::string& name) const { return spec(name).shown(); }
bool Params::has(const std::string& name) const { return m_values.contains(spec(name).key()); }
bool Params::given(const std::string& name) const { return m_given.contains(spec(name).key()); }
bool Params::flag(const std::string& name) const { return has(name) && at(name).get<bool>(); }
std::int64_t Params::integer(const std::string& name) const { return at(name).get<std::int64_t>(); }
int Params::small(const std::string& name) const { return static_cast<int>(integer(name)); }
double Params::number(const std::string& name) const { return at(name).get<double>(); }
std::string Params::text(const std::string& name) const { return has(name) ? at(name).get<std::string>() : ""; }
std::filesystem::path Params::path(const std::string& name) const { return at(name).get<std::string>(); }

std::vector<std::filesystem::path> Params::paths(const std::string& name) const {
    const auto list = words(name);
    return {list.begin(), list.end()};
}

std::vector<std::string> Params::words(const std::string& name) const {
    return has(name) ? at(name).get<std::vector<std::string>>() : std::vector<std::string>{};
}

std::vector<int> Params::integers(const std::string& name) const {
    return has(name) ? at(name).get<std::vector<int>>() : std::vector<int>{};
}

}  // namespace airframe
