// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/engine/numbers.h"

#include <cmath>
#include <cstdio>

namespace airframe {

std::string fixed(double value, int decimals) {
    if (!std::isfinite(value)) return "-";
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
    return buffer;
}

std::string grouped(double value) {
    std::string text = fixed(value, 0);
    const std::size_t first = text.starts_with('-') ? 1 : 0;
    for (std::size_t at = text.size(); at > first + 3;) text.insert(at -= 3, 1, ',');
    return text;
}

std::string byteText(double bytes) {
    const char* units[] = {"B", "kB", "MB", "GB", "TB"};
    int unit = 0;
    while (bytes >= 1000 && unit < 4) bytes /= 1000, ++unit;
    return fixed(bytes, unit == 0 ? 0 : 1) + ' ' + units[unit];
}

}  // namespace airframe
