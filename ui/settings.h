// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QSettings;

namespace airframe::ui::settings {

// Every key of QSettings: what belongs to this person on this machine. What belongs to a study is in the study.
inline constexpr int version = 1;
inline constexpr auto version_key = "version";
inline constexpr auto geometry = "window/geometry";
inline constexpr auto theme = "appearance/theme";          ///< "system", "light", "dark"
inline constexpr auto type_scale = "appearance/typeScale";
inline constexpr auto recents = "recents";                 ///< array of {path, model, state, strip}
inline constexpr auto last_folder = "folders/last";
inline constexpr auto text_paths = "supernet/textPaths";

/// Brings settings of an older version up to date and writes the current version. Settings of a newer version are
/// left as they are: keys that we know keep their meaning. A new version adds its step here.
void migrate(QSettings& settings);

}  // namespace airframe::ui::settings
