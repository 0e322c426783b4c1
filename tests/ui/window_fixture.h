// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <map>
#include <memory>

#include "core/study/study.h"
#include "tests/support/sample_study.h"
#include "ui/actions.h"
#include "ui/engine_client.h"
#include "ui/main_window.h"
#include "ui/selection.h"
#include "ui/snapshot_builder.h"
#include "ui/study_opener.h"
#include "ui/study_reader.h"
#include "ui/theme.h"

namespace airframe::ui {

/// Everything a window or a page needs, with an engine that cannot be started and settings in a temporary folder.
class WindowFixture {
  public:
    WindowFixture() {
        QStandardPaths::setTestModeEnabled(true);
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, m_folder.path());
        QCoreApplication::setOrganizationName(QStringLiteral("airframe-test"));
        QCoreApplication::setApplicationName(QStringLiteral("airframe-test"));
        theme = std::make_unique<Theme>();
        theme->apply(*qApp, Theme::Scheme::light);
        selection = std::make_unique<Selection>();
        engine = std::make_unique<EngineClient>(QStringLiteral("/nowhere/airframe-engine"));
        reader = std::make_unique<StudyReader>();
        opener = std::make_unique<StudyOpener>(engine.get(), reader.get());
        actions = std::make_unique<Actions>();
    }
    [[nodiscard]] UiContext context() const {
        return {selection.get(), engine.get(), reader.get(), theme.get(), actions.get(), opener.get()};
    }
    [[nodiscard]] QString file(const QString& name) const { return m_folder.filePath(name); }
    /// A snapshot of a sample study, written once per program: snapshots never change.
    [[nodiscard]] static SnapshotPtr sample(test::SampleStage stage) {
        static std::map<test::SampleStage, SnapshotPtr> known;
        SnapshotPtr& snapshot = known[stage];
        if (!snapshot) {
            const QTemporaryDir folder;
            const std::string path = folder.filePath(QStringLiteral("sample.airframe")).toStdString();
            test::writeSampleStudy(path, stage);
            snapshot = SnapshotBuilder(*Study::open(path, Study::Mode::read_only)).build();
        }
        return snapshot;
    }

    std::unique_ptr<Theme> theme;
    std::unique_ptr<Selection> selection;
    std::unique_ptr<EngineClient> engine;
    std::unique_ptr<StudyReader> reader;
    std::unique_ptr<StudyOpener> opener;
    std::unique_ptr<Actions> actions;

  private:
    QTemporaryDir m_folder;
};

}  // namespace airframe::ui
