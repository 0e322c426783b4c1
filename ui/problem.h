// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QString>

namespace airframe::ui {

/// One error as the window shows it. Plain data.
struct Problem {
    QString tried;  ///< "Training the supernet"
    QString where;  ///< file, tensor, field
    QString what;   ///< what was wanted and what was found
    QString hint;   ///< what to do now
    [[nodiscard]] bool isEmpty() const { return tried.isEmpty() && what.isEmpty(); }
    /// All of it with the program's version, for a bug report.
    [[nodiscard]] QString details() const;
    /// From the engine's `error` event or a run's error_json (fields code, where, what, hint).
    [[nodiscard]] static Problem fromEngine(const QString& tried, const QJsonObject& error);
    [[nodiscard]] static Problem fromJson(const QString& tried, const std::string& error_json);
};

}  // namespace airframe::ui
