// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace airframe::ui::beam_geometry {

// The one place of the beam tree's sizes, in pixels; text is the height of a line.
inline constexpr int margin = 8, column_gap = 28, card_gap = 8;
inline constexpr int narrowest_card = 92, widest_card = 208;
inline constexpr int least_cut = 4;  ///< cut candidates shown per round even where there is no room
constexpr int cardHeight(int text) { return text + 28; }
constexpr int rowHeight(int text) { return text + 4; }
constexpr int headHeight(int text) { return 2 * text + 16; }

}  // namespace airframe::ui::beam_geometry
