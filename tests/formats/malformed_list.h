// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtTest>

#include "json_data.h"

namespace airframe::test {

/// The list of broken and sound model files and folders; may not exist.
inline std::filesystem::path malformedList() { return sharedFolder() / "vectors/malformed/index.json"; }

/// Test data: a row per entry, with the columns "path" (absolute) and "sound" (whether it must open).
inline void addMalformedRows() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<bool>("sound");
    const auto index = malformedList();
    const auto file = loadJson(index);
    for (const auto& entry : file["cases"]) {
        const std::string path = entry["path"];
        QTest::newRow(path.c_str()) << QString::fromStdString((index.parent_path() / path).string()) << (entry["expect"] == "ok");
    }
}

}  // namespace airframe::test
