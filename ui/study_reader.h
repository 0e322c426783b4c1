// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include "core/base/error.h"
#include "ui/study_snapshot.h"

namespace airframe::ui {

/// Reads a study, read-only, on its own thread; polls for commits of other processes every 250 ms and emits a new
/// snapshot when something changed. GUI thread API; never blocks.
class StudyReader : public QObject {
    Q_OBJECT
  public:
    explicit StudyReader(QObject* parent = nullptr);
    ~StudyReader() override;
    void open(const QString& path);
    void close();
    void refresh();  ///< read now (a `changed` event came)
    [[nodiscard]] SnapshotPtr snapshot() const;  ///< latest, null before the first

  Q_SIGNALS:
    void snapshotChanged(airframe::ui::SnapshotPtr snapshot);
    void failed(const QString& where, const QString& what, const QString& hint);

  private:
    struct Impl;
    Impl* m;
};

}  // namespace airframe::ui

Q_DECLARE_METATYPE(airframe::ui::SnapshotPtr)
