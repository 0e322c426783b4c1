// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/safetensors_writer.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/formats/output_file.h"
#include "core/formats/safetensors.h"
#include "core/formats/tensor_stream.h"

namespace airframe {
namespace {

[[noreturn]] void fail(const SafetensorsSource& tensor, const std::string& what) {
    throw Failure(ErrorCode::internal, "tensor " + tensor.name, what);
}

/// Header JSON with its length in front, padded with spaces so that the data begin at a multiple of 64 bytes.
std::string header(const std::vector<SafetensorsSource>& tensors, const std::map<std::string, std::string>& metadata) {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    if (!metadata.empty()) json["__metadata__"] = metadata;
    std::uint64_t total = 0;
    std::vector<std::string> names;
    for (const SafetensorsSource& tensor : tensors) {
        const std::uint64_t end = total + byteSize(tensor);
        names.push_back(tensor.name);
        json.push_back({tensor.name, {{"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {total, end}}}});
        total = end;
    }
    std::sort(names.begin(), names.end());
    if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end()) {
        throw Failure(ErrorCode::internal, "tensor " + *twice, "is to be written twice into one file");
    }
    std::string text = json.dump();
    text.append((64 - (sizeof(std::uint64_t) + text.size()) % 64) % 64, ' ');
    const std::uint64_t size = text.size();
    std::string result(sizeof size, '\0');
    std::memcpy(result.data(), &size, sizeof size);
    return result + text;
}

void writeAll(OutputFile& out, const std::vector<SafetensorsSource>& tensors,
              const std::map<std::string, std::string>& metadata, RunControl* control) {
    out.write(header(tensors, metadata));
    std::vector<TensorStream> streams;
    for (const SafetensorsSource& tensor : tensors)
        streams.push_back({tensor.name, tensor.dtype + " " + shapeText(tensor.shape), byteSize(tensor), tensor.bytes});
    writeTensors(out, streams, 1, control);
    out.sync();
}

}  // namespace

std::uint64_t byteSize(const SafetensorsSource& tensor) {
    std::uint64_t bytes = SafetensorsFile::elementSize(tensor.dtype);
    if (bytes == 0) fail(tensor, "unknown safetensors type \"" + tensor.dtype + "\"");
    for (const std::int64_t dim : tensor.shape) {
        if (dim < 0 || __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(dim), &bytes)) {
            fail(tensor, "cannot have the shape " + shapeText(tensor.shape));
        }
    }
    return bytes;
}

SafetensorsWritten writeSafetensors(const std::filesystem::path& file, const std::vector<SafetensorsSource>& tensors,
                                    const std::map<std::string, std::string>& metadata, RunControl* control) {
    OutputFile out(file.parent_path());
    writeAll(out, tensors, metadata, control);
    SafetensorsWritten written{file, sha256File(out.temporary()), out.size()};
    out.commit(file);
    return written;
}

SafetensorsWritten writeSafetensorsByHash(const std::filesystem::path& folder,
                                          const std::vector<SafetensorsSource>& tensors,
                                          const std::map<std::string, std::string>& metadata, RunControl* control) {
    OutputFile out(folder);
    writeAll(out, tensors, metadata, control);
    SafetensorsWritten written{{}, sha256File(out.temporary()), out.size()};
    written.path = folder / (written.sha256 + ".safetensors");
    out.commit(written.path);
    return written;
}

}  // namespace airframe
