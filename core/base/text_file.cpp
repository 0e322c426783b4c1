// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text_file.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <sstream>

#include "core/base/error.h"
#include "core/base/utf8.h"

namespace airframe {
namespace fs = std::filesystem;
namespace {

std::string readBytes(const fs::path& path) {
    std::error_code code;
    if (!fs::exists(path, code)) throw Failure(ErrorCode::bad_input, path.string(), "no such file", "check the name");
    if (fs::is_directory(path, code))
        throw Failure(ErrorCode::bad_input, path.string(), "is a folder, a text file was wanted", "name a file");
    std::ifstream in(path, std::ios::binary);
    if (!in) throw Failure(ErrorCode::bad_input, path.string(), "cannot be opened", "check its permissions");
    std::ostringstream out;
    if (in.peek() != std::ifstream::traits_type::eof()) out << in.rdbuf();
    if (in.bad()) throw Failure(ErrorCode::bad_input, path.string(), "reading it failed", "check the disk");
    return std::move(out).str();
}

std::string unpackZstd(const std::string& packed, const fs::path& path) {
    const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
    std::string out;
    std::vector<char> buffer(ZSTD_DStreamOutSize());
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    std::size_t left = 1;
    while (in.pos < in.size) {
        ZSTD_outBuffer chunk{buffer.data(), buffer.size(), 0};
        left = ZSTD_decompressStream(stream.get(), &chunk, &in);
        if (ZSTD_isError(left))
            throw Failure(ErrorCode::bad_input, path.string(),
                          std::string("is not a sound zstd archive: ") + ZSTD_getErrorName(left), "fetch or pack it again");
        out.append(buffer.data(), chunk.pos);
    }
    if (left != 0) throw Failure(ErrorCode::bad_input, path.string(), "the zstd archive ends too early", "fetch or pack it again");
    return out;
}

bool isTextName(const fs::path& path) {
    static constexpr std::array<std::string_view, 4> endings = {".txt", ".md", ".rst", ".txt.zst"};
    const std::string name = path.filename().string();
    return !name.starts_with('.') && std::any_of(endings.begin(), endings.end(), [&](auto e) { return name.ends_with(e); });
}

}  // namespace

std::string readTextFile(const fs::path& path) {
    std::string text = readBytes(path);
    if (path.extension() == ".zst") text = unpackZstd(text, path);
    if (text.empty())
        throw Failure(ErrorCode::bad_input, path.string(), "the file is empty", "choose a text file with content");
    if (const auto bad = firstInvalidUtf8(text); bad != std::string::npos)
        throw Failure(ErrorCode::bad_input, path.string(), "byte " + std::to_string(bad) + " is not UTF-8",
                      "convert the file to UTF-8 first");
    return text;
}

std::vector<fs::path> findTextFiles(const std::vector<fs::path>& paths) {
    std::vector<fs::path> out;
    for (const auto& path : paths) {
        std::error_code code;
        if (!fs::exists(path, code)) throw Failure(ErrorCode::bad_input, path.string(), "no such file or folder", "check the name");
        if (!fs::is_directory(path)) {
            out.push_back(path);
            continue;
        }
        std::vector<fs::path> found;
        for (auto it = fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied);
             it != fs::recursive_directory_iterator(); ++it) {
            if (it->is_directory() && it->path().filename().string().starts_with('.')) it.disable_recursion_pending();
            else if (it->is_regular_file() && isTextName(it->path())) found.push_back(it->path());
        }
        if (found.empty())
            throw Failure(ErrorCode::bad_input, path.string(), "no .txt, .md, .rst or .txt.zst file in this folder",
                          "choose a folder with text files");
        std::sort(found.begin(), found.end());
        out.insert(out.end(), found.begin(), found.end());
    }
    return out;
}

}  // namespace airframe
