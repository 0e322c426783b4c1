// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/study/architecture.h"

namespace airframe {

/// What is taken away.
enum class ExportFormat {
    hf,            ///< a Hugging Face style folder with modelling code
    gguf,          ///< one GGUF file
    architecture,  ///< architecture.json alone: no weights
};

/// "hf", "gguf", "architecture". Throws Failure(options) for another word.
[[nodiscard]] ExportFormat exportFormat(const std::string& word);
/// The word for it, and the storage types that it offers, the usual one first (none for an architecture).
[[nodiscard]] const std::string& exportFormatWord(ExportFormat format);
[[nodiscard]] const std::vector<std::string>& exportStorages(ExportFormat format);

/// What is wanted, and what an export says about itself beside its weights. Empty texts are left out of the card.
struct ExportInfo {
    ExportFormat format = ExportFormat::hf;
    std::string storage;          ///< of the matrices, one of exportStorages(); vectors are float32; empty = the usual one
    std::uint64_t shard_bytes = 5'000'000'000;  ///< largest weight file of a folder
    std::string base_name;        ///< of the model that was converted; empty = what its file says, else its file name
    std::string base_licence;     ///< SPDX-like, "apache-2.0"; empty = what the base model's file says
    std::string model_hash;       ///< SHA-256 of the base model's file; empty = computed
    std::string checkpoint_hash;  ///< of the alternatives' weights; empty = the supernet's
    std::string study_uuid;
    std::vector<ArchitectureScore> scores;
};

}  // namespace airframe
