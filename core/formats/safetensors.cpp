// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "core/base/error.h"
#include "core/formats/json_file.h"

namespace airframe {
namespace {

static_assert(std::endian::native == std::endian::little, "model files are little-endian and are mapped as they are");

constexpr std::uint64_t largest_header = 100'000'000;  // as in the reference implementation

struct Reader {
    const std::string file;
    std::uint64_t data_size;

    [[noreturn]] void fail(const std::string& tensor, const std::string& what) const {
        throw Failure(ErrorCode::bad_input, file + (tensor.empty() ? "" : ": tensor " + tensor), what,
                      "the file is damaged or was not written as safetensors");
    }

    std::uint64_t natural(const nlohmann::json& value, const std::string& tensor, const char* field) const {
        // An integer beyond 64 bits arrives as a double, which is refused here as well.
        if (!value.is_number_unsigned()) {
            fail(tensor, std::string(field) + " must hold whole numbers from 0, found " + value.dump());
        }
        return value.get<std::uint64_t>();
    }

    /// Shape, type and byte range [begin, end) of one header entry, checked against each other.
    std::pair<std::uint64_t, std::uint64_t> entry(const std::string& name, const nlohmann::json& json,
                                                  SafetensorsTensor& out) const {
        if (name.empty()) fail(name, "a tensor has an empty name");
        if (!json.is_object()) fail(name, std::string("an object was expected, found ") + json.type_name());
        if (!json.contains("dtype") || !json["dtype"].is_string()) fail(name, "dtype is missing or not a string");
        if (!json.contains("shape") || !json["shape"].is_array()) fail(name, "shape is missing or not an array");
        const auto offsets = json.find("data_offsets");
        if (offsets == json.end() || !offsets->is_array() || offsets->size() != 2) {
            fail(name, "data_offsets is missing or not two numbers");
        }
        out.name = name;
        out.dtype = json["dtype"];
        const std::size_t size = SafetensorsFile::elementSize(out.dtype);
        if (size == 0) fail(name, "unknown dtype \"" + out.dtype + "\"");
        std::uint64_t bytes = size;
        for (const auto& value : json["shape"]) {
            const std::uint64_t dim = natural(value, name, "shape");
            if (dim > std::uint64_t{INT64_MAX} || __builtin_mul_overflow(bytes, dim, &bytes)) {
                fail(name, "shape " + json["shape"].dump() + " overflows 64 bits");
            }
            out.shape.push_back(static_cast<std::int64_t>(dim));
        }
        const std::uint64_t begin = natural((*offsets)[0], name, "data_offsets");
        const std::uint64_t end = natural((*offsets)[1], name, "data_offsets");
        if (begin > end || end > data_size) {
            fail(name, "data_offsets " + offsets->dump() + " do not lie in the " + std::to_string(data_size) +
                           " bytes of data");
        }
        if (end - begin != bytes) {
            fail(name, out.dtype + " " + shapeText(out.shape) + " needs " + std::to_string(bytes) +
                           " bytes, data_offsets give " + std::to_string(end - begin));
        }
        return {begin, end};
    }
};

}  // namespace

std::string shapeText(const std::vector<std::int64_t>& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

std::size_t SafetensorsFile::elementSize(std::string_view dtype) {
    static constexpr std::array<std::pair<std::string_view, std::size_t>, 14> types{{{"BOOL", 1},
                                                                                    {"U8", 1},
                                                                                    {"I8", 1},
                                                                                    {"F8_E4M3", 1},
                                                                                    {"F8_E5M2", 1},
                                                                                    {"U16", 2},
                                                                                    {"I16", 2},
                                                                                    {"F16", 2},
                                                                                    {"BF16", 2},
                                                                                    {"U32", 4},
                                                                                    {"I32", 4},
                                                                                    {"F32", 4},
                                                                                    {"I64", 8},
                                                                                    {"F64", 8}}};
    if (dtype == "U64") return 8;
    for (const auto& [name, size] : types) {
        if (name == dtype) return size;
    }
    return 0;
}

std::int64_t SafetensorsTensor::elements() const {
    std::int64_t count = 1;
    for (const std::int64_t dim : shape) count *= dim;
    return count;
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : m_file(path) {
    const std::span<const std::byte> all = m_file.bytes();
    Reader reader{path.string(), 0};
    std::uint64_t header_size = 0;
    if (all.size() < sizeof header_size + 2) reader.fail("", "holds " + std::to_string(all.size()) + " bytes, too few");
    std::memcpy(&header_size, all.data(), sizeof header_size);
    if (header_size < 2 || header_size > largest_header || header_size > all.size() - sizeof header_size) {
        reader.fail("", "the header length " + std::to_string(header_size) + " does not fit a file of " +
                            std::to_string(all.size()) + " bytes");
    }
    const std::string_view header(reinterpret_cast<const char*>(all.data()) + sizeof header_size, header_size);
    if (header.front() != '{') reader.fail("", "the header does not begin with {");
    const nlohmann::json json = parseJsonObject(header, path.string());
    const std::span<const std::byte> data = all.subspan(sizeof header_size + header_size);
    reader.data_size = data.size();

    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    for (const auto& [name, value] : json.items()) {
        if (name == "__metadata__") {
            if (!value.is_object()) reader.fail("", "__metadata__ is not an object");
            for (const auto& [key, text] : value.items()) {
                if (!text.is_string()) reader.fail("", "__metadata__ holds something else than strings at " + key);
                m_metadata[key] = text;
            }
            continue;
        }
        SafetensorsTensor tensor;
        const auto [begin, end] = reader.entry(name, value, tensor);
        tensor.bytes = data.subspan(begin, end - begin);
        m_tensors.push_back(std::move(tensor));
    }
    std::sort(m_tensors.begin(), m_tensors.end(), [](const auto& a, const auto& b) {
        return std::pair(a.bytes.data(), a.bytes.size()) < std::pair(b.bytes.data(), b.bytes.size());
    });
    const std::byte* next = data.data();
    for (std::size_t i = 0; i < m_tensors.size(); ++i) {
        const SafetensorsTensor& tensor = m_tensors[i];
        if (tensor.bytes.data() < next) reader.fail(tensor.name, "overlaps another tensor");
        if (tensor.bytes.data() > next) reader.fail(tensor.name, "there is a hole in the data before this tensor");
        next = tensor.bytes.data() + tensor.bytes.size();
        m_index[tensor.name] = i;
    }
    if (next != data.data() + data.size()) {
        reader.fail("", std::to_string(data.data() + data.size() - next) + " bytes at the end belong to no tensor");
    }
}

const SafetensorsTensor* SafetensorsFile::find(std::string_view name) const {
    const auto it = m_index.find(name);
    return it == m_index.end() ? nullptr : &m_tensors[it->second];
}

const SafetensorsTensor& SafetensorsFile::get(std::string_view name, std::string_view dtype,
                                              const std::vector<std::int64_t>& shape) const {
    const std::string where = path().string() + ": tensor " + std::string(name);
    const SafetensorsTensor* tensor = find(name);
    if (!tensor) throw Failure(ErrorCode::bad_input, where, "is missing");
    if (tensor->dtype != dtype || tensor->shape != shape) {
        throw Failure(ErrorCode::bad_input, where,
                      "wanted " + std::string(dtype) + " " + shapeText(shape) + ", found " + tensor->dtype + " " +
                          shapeText(tensor->shape));
    }
    return *tensor;
}

}  // namespace airframe
