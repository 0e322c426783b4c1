// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/supernet/heldout.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/formats/safetensors.h"
#include "core/formats/safetensors_writer.h"

namespace airframe {
namespace {

/// Opens the held-out file of the latest checkpoint; calls nothing and returns false if there is no checkpoint.
template <class Use>
bool withHeldout(const Study& study, Use use) {
    const auto checkpoint = study.latestCheckpoint();
    if (!checkpoint) return false;
    const auto json = nlohmann::json::parse(checkpoint->json, nullptr, false);
    if (!json.is_object() || !json.contains("heldout_file")) return false;
    const SafetensorsFile file(study.weightsFolder() / json["heldout_file"].get<std::string>());
    const auto* ids = file.find("heldout");
    if (!ids || ids->dtype != "I32" || ids->shape.size() != 2)
        throw Failure(ErrorCode::bad_input, file.path().string(),
                      "a tensor heldout [windows, ids] of type I32 was wanted", "train again");
    use(*ids);
    return true;
}

}  // namespace

std::string writeHeldout(const std::filesystem::path& folder, const std::vector<std::int32_t>& ids, int window) {
    const auto windows = static_cast<std::int64_t>(ids.size()) / window;
    const SafetensorsSource source{"heldout", "I32", {windows, window}, [&] { return std::as_bytes(std::span(ids)); }};
    return writeSafetensorsByHash(folder, {source}, {{"content", "held-out token ids"}}).path.filename().string();
}

std::vector<std::int32_t> heldoutTokens(const Study& study) {
    std::vector<std::int32_t> out;
    withHeldout(study, [&](const SafetensorsTensor& ids) {
        out.resize(static_cast<std::size_t>(ids.elements()));
        std::memcpy(out.data(), ids.bytes.data(), ids.bytes.size());
    });
    return out;
}

int heldoutWindow(const Study& study) {
    int window = 0;
    withHeldout(study, [&](const SafetensorsTensor& ids) { window = static_cast<int>(ids.shape[1]); });
    return window;
}

}  // namespace airframe
