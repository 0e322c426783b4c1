// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace airframe {

/// What a parameter of an operation holds, and so how its text on the command line is read.
enum class OptionKind {
    flag,      ///< present or not
    integer,   ///< a whole number
    number,    ///< a real number
    text,      ///< one string
    texts,     ///< several strings, for instance paths: --text A B
    words,     ///< several words in one argument: --tasks kv,copy
    integers,  ///< several whole numbers in one argument: --ids 1,2,3
};

/// One parameter: the command line offers it as `--name`, the protocol takes it as "name" with '_' for '-'.
struct OptionSpec {
    std::string name = {};  ///< "full-layers"; an upper-case name is a positional argument of the command line
    OptionKind kind = OptionKind::text;
    std::string help = {};
    nlohmann::json fallback = nullptr;  ///< used when absent; null = none
    bool required = false;
    double low = -1e18, high = 1e18;    ///< allowed range of integers and numbers
    std::vector<std::string> choices = {};   ///< allowed texts; empty = any
    bool protocol_only = false;         ///< not offered on the command line

    /// As a person types it: "--full-layers" or "MODEL".
    [[nodiscard]] std::string shown() const;
    /// As the protocol names it: "full_layers" or "model".
    [[nodiscard]] std::string key() const;
    [[nodiscard]] bool positional() const;
    /// Reads a value given as JSON, or as the text of a command line argument, into the JSON form of `kind`.
    /// Throws Failure(options, shown()) saying what it must be.
    [[nodiscard]] nlohmann::json read(const nlohmann::json& given) const;
};

}  // namespace airframe
