// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTemporaryDir>

#include "engine/engine_process.h"
#include "engine/tiny_folder.h"

namespace airframe::test {

/// A folder with a tiny model and texts, and the arguments of the commands on them: what takes minutes on a real model
/// takes about a second.
struct TinyStudy {
    TinyStudy() {
        writeTinyFolder(path("model").toStdString());
        writeTinyText(path("text.txt").toStdString(), 120000);
        writeTinyText(path("other.txt").toStdString(), 3000, 8);
    }
    [[nodiscard]] QString path(const QString& name) const { return dir.filePath(name); }
    [[nodiscard]] QStringList train(const QString& study, int tokens = 8192) const {
        return {"train", path("model"), "--study", study, "--text", path("text.txt"), "--tokens", QString::number(tokens), "--window", "64",
                "--threads", "1", "--json"};
    }
    [[nodiscard]] static QStringList importance(const QString& study) {
        return {"importance", "--study", study, "--tasks", "language,copy", "--items", "4", "--threads", "1", "--json"};
    }
    [[nodiscard]] static QStringList search(const QString& study) {
        return {"search", "beam",  "--study",   study,  "--full-layers", "2", "--width", "2", "--tasks", "language,copy",
                "--items", "4", "--threads", "1", "--json"};
    }
    [[nodiscard]] static QStringList throughput(const QString& study, const QString& placement) {
        return {"throughput", "--study", study, "--placement", placement, "--context", "64", "--batch", "2", "--repeats", "3",
                "--threads", "1", "--json"};
    }
    QTemporaryDir dir;
};

}  // namespace airframe::test
