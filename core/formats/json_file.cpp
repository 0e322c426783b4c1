// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/json_file.h"

#include "core/formats/mapped_file.h"

namespace airframe {

nlohmann::json readJsonFile(const std::filesystem::path& path) {
    const MappedFile file(path);
    return parseJsonObject({reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()}, path.string());
}

}  // namespace airframe
