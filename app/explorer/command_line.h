// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSize>
#include <QString>
#include <optional>

/// What was asked on the command line of the window.
struct CommandLine {
    QString path;         ///< a study or a model, "" = none
    QString screenshots;  ///< folder to save a picture of every page in, "" = run normally
    QSize size;           ///< of the window, invalid = as last time
    QString theme;        ///< "light", "dark" or "" = as set
    QString slot_b;       ///< placement for slot B, "" = none

    /// Needs no display. Prints help, version or an error itself and puts the exit status into `exit_status`; nothing
    /// else should run then.
    [[nodiscard]] static CommandLine parse(const QStringList& arguments, std::optional<int>& exit_status);
};
