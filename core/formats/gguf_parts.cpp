// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_parts.h"

#include <cstdio>
#include <set>

#include "core/base/error.h"
#include "core/formats/gguf_fields.h"
#include "core/formats/model_folder.h"

namespace airframe {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& file, const std::string& what, const std::string& hint = "copy or download all parts again") {
    throw Failure(ErrorCode::bad_input, file.string(), what, hint);
}

/// "-00002-of-00003.gguf"
std::string ending(int number, int count) {
    char text[48];
    std::snprintf(text, sizeof text, "-%05d-of-%05d.gguf", number, count);
    return text;
}

int naturalKey(const GgufFile& file, const char* key) { return naturalOf(file.get(key)); }

}  // namespace

GgufParts::GgufParts(const fs::path& path) {
    auto given = std::make_unique<const GgufFile>(path);
    const GgufValue* count_key = given->find("split.count");
    const int count = count_key ? naturalOf(*count_key) : 1;
    if (count <= 1) {
        m_files.push_back(std::move(given));
    } else {
        openAll(std::move(given), count);
    }
    std::set<std::string_view> names;
    for (const auto& file : m_files) {
        for (const GgufTensor& tensor : file->tensors()) {
            if (!names.insert(tensor.name).second) fail(file->path(), "tensor " + tensor.name + " is in another part too");
            m_tensors.push_back(&tensor);
        }
    }
    if (count <= 1) return;
    if (const int wanted = naturalKey(first(), "split.tensors.count"); m_tensors.size() != static_cast<std::size_t>(wanted)) {
        fail(first().path(), "split.tensors.count says " + std::to_string(wanted) + " tensors, the parts hold " +
                                 std::to_string(m_tensors.size()));
    }
}

void GgufParts::openAll(std::unique_ptr<const GgufFile> given, int count) {
    const fs::path path = given->path();
    const int number = naturalKey(*given, "split.no"), tensors = naturalKey(*given, "split.tensors.count");
    if (number >= count) {
        fail(path, "split.no " + std::to_string(number) + " is beyond the " + std::to_string(count) + " parts of split.count");
    }
    const std::string name = path.filename().string(), end = ending(number + 1, count);
    if (!name.ends_with(end)) {
        fail(path, "is part " + std::to_string(number + 1) + " of " + std::to_string(count) + ", so its name must end in " + end,
             "give the file its old name back");
    }
    const std::string stem = name.substr(0, name.size() - end.size());
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    for (int i = 0; i < count; ++i) {
        if (i == number) {
            m_files.push_back(std::move(given));
            continue;
        }
        const fs::path part = fileOfModel(folder, stem + ending(i + 1, count));
        if (std::error_code error; !fs::exists(part, error)) fail(part, "the part is missing", "put all parts of the model into one folder");
        m_files.push_back(std::make_unique<const GgufFile>(part));
        const GgufFile& file = *m_files.back();
        if (naturalKey(file, "split.no") != i || naturalKey(file, "split.count") != count ||
            naturalKey(file, "split.tensors.count") != tensors) {
            fail(part, "its keys split.no, split.count and split.tensors.count are not those of part " + std::to_string(i + 1) +
                           " of this model");
        }
    }
}

}  // namespace airframe
