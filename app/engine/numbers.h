// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace airframe {

[[nodiscard]] std::string fixed(double value, int decimals);  ///< "3.14"; "-" for a value that is not finite
[[nodiscard]] std::string grouped(double value);              ///< rounded, "425,000"
[[nodiscard]] std::string byteText(double bytes);             ///< "94.1 MB"

}  // namespace airframe
