// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

namespace airframe::ui {

/// One block id per layer of a canonical placement text; empty if the text is empty or not a placement.
[[nodiscard]] QStringList blocksOf(const QString& canonical_text);

/// Number of full-attention layers, -1 if the text is not a placement.
[[nodiscard]] int fullLayersOf(const QString& canonical_text);

/// The canonical text of the teacher, "attn*L"; "" for layers < 1.
[[nodiscard]] QString teacherText(int layers);

/// What a person calls a placement: "original", "all linear", "3 full of 30: 3, 19, 24". "" if it is not a placement.
[[nodiscard]] QString placementName(const QString& canonical_text);

/// What a person calls a block: "full attention", "JetBlock (linear)"; the id itself if we have no word for it.
[[nodiscard]] QString blockName(const QString& id);

}  // namespace airframe::ui
