// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/engine/supernet_cache.h"

#include <system_error>

#include "core/supernet/checkpoint.h"
#include "core/supernet/supernet.h"

namespace airframe {
namespace {

namespace fs = std::filesystem;

/// Path, size and time of last change: a file that was replaced is read again.
std::string stamp(const fs::path& path) {
    std::error_code ignored;  // a path that does not exist is reported by whoever opens it
    std::string text = fs::absolute(path, ignored).lexically_normal().string();
    if (fs::is_regular_file(path, ignored)) text += '|' + std::to_string(fs::file_size(path, ignored));
    const auto time = fs::last_write_time(path, ignored);
    if (!ignored) text += '|' + std::to_string(time.time_since_epoch().count());
    return text;
}

std::string key(const std::string& what, const Compute& compute) {
    return what + '|' + compute.name() + '|' + compute.device.str();
}

}  // namespace

std::shared_ptr<const Supernet> SupernetCache::find(const std::string& key) {
    for (auto entry = m_entries.begin(); entry != m_entries.end(); ++entry) {
        if (entry->key != key) continue;
        m_entries.splice(m_entries.begin(), m_entries, entry);
        return m_entries.front().supernet;
    }
    return nullptr;
}

/// Before loading, so that never more than `capacity` models are in memory at once.
void SupernetCache::makeRoom() {
    while (!m_entries.empty() && m_entries.size() >= m_capacity) m_entries.pop_back();
}

void SupernetCache::keep(const std::string& key, const std::shared_ptr<const Supernet>& supernet) {
    m_entries.push_front({key, supernet});
}

std::shared_ptr<const Supernet> SupernetCache::fromModel(const fs::path& path, const Compute& compute,
                                                         RunControl& control) {
    const std::string id = key("model|" + stamp(path), compute);
    if (auto known = find(id)) return known;
    std::shared_ptr<const ModelFile> file = ModelFile::open(path);
    makeRoom();
    auto supernet = std::make_shared<const Supernet>(Model::load(file, compute, control), Supernet::Alternatives{});
    if (supernet->model().compute().native) supernet->native(&control);
    keep(id, supernet);
    return supernet;
}

std::shared_ptr<const Supernet> SupernetCache::fromStudy(const Study& study, const Compute& compute,
                                                         RunControl& control) {
    const auto checkpoint = study.latestCheckpoint();
    const std::string id = key("study|" + fs::absolute(study.path()).string() + '|' + study.uuid() + '|' +
                                   (checkpoint ? checkpoint->hash : std::string()) + '|' + stamp(study.model().path),
                               compute);
    if (auto known = find(id)) return known;
    // An older checkpoint of the same study will not be asked for again.
    const std::string prefix = "study|" + fs::absolute(study.path()).string() + '|';
    m_entries.remove_if([&](const Entry& entry) {
        return entry.key.starts_with(prefix) && entry.supernet->checkpointHash() != (checkpoint ? checkpoint->hash : "");
    });
    makeRoom();
    auto supernet = openSupernet(study, compute, control);
    if (supernet->model().compute().native) supernet->native(&control);
    keep(id, supernet);
    return supernet;
}

}  // namespace airframe
