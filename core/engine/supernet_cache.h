// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <string>

#include "core/base/run_control.h"

namespace airframe {

class Model;
class ModelFile;
class Study;
class Supernet;
class Tokenizer;
struct Compute;

/// The models that were used last, so that the next job on the same study starts at once. Holds at most `capacity`
/// loaded models; one thread at a time.
class SupernetCache {
  public:
    explicit SupernetCache(std::size_t capacity = 2) : m_capacity(capacity) {}

    /// A model file alone: only what the file itself has can be placed. Throws as ModelFile::open and Model::load do.
    [[nodiscard]] std::shared_ptr<const Supernet> fromModel(const std::filesystem::path& path, const Compute& compute,
                                                            RunControl& control);
    /// The study's model with its latest checkpoint, as openSupernet() reads them.
    [[nodiscard]] std::shared_ptr<const Supernet> fromStudy(const Study& study, const Compute& compute,
                                                            RunControl& control);
    /// Gives all memory back.
    void clear() { m_entries.clear(); }

  private:
    struct Entry {
        std::string key;
        std::shared_ptr<const Supernet> supernet;
    };
    [[nodiscard]] std::shared_ptr<const Supernet> find(const std::string& key);
    void keep(const std::string& key, const std::shared_ptr<const Supernet>& supernet);
    void makeRoom();
    std::size_t m_capacity;
    std::list<Entry> m_entries;  ///< last used first
};

}  // namespace airframe
