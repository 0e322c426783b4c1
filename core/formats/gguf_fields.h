// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/formats/gguf.h"

namespace airframe {

/// The keys "PREFIX.name" of one architecture, read with their types and limits checked. Remembers which names were asked
/// for, so that a key that nobody understood is refused at the end. Every failure is a Failure(bad_input) naming file and key.
/// Refers to the file. One thread.
class GgufFields {
  public:
    GgufFields(const GgufFile& file, std::string prefix) : m_file(file), m_prefix(std::move(prefix)) {}

    [[nodiscard]] const GgufFile& file() const { return m_file; }
    [[nodiscard]] const GgufValue* find(const std::string& name);  ///< nullptr if absent
    [[nodiscard]] const GgufValue& get(const std::string& name);   ///< fails if absent
    [[nodiscard]] int natural(const std::string& name);            ///< 0 to 2^31-1; fails if absent
    [[nodiscard]] int natural(const std::string& name, int otherwise);
    [[nodiscard]] double number(const std::string& name, double otherwise);  ///< float32 or float64
    [[nodiscard]] bool flag(const std::string& name, bool otherwise);
    [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise);
    /// A number, or an array with one for each of `layers` layers.
    [[nodiscard]] std::vector<int> perLayer(const std::string& name, int layers);
    /// The same where all layers must agree.
    [[nodiscard]] int sameInAllLayers(const std::string& name, int layers);
    /// What follows "PREFIX.start" in the names of all keys that begin so; they count as asked for.
    [[nodiscard]] std::vector<std::string> below(const std::string& start);

    /// Fails for the first key of the prefix that was never asked for: it might change what the model computes.
    void refuseUnread() const;
    [[noreturn]] void fail(const std::string& name, const std::string& what, const std::string& hint = {}) const;

  private:
    const GgufFile& m_file;
    std::string m_prefix;
    std::set<std::string, std::less<>> m_asked;
};

/// An integer value as an int from 0; throws Failure(bad_input) at its place.
[[nodiscard]] int naturalOf(const GgufValue& value);

}  // namespace airframe
