// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace airframe::ui {

// Numbers as people read them, with their unit. A value that is not known (NaN or negative where that makes no sense)
// becomes an en dash. Speeds, bytes and signed scores: ui/models/format.h.

[[nodiscard]] QString countText(double value);                     ///< "49,152"
[[nodiscard]] QString shortCountText(double value);                ///< "134.5 M", "425 k"
[[nodiscard]] QString secondsText(double seconds);                 ///< "38 s", "6 min", "1 h 20 min"
[[nodiscard]] QString leftText(double low_s, double high_s);       ///< "≈ 6–9 min left", "" if unknown
[[nodiscard]] QString milliText(double milliseconds);              ///< "38 ms"
[[nodiscard]] QString agoText(qint64 utc_ms);                      ///< "14 min ago"

}  // namespace airframe::ui
