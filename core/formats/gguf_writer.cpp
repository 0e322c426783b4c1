// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf_writer.h"

#include <set>

#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/formats/output_file.h"
#include "core/formats/safetensors.h"
#include "core/formats/tensor_stream.h"

namespace airframe {
namespace {

constexpr std::uint64_t alignment = 32;  // the format's default
constexpr std::size_t longest_name = 63;  // of llama.cpp, which keeps names in 64 bytes

[[noreturn]] void fail(const GgufTensorBytes& tensor, const std::string& what) {
    throw Failure(ErrorCode::internal, "tensor " + tensor.name, what);
}

std::uint64_t byteSize(const GgufTensorBytes& tensor) {
    if (!tensor.type) fail(tensor, "has no type");
    if (tensor.shape.empty() || tensor.shape.size() > 4) fail(tensor, "cannot have the shape " + shapeText(tensor.shape));
    std::uint64_t elements = 1;
    for (const std::int64_t dim : tensor.shape) {
        if (dim < 1 || __builtin_mul_overflow(elements, static_cast<std::uint64_t>(dim), &elements)) {
            fail(tensor, "cannot have the shape " + shapeText(tensor.shape));
        }
    }
    std::uint64_t bytes = 0;
    if (static_cast<std::uint64_t>(tensor.shape.back()) % tensor.type->block != 0 ||
        __builtin_mul_overflow(elements / tensor.type->block, std::uint64_t{tensor.type->block_bytes}, &bytes)) {
        fail(tensor, "rows of " + std::to_string(tensor.shape.back()) + " values cannot be stored as " + std::string(tensor.type->name));
    }
    return bytes;
}

template <class T>
void put(std::string& out, T value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Everything before the data, padded to their beginning.
std::string header(const GgufKeys& keys, const std::vector<GgufTensorBytes>& tensors) {
    std::string out = "GGUF";
    put<std::uint32_t>(out, 3);
    put<std::uint64_t>(out, tensors.size());
    put<std::uint64_t>(out, keys.count());
    out += keys.bytes();
    std::set<std::string_view> names;
    std::uint64_t offset = 0;
    for (const GgufTensorBytes& tensor : tensors) {
        const std::uint64_t size = byteSize(tensor);
        if (!names.insert(tensor.name).second) fail(tensor, "is to be written twice into one file");
        if (tensor.name.empty() || tensor.name.size() > longest_name) fail(tensor, "cannot have this name: it is empty or too long");
        put<std::uint64_t>(out, tensor.name.size());
        out += tensor.name;
        put(out, static_cast<std::uint32_t>(tensor.shape.size()));
        for (auto dim = tensor.shape.rbegin(); dim != tensor.shape.rend(); ++dim) put(out, static_cast<std::uint64_t>(*dim));
        put(out, tensor.type->ggml);
        put(out, offset);
        offset += padded(size, alignment);
    }
    out.resize(padded(out.size(), alignment), '\0');
    return out;
}

}  // namespace

GgufFileWritten writeGguf(const std::filesystem::path& file, const GgufKeys& keys, const std::vector<GgufTensorBytes>& tensors,
                          RunControl* control) {
    const std::string head = header(keys, tensors);
    std::vector<TensorStream> streams;
    for (const GgufTensorBytes& tensor : tensors)
        streams.push_back({tensor.name, std::string(tensor.type->name) + " " + shapeText(tensor.shape), byteSize(tensor), tensor.bytes});
    OutputFile out(file.parent_path());
    out.write(head);
    writeTensors(out, streams, alignment, control);
    out.sync();
    GgufFileWritten written{file, sha256File(out.temporary()), out.size()};
    out.commit(file);
    return written;
}

}  // namespace airframe
