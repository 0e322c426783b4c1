// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace airframe::ui {

class Theme;

/// The application's style sheet in the theme's colours: only what QPalette and Fusion cannot say. Widgets ask for a
/// look by dynamic properties: `card` (QFrame), `primary` and `flat` (buttons), `role` = "title", "heading", "muted",
/// "number" (labels).
[[nodiscard]] QString styleSheet(const Theme& theme);

}  // namespace airframe::ui
