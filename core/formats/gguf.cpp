// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/formats/gguf.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "core/base/error.h"
#include "core/base/utf8.h"

namespace airframe {
namespace {

constexpr std::size_t smallest_pair = 8 + 1 + 4 + 1;             // key length, key, type, value
constexpr std::size_t smallest_tensor = 8 + 1 + 4 + 8 + 4 + 8;   // name length, name, n_dims, one dim, type, offset
constexpr std::uint32_t most_dims = 4;

/// Takes things off the front of a file; refuses to take more than there is.
class Cursor {
  public:
    Cursor(std::span<const std::byte> all, std::string file) : m_all(all), m_file(std::move(file)) {}

    [[noreturn]] void fail(const std::string& thing, const std::string& what) const {
        throw Failure(ErrorCode::bad_input, m_file + (thing.empty() ? "" : ": " + thing), what,
                      "the file is damaged or incomplete: copy or download it again");
    }
    [[nodiscard]] std::size_t at() const { return m_at; }
    [[nodiscard]] std::size_t left() const { return m_all.size() - m_at; }
    [[nodiscard]] const std::string& file() const { return m_file; }

    std::span<const std::byte> take(std::uint64_t size, const std::string& thing) {
        if (size > left()) {
            fail(thing, "needs " + std::to_string(size) + " bytes at " + std::to_string(m_at) + ", the file has " +
                            std::to_string(left()) + " left");
        }
        const auto part = m_all.subspan(m_at, size);
        m_at += size;
        return part;
    }
    template <class T>
    T number(const std::string& thing) {
        T value;
        std::memcpy(&value, take(sizeof value, thing).data(), sizeof value);
        return value;
    }
    std::string_view string(const std::string& thing) {
        const auto size = number<std::uint64_t>(thing);
        const auto bytes = take(size, thing);
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }

  private:
    std::span<const std::byte> m_all;
    std::string m_file;
    std::size_t m_at = 0;
};

std::string name(Cursor& in, const std::string& thing) {
    const std::string_view text = in.string(thing);
    if (text.empty()) in.fail(thing, "the name is empty");
    if (firstInvalidUtf8(text) != std::string_view::npos) in.fail(thing, "the name is not valid UTF-8");
    if (text.find('\0') != std::string_view::npos) in.fail(thing, "the name holds a NUL byte");
    return std::string(text);
}

GgufType type(Cursor& in, const std::string& thing) {
    const auto value = in.number<std::uint32_t>(thing);
    if (value > static_cast<std::uint32_t>(GgufType::f64)) in.fail(thing, "unknown value type " + std::to_string(value));
    return static_cast<GgufType>(value);
}

void checkBools(const Cursor& in, std::span<const std::byte> raw, const std::string& thing) {
    for (const std::byte b : raw) {
        if (b > std::byte{1}) in.fail(thing, "a bool has the value " + std::to_string(static_cast<int>(b)));
    }
}

GgufValue readValue(Cursor& in, const std::string& key) {
    const std::string thing = "key " + key;
    GgufValue value;
    value.where = in.file() + ": " + key;
    value.type = type(in, thing);
    std::uint64_t count = 1;
    value.element = value.type;
    if (value.isArray()) {
        value.element = type(in, thing);
        if (value.element == GgufType::array) in.fail(thing, "arrays of arrays are not read");
        count = in.number<std::uint64_t>(thing);
    }
    if (value.element == GgufType::string) {
        // Each string takes at least its length field, which bounds what is reserved.
        if (count > in.left() / sizeof(std::uint64_t)) {
            in.fail(thing, std::to_string(count) + " strings do not fit into the rest of the file");
        }
        value.strings.reserve(count);
        for (std::uint64_t i = 0; i < count; ++i) value.strings.push_back(in.string(thing));
        return value;
    }
    const std::size_t size = sizeOf(value.element);
    if (count > in.left() / size) {
        in.fail(thing, std::to_string(count) + " values of " + std::to_string(size) + " bytes do not fit into the rest of the file");
    }
    value.raw = in.take(count * size, thing);
    if (value.element == GgufType::boolean) checkBools(in, value.raw, thing);
    return value;
}

struct Entry {
    GgufTensor tensor;
    std::uint64_t offset = 0, size = 0;
};

Entry readTensor(Cursor& in, std::uint64_t index) {
    Entry entry;
    entry.tensor.name = name(in, "name of tensor " + std::to_string(index));
    const std::string thing = "tensor " + entry.tensor.name;
    const auto dims = in.number<std::uint32_t>(thing);
    if (dims < 1 || dims > most_dims) in.fail(thing, "has " + std::to_string(dims) + " dimensions, 1 to 4 are possible");
    std::uint64_t elements = 1;
    for (std::uint32_t i = 0; i < dims; ++i) {
        const auto dim = in.number<std::uint64_t>(thing);
        if (dim == 0) in.fail(thing, "dimension " + std::to_string(i) + " is 0");
        if (dim > std::uint64_t{INT64_MAX} || __builtin_mul_overflow(elements, dim, &elements) ||
            elements > std::uint64_t{INT64_MAX} / 8) {
            in.fail(thing, "the product of its dimensions overflows 64 bits");
        }
        entry.tensor.shape.insert(entry.tensor.shape.begin(), static_cast<std::int64_t>(dim));
    }
    const auto number = in.number<std::uint32_t>(thing);
    entry.tensor.type = storedTypeOfGgml(number);
    if (!entry.tensor.type) {
        std::string known;
        for (const StoredType& t : storedTypes()) known += (known.empty() ? "" : " ") + std::string(t.name);
        throw Failure(ErrorCode::bad_input, in.file() + ": " + thing, "tensor type " + std::to_string(number) + " is not read",
                      "use a file with the types " + known);
    }
    const StoredType& stored = *entry.tensor.type;
    if (entry.tensor.shape.back() % stored.block != 0) {
        in.fail(thing, "a row of " + std::to_string(entry.tensor.shape.back()) + " values is not a whole number of " +
                           std::string(stored.name) + " blocks of " + std::to_string(stored.block));
    }
    if (__builtin_mul_overflow(elements / stored.block, std::uint64_t{stored.block_bytes}, &entry.size)) {
        in.fail(thing, "its bytes overflow 64 bits");
    }
    entry.offset = in.number<std::uint64_t>(thing);
    return entry;
}

void checkOverlaps(const Cursor& in, std::vector<Entry> entries) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.offset < b.offset; });
    for (std::size_t i = 1; i < entries.size(); ++i) {
        if (entries[i - 1].offset + entries[i - 1].size > entries[i].offset) {
            in.fail("tensor " + entries[i].tensor.name, "overlaps tensor " + entries[i - 1].tensor.name);
        }
    }
}

}  // namespace

GgufFile::GgufFile(const std::filesystem::path& path) : m_file(path) {
    Cursor in(m_file.bytes(), path.string());
    if (const auto magic = in.take(4, "magic"); std::memcmp(magic.data(), "GGUF", 4) != 0) {
        throw Failure(ErrorCode::bad_input, path.string(), "is not a GGUF file: its first four bytes are not GGUF",
                      "give a .gguf or .safetensors file or a folder with config.json");
    }
    const auto version = in.number<std::uint32_t>("version");
    if (version != 2 && version != 3) {
        throw Failure(ErrorCode::bad_input, path.string() + ": version",
                      "2 or 3 was wanted, found " + std::to_string(version), "convert the model again");
    }
    const auto tensors = in.number<std::uint64_t>("tensor count");
    const auto pairs = in.number<std::uint64_t>("metadata count");
    if (pairs > in.left() / smallest_pair) in.fail("metadata count", std::to_string(pairs) + " does not fit into the file");
    if (tensors > in.left() / smallest_tensor) in.fail("tensor count", std::to_string(tensors) + " does not fit into the file");

    for (std::uint64_t i = 0; i < pairs; ++i) {
        const std::string key = name(in, "name of key " + std::to_string(i));
        if (!m_metadata.emplace(key, readValue(in, key)).second) in.fail("key " + key, "occurs twice");
    }
    // The first part of a split file may hold nothing but metadata.
    if (const GgufValue* parts = find("split.count"); tensors == 0 && !(parts && parts->integer() > 1)) in.fail("tensor count", "is 0");
    std::uint64_t alignment = 32;
    if (const GgufValue* value = find("general.alignment")) {
        const std::int64_t given = value->integer();
        if (given <= 0 || given % 8 != 0 || given > (1 << 30)) {
            in.fail("key general.alignment", "a positive multiple of 8 was wanted, found " + std::to_string(given));
        }
        alignment = static_cast<std::uint64_t>(given);
    }
    std::vector<Entry> entries;
    std::set<std::string_view> names;
    entries.reserve(tensors);
    for (std::uint64_t i = 0; i < tensors; ++i) {
        entries.push_back(readTensor(in, i));
        if (!names.insert(entries.back().tensor.name).second) in.fail("tensor " + entries.back().tensor.name, "occurs twice");
    }
    const std::uint64_t begin = (in.at() + alignment - 1) / alignment * alignment;
    const std::uint64_t room = begin > m_file.bytes().size() ? 0 : m_file.bytes().size() - begin;
    for (Entry& entry : entries) {
        const std::string thing = "tensor " + entry.tensor.name;
        if (entry.offset % alignment != 0) {
            in.fail(thing, "offset " + std::to_string(entry.offset) + " is not a multiple of the alignment " +
                               std::to_string(alignment));
        }
        if (entry.offset > room || entry.size > room - entry.offset) {
            in.fail(thing, "its " + std::to_string(entry.size) + " bytes at offset " + std::to_string(entry.offset) +
                               " end beyond the " + std::to_string(room) + " bytes of data");
        }
        entry.tensor.bytes = m_file.bytes().subspan(begin + entry.offset, entry.size);
    }
    checkOverlaps(in, entries);
    m_tensors.reserve(entries.size());
    names.clear();
    for (Entry& entry : entries) m_tensors.push_back(std::move(entry.tensor));
}

const GgufValue* GgufFile::find(std::string_view key) const {
    const auto it = m_metadata.find(key);
    return it == m_metadata.end() ? nullptr : &it->second;
}

const GgufValue& GgufFile::get(std::string_view key) const {
    if (const GgufValue* value = find(key)) return *value;
    throw Failure(ErrorCode::bad_input, path().string() + ": " + std::string(key), "the key is missing",
                  "convert the model again");
}

}  // namespace airframe
