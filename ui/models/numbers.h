// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <cstdint>
#include <vector>

#include "core/study/records.h"

namespace airframe::ui {

// Scores, speeds, sizes, intervals and lists as every view prints them: a real minus sign, fixed decimals, units.
// Counts and times are in ui/number_text.h.

[[nodiscard]] QString fixed(double value, int decimals = 3);                   ///< "−0.012"; en dash if not finite
[[nodiscard]] QString signedFixed(double value, int decimals = 3);             ///< "+0.312"
[[nodiscard]] QString speedText(double tokens_per_s);                          ///< "1,234 tok/s"; en dash if not > 0
[[nodiscard]] QString byteText(double bytes);                                  ///< "45.0 MiB"; en dash if negative
[[nodiscard]] QString intervalText(double low, double high, int decimals = 3); ///< "0.290 to 0.331"
[[nodiscard]] QString rankText(int low, int high);                             ///< "1" or "1–3"
[[nodiscard]] QString spreadText(const MeasurementRow::Spread& spread);        ///< "812 tok/s (805 to 820, 5 repeats)"
[[nodiscard]] QString timeOfDay(std::int64_t utc_ms);                          ///< "14:02:11", local time
[[nodiscard]] QString listText(const QStringList& names);                      ///< "a, b and c"
[[nodiscard]] QString layerList(const std::vector<int>& layers);               ///< "3, 7 and 19"
/// Full-attention layers of a placement text, empty if it is none.
[[nodiscard]] std::vector<int> fullLayerList(const QString& canonical_text);

}  // namespace airframe::ui
