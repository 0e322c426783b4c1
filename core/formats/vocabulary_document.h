// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace airframe {

/// A JSON file whose long lists are taken aside while it is parsed: as values of nlohmann::json they need ten times longer and
/// most of the time that opening a model takes.
struct VocabularyDocument {
    using Entry = std::pair<std::string, std::uint64_t>;
    nlohmann::json rest;                                ///< the file without the lists below
    std::optional<std::vector<Entry>> vocabulary;       ///< if it is there and an object: text and id, in file order
    std::optional<std::vector<std::string>> merges;     ///< if it is there and a list: "left right"
};

/// Where the lists stand.
enum class VocabularyPlace {
    in_model,    ///< tokenizer.json: "model": {"vocab": {...}, "merges": [...]}
    whole_file,  ///< vocab.json
};

/// As strict as readJsonFile(), but for keys of the vocabulary that occur twice: addVocabulary() sees to them. Throws
/// Failure(bad_input) also for an id that is no natural number and a merge that is not "left right" or ["left", "right"].
[[nodiscard]] VocabularyDocument readVocabularyDocument(const std::filesystem::path& file, VocabularyPlace place);

}  // namespace airframe
