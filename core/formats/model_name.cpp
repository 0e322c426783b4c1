// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/model_name.h"

#include <algorithm>
#include <string_view>

namespace airframe {
namespace fs = std::filesystem;
namespace {

/// "NAME-00001-of-00003" -> "NAME", anything else as it is.
std::string withoutPart(std::string name) {
    constexpr std::string_view form = "-ddddd-of-ddddd";
    if (name.size() <= form.size()) return name;
    const std::string_view tail = std::string_view(name).substr(name.size() - form.size());
    const bool part = std::equal(form.begin(), form.end(), tail.begin(), [](char f, char c) { return f == 'd' ? c >= '0' && c <= '9' : f == c; });
    if (part) name.resize(name.size() - form.size());
    return name;
}

std::string folderName(const fs::path& folder) {
    const fs::path revisions = folder.parent_path();
    const std::string repository = revisions.parent_path().filename().string();
    if (revisions.filename() == "snapshots" && repository.starts_with("models--"))
        return repository.substr(repository.rfind("--") + 2);
    return folder.filename().string();
}

}  // namespace

std::string modelName(const fs::path& path) {
    std::error_code error;
    fs::path whole = fs::absolute(path, error).lexically_normal();
    if (error) whole = path.lexically_normal();
    if (!whole.has_filename()) whole = whole.parent_path();  // a slash at the end
    const bool safetensors = whole.extension() == ".safetensors";
    if (!safetensors && whole.extension() != ".gguf") return folderName(whole);
    const std::string name = withoutPart(whole.stem().string());
    return safetensors && name == "model" ? folderName(whole.parent_path()) : name;
}

}  // namespace airframe
