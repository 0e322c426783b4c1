// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/engine/option_spec.h"

namespace airframe {

/// The parameters of one job, checked against the operation's table of options, defaults filled in. Immutable.
/// Asking for a name that the table does not have is a defect and throws Failure(internal).
class Params {
  public:
    /// Throws Failure(options, option) for an unknown, missing or wrong parameter. "study" and "slot", which the window
    /// sends with every request, are passed over where the operation has no use for them.
    Params(const std::string& operation, const std::vector<OptionSpec>& options, const nlohmann::json& given);

    [[nodiscard]] bool has(const std::string& name) const;  ///< given, or with a default
    [[nodiscard]] bool given(const std::string& name) const;  ///< by the caller, not by a default
    [[nodiscard]] bool flag(const std::string& name) const;
    [[nodiscard]] std::int64_t integer(const std::string& name) const;
    [[nodiscard]] int small(const std::string& name) const;  ///< an integer whose range fits an int
    [[nodiscard]] double number(const std::string& name) const;
    [[nodiscard]] std::string text(const std::string& name) const;  ///< "" when absent
    [[nodiscard]] std::filesystem::path path(const std::string& name) const;
    [[nodiscard]] std::vector<std::filesystem::path> paths(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> words(const std::string& name) const;
    [[nodiscard]] std::vector<int> integers(const std::string& name) const;
    /// For messages: what `name` is called on the command line.
    [[nodiscard]] std::string shown(const std::string& name) const;
    [[nodiscard]] const nlohmann::json& json() const { return m_values; }

  private:
    [[nodiscard]] const nlohmann::json& at(const std::string& name) const;
    [[nodiscard]] const OptionSpec& spec(const std::string& name) const;
    std::string m_operation;
    std::vector<OptionSpec> m_options;
    nlohmann::json m_values = nlohmann::json::object();  ///< by OptionSpec::key()
    std::set<std::string> m_given;                       ///< keys
};

}  // namespace airframe
