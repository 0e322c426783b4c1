// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

namespace airframe::ui {

/// One token that a model wrote, with what else it could have written.
struct GeneratedToken {
    int id = 0;
    QString text;
    struct Choice {
        QString text;
        double probability = 0;
    };
    QList<Choice> top;  ///< likeliest first
};

/// The next token at or after `from` where two continuations say different things, -1 if there is none as far as both
/// go. A continuation that ends earlier differs nowhere.
[[nodiscard]] int nextDifference(const QList<GeneratedToken>& a, const QList<GeneratedToken>& b, int from = 0);

/// Characters of text before token `index`.
[[nodiscard]] int textOffset(const QList<GeneratedToken>& tokens, int index);

}  // namespace airframe::ui
