// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/study/placement.h"

namespace airframe {

/// A score as an architecture carries it: with its 95 % interval, without the items that it was made from.
struct ArchitectureScore {
    std::string task;  ///< task id
    std::string unit;  ///< "nats per token", ...
    double value = 0, low = 0, high = 0;
    int items = 0;
    friend bool operator==(const ArchitectureScore&, const ArchitectureScore&) = default;
};

/// An architecture alone, without weights: what architecture.json holds. Its schema is described in core/study/README.md.
/// A value; texts that are not known are empty.
struct ArchitectureFile {
    /// Raised when a field changes its meaning or is taken away; a field that is added does not raise it.
    static constexpr int schema_version = 1;

    Placement placement;  ///< one block per layer, [L]
    /// Dimensions by block id, {"jet": {"heads": 9, "k": 64, "v": 64, "generator": 72}}; empty = the model's usual ones.
    std::map<std::string, std::map<std::string, int>> block_dims;
    std::int64_t parameters = 0;  ///< of the whole model; 0 = not told
    std::string storage;          ///< type of the matrices of the weights that lie beside it, "float32"

    std::string program, created;  ///< who wrote it; UTC, "2026-05-04T10:20:30Z"
    std::string study;             ///< the study's uuid
    std::string base_model, base_file, base_sha256, base_licence;
    std::string checkpoint_sha256;  ///< of the trained mixers
    std::string weights_sha256;     ///< of the weights beside it, where there are some
    std::vector<ArchitectureScore> scores;

    /// Of the reloaded export against the model in memory.
    double max_logit_difference = 0;
    int checked_tokens = 0;  ///< 0 = nothing was compared: no weights were written
    friend bool operator==(const ArchitectureFile&, const ArchitectureFile&) = default;
};

/// The document, in the order in which people read it. Throws Failure(internal) for a number that JSON cannot hold (NaN,
/// infinity).
[[nodiscard]] nlohmann::ordered_json toJson(const ArchitectureFile& architecture);

/// Reads a document from outside. Throws Failure(bad_input, where: field) for anything that is not as the schema says:
/// another schema version, unknown blocks, layers that contradict the placement, sizes outside their range, scores outside
/// their interval, over-long texts and lists. Fields that the schema does not know are passed over.
[[nodiscard]] ArchitectureFile parseArchitecture(std::string_view text, const std::string& where);

/// parseArchitecture() of a file, or of the architecture.json in a folder that Airframe exported. Refuses files of more than
/// 4 MiB before reading them.
[[nodiscard]] ArchitectureFile readArchitecture(const std::filesystem::path& path);

}  // namespace airframe
