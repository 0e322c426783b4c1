// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/first_difference.h"

#include <algorithm>

namespace airframe::ui {

int nextDifference(const QList<GeneratedToken>& a, const QList<GeneratedToken>& b, int from) {
    const int both = static_cast<int>(std::min(a.size(), b.size()));
    for (int i = std::max(from, 0); i < both; ++i)
        if (a[i].id != b[i].id) return i;
    return -1;
}

int textOffset(const QList<GeneratedToken>& tokens, int index) {
    int offset = 0;
    for (int i = 0; i < index && i < tokens.size(); ++i) offset += static_cast<int>(tokens[i].text.size());
    return offset;
}

}  // namespace airframe::ui
