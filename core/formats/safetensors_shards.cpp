// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/safetensors_shards.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/formats/output_file.h"

namespace airframe {
namespace {

/// Progress of one file as part of all of them.
class PartOf final : public RunControl {
  public:
    PartOf(RunControl& whole, std::uint64_t before, std::uint64_t total) : m_whole(whole), m_before(before), m_total(total) {}
    bool checkpoint() override { return m_whole.checkpoint(); }
    void progress(const Progress& part) override {
        Progress whole = part;
        whole.done += static_cast<double>(m_before);
        whole.total = static_cast<double>(m_total);
        m_whole.progress(whole);
    }

  private:
    RunControl& m_whole;
    std::uint64_t m_before, m_total;
};

/// Which tensors lie together, in order.
std::vector<std::vector<SafetensorsSource>> shards(const std::vector<SafetensorsSource>& tensors, std::uint64_t shard_bytes) {
    std::vector<std::vector<SafetensorsSource>> result(1);
    std::uint64_t filled = 0;
    for (const SafetensorsSource& tensor : tensors) {
        const std::uint64_t bytes = byteSize(tensor);
        if (!result.back().empty() && filled + bytes > shard_bytes) {
            result.emplace_back();
            filled = 0;
        }
        result.back().push_back(tensor);
        filled += bytes;
    }
    return result;
}

std::string shardName(std::size_t number, std::size_t of) {
    if (of == 1) return "model.safetensors";
    char name[64];
    std::snprintf(name, sizeof name, "model-%05zu-of-%05zu.safetensors", number + 1, of);
    return name;
}

}  // namespace

SafetensorsFolder writeSafetensorsFolder(const std::filesystem::path& folder, const std::vector<SafetensorsSource>& tensors,
                                         std::uint64_t shard_bytes, const std::map<std::string, std::string>& metadata,
                                         RunControl* control) {
    std::uint64_t total = 0, before = 0;
    for (const SafetensorsSource& tensor : tensors) total += byteSize(tensor);
    const auto parts = shards(tensors, shard_bytes);
    SafetensorsFolder result;
    nlohmann::ordered_json index;
    index["metadata"]["total_size"] = total;
    std::string hashes;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::string name = shardName(i, parts.size());
        NoControl none;
        PartOf part(control ? *control : none, before, total);
        result.files.push_back(writeSafetensors(folder / name, parts[i], metadata, &part));
        hashes += result.files.back().sha256;
        for (const SafetensorsSource& tensor : parts[i]) {
            before += byteSize(tensor);
            index["weight_map"][tensor.name] = name;
        }
    }
    result.sha256 = parts.size() == 1 ? hashes : sha256(std::string_view(hashes));
    if (parts.size() > 1) {
        OutputFile file(folder);
        file.write(index.dump(2) + "\n");
        file.commit(folder / "model.safetensors.index.json");
    }
    return result;
}

}  // namespace airframe
