// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/formats/gguf.h"

namespace airframe {

/// A GGUF model as one file or split into several: NAME-00001-of-00003.gguf and so on, with the keys split.no, split.count and
/// split.tensors.count (llama.cpp's gguf-split). Opening any part finds the others beside it (fileOfModel() says where links
/// may lead). Owns all files. Any thread.
class GgufParts {
  public:
    /// Throws Failure(bad_input) naming the part that is missing, misplaced or of another model.
    explicit GgufParts(const std::filesystem::path& path);

    [[nodiscard]] const GgufFile& first() const { return *m_files.front(); }  ///< holds the metadata
    [[nodiscard]] const std::vector<std::unique_ptr<const GgufFile>>& files() const { return m_files; }
    [[nodiscard]] const std::vector<const GgufTensor*>& tensors() const { return m_tensors; }  ///< of all parts, in order

  private:
    void openAll(std::unique_ptr<const GgufFile> given, int count);

    std::vector<std::unique_ptr<const GgufFile>> m_files;
    std::vector<const GgufTensor*> m_tensors;
};

}  // namespace airframe
