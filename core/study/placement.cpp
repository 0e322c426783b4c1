// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/placement.h"

#include <algorithm>
#include <charconv>

#include "core/base/error.h"
#include "core/study/block_ids.h"

namespace airframe {
namespace {

constexpr int max_layers = 100'000;  // refuses "jet*999999999" before it fills the memory

[[noreturn]] void fail(const std::string& what, const std::string& hint) {
    throw Failure(ErrorCode::bad_input, "placement", what, hint);
}

std::string knownIds() {
    std::string out;
    for (const BlockId& block : block_ids) out += (out.empty() ? "" : ", ") + std::string(block.id);
    return out;
}

std::string_view trimmed(std::string_view text) {
    const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!text.empty() && space(text.front())) text.remove_prefix(1);
    while (!text.empty() && space(text.back())) text.remove_suffix(1);
    return text;
}

int parseCount(std::string_view text, std::size_t run) {
    int count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || count < 1 || count > max_layers)
        fail("run " + std::to_string(run) + " has the count \"" + std::string(text) + "\", a whole number from 1 to " +
                 std::to_string(max_layers) + " was wanted",
             "write it like jet*14,attn,jet*15");
    return count;
}

void checkBudget(int layers, int full) {
    if (layers < 1 || full < 0 || full > layers)
        fail(std::to_string(full) + " full-attention layers of " + std::to_string(layers) + " were asked for",
             "ask for 0 to " + std::to_string(std::max(layers, 0)));
}

}  // namespace

Placement Placement::parse(std::string_view text, int layers) {
    if (trimmed(text).empty()) fail("is empty", "write it like jet*14,attn,jet*15");
    std::vector<std::string> blocks;
    std::size_t run = 0;
    while (true) {
        ++run;
        const std::size_t comma = text.find(',');
        std::string_view part = trimmed(text.substr(0, comma));
        int count = 1;
        if (const std::size_t star = part.find('*'); star != std::string_view::npos) {
            count = parseCount(trimmed(part.substr(star + 1)), run);
            part = trimmed(part.substr(0, star));
        }
        if (part.empty()) fail("run " + std::to_string(run) + " names no block", "blocks: " + knownIds());
        if (!findBlockId(part))
            fail("run " + std::to_string(run) + " has the unknown block \"" + std::string(part) + "\"",
                 "blocks: " + knownIds());
        if (blocks.size() + static_cast<std::size_t>(count) > max_layers)
            fail("has more than " + std::to_string(max_layers) + " layers", "check the counts");
        blocks.insert(blocks.end(), static_cast<std::size_t>(count), std::string(part));
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    if (layers > 0 && blocks.size() != static_cast<std::size_t>(layers))
        fail("has " + std::to_string(blocks.size()) + " layers, the model has " + std::to_string(layers),
             "counts must add up to " + std::to_string(layers));
    return Placement(std::move(blocks));
}

Placement Placement::withFull(int layers, const std::vector<int>& full, const std::string& base) {
    if (!findBlockId(base)) fail("unknown block \"" + base + "\"", "blocks: " + knownIds());
    if (layers < 1) fail("a model has at least 1 layer, found " + std::to_string(layers), "");
    std::vector<std::string> blocks(static_cast<std::size_t>(layers), base);
    for (const int layer : full) {
        if (layer < 0 || layer >= layers)
            fail("layer " + std::to_string(layer) + " is outside 0 to " + std::to_string(layers - 1),
                 "count layers from 0");
        blocks[static_cast<std::size_t>(layer)] = "attn";
    }
    return Placement(std::move(blocks));
}

Placement Placement::uniform(int layers, int full, const std::string& base) {
    checkBudget(layers, full);
    std::vector<int> chosen;
    for (long long i = 0; i < full; ++i)
        chosen.push_back(static_cast<int>((2 * i + 1) * layers / (2LL * full)));  // floor((i + 0.5) L / K), exactly
    return withFull(layers, chosen, base);
}

Placement Placement::last(int layers, int full, const std::string& base) {
    checkBudget(layers, full);
    std::vector<int> chosen;
    for (int layer = layers - full; layer < layers; ++layer) chosen.push_back(layer);
    return withFull(layers, chosen, base);
}

std::string Placement::text() const {
    std::string out;
    for (std::size_t i = 0; i < m_blocks.size();) {
        std::size_t end = i + 1;
        while (end < m_blocks.size() && m_blocks[end] == m_blocks[i]) ++end;
        if (!out.empty()) out += ',';
        out += m_blocks[i];
        if (end - i > 1) out += '*' + std::to_string(end - i);
        i = end;
    }
    return out;
}

std::vector<int> Placement::fullLayers() const {
    std::vector<int> out;
    for (int layer = 0; layer < size(); ++layer)
        if ((*this)[layer] == "attn") out.push_back(layer);
    return out;
}

bool Placement::allFull() const {
    return std::all_of(m_blocks.begin(), m_blocks.end(), [](const std::string& block) { return block == "attn"; });
}

}  // namespace airframe
