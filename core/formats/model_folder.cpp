// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/model_folder.h"

#include <algorithm>
#include <string_view>

#include "core/base/error.h"

namespace airframe {
namespace fs = std::filesystem;
namespace {

bool lies(const fs::path& file, const fs::path& folder) {
    return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

}  // namespace

fs::path fileOfModel(const fs::path& folder, const std::string& name) {
    if (name.empty() || name == "." || name == ".." || name.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos)
        throw Failure(ErrorCode::bad_input, folder.string(), "\"" + name + "\" was named, a plain file name was wanted");
    const fs::path path = folder / name;
    std::error_code error;
    if (fs::symlink_status(path, error).type() != fs::file_type::symlink) return path;
    const fs::path root = fs::weakly_canonical(folder, error);
    if (error) throw Failure(ErrorCode::bad_input, folder.string(), error.message());
    const fs::path file = fs::weakly_canonical(path, error);
    const bool cache = root.parent_path().filename() == "snapshots";
    if (error || !(lies(file, root) || (cache && lies(file, root.parent_path().parent_path() / "blobs"))))
        throw Failure(ErrorCode::bad_input, path.string(), "is a link that leads outside the model's folder",
                      "put the file itself into the folder");
    return path;
}

}  // namespace airframe
