// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/study/report.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace airframe {
namespace {

constexpr std::size_t columns = 6;
using Line = std::array<std::string, columns>;

std::string number(const char* format, double value) {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), format, value);
    return buffer.data();
}

/// Characters on the screen: bytes that do not continue a UTF-8 character.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

Line lineOf(const FrontPoint& point) {
    const auto& speed = point.decode_tps;
    return {point.on_front                 ? "*"
            : point.dominated_beyond_error ? ""
                                           : "~",
            point.placement + (point.name.empty() ? "" : " (" + point.name + ")"),
            number("%+.4f", point.score) + " [" + number("%+.4f", point.low) + ", " + number("%+.4f", point.high) + "]",
            number("%.1f", speed.median) + " [" + number("%.1f", speed.q1) + "-" + number("%.1f", speed.q3) + "]",
            number("%.1f", static_cast<double>(point.cache_bytes) / (1024.0 * 1024.0)),
            std::to_string(point.items)};
}

}  // namespace

std::string frontTable(std::vector<FrontPoint> points) {
    if (points.empty()) return "No placement has both a score and a measured speed yet.\n";
    std::stable_sort(points.begin(), points.end(), [](const FrontPoint& a, const FrontPoint& b) {
        return a.decode_tps.median > b.decode_tps.median;
    });
    std::vector<Line> lines = {{"", "placement", "gain, nats [95 %]", "decode tok/s [q1-q3]", "cache MiB", "items"}};
    for (const FrontPoint& point : points) lines.push_back(lineOf(point));
    std::array<std::size_t, columns> widest{};
    for (const Line& line : lines)
        for (std::size_t c = 0; c < columns; ++c) widest[c] = std::max(widest[c], width(line[c]));
    std::string out =
        "context " + std::to_string(points.front().context) + ", batch " + std::to_string(points.front().batch) + "\n";
    for (const Line& line : lines) {
        std::string row;
        for (std::size_t c = 0; c < columns; ++c) {
            const std::string pad(widest[c] - width(line[c]), ' ');
            if (c > 0) row += "  ";
            row += c < 2 ? line[c] + pad : pad + line[c];  // words to the left, numbers to the right
        }
        out += row + "\n";
    }
    const auto within =
        std::count_if(points.begin(), points.end(), [](const FrontPoint& p) { return !p.dominated_beyond_error; });
    const auto on = std::count_if(points.begin(), points.end(), [](const FrontPoint& p) { return p.on_front; });
    out += "* on the front (" + std::to_string(on) + " of " + std::to_string(points.size()) +
           "); ~ not dominated beyond error; together " + std::to_string(within) + " not dominated within error\n";
    return out;
}

}  // namespace airframe
