// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>
#include <QStringList>

#include "ui/problem.h"
#include "ui/study_snapshot.h"

namespace airframe::ui {

class EngineClient;
class StudyReader;

/// A study this person opened before, as shown on the Start page.
struct RecentStudy {
    QString path, model, state, strip;
};

/// The one way a study comes into the window: opens studies, makes a study for a model file (the engine writes it),
/// and remembers what was opened. GUI thread; never blocks.
class StudyOpener : public QObject {
    Q_OBJECT
  public:
    StudyOpener(EngineClient* engine, StudyReader* reader, QObject* parent = nullptr);
    /// A study, or a model file or folder: for a model, the study of the same name in the data folder, made if absent.
    void open(const QString& path);
    void createFromModel(const QString& model, const QString& study);
    void openDemo();  ///< the study of the demo model, made at the first time
    void close();
    [[nodiscard]] QString current() const { return m_current; }
    /// The model that a study is being made for, or could not be made for; "" once a study is open.
    [[nodiscard]] QString modelInHand() const { return m_model; }

    [[nodiscard]] static QString dataFolder();
    /// Where the study of a model file or folder lies in the data folder, or is to be made: named after the model, with a
    /// number behind if that is another model's.
    [[nodiscard]] static QString studyFor(const QString& model);
    [[nodiscard]] static QString demoModel();     ///< $AIRFRAME_MODEL, else where app/run puts it; may not exist
    [[nodiscard]] static QString trainingText();  ///< $AIRFRAME_TEXT, else where app/run puts it; "" if absent
    /// What dropping this path would do, in words; "" if nothing.
    [[nodiscard]] static QString dropMeaning(const QString& path);

    [[nodiscard]] QList<RecentStudy> recents() const;
    void forget(const QString& path);

  Q_SIGNALS:
    void currentChanged(const QString& path);  ///< "" = closed
    void modelOpening(const QString& path);    ///< a study is being made for it: its header can be shown meanwhile
    void failed(const airframe::ui::Problem& problem);
    void recentsChanged();

  private:
    void openStudy(const QString& path);
    void remember(const StudySnapshot& snapshot);
    EngineClient* m_engine;
    StudyReader* m_reader;
    QString m_current, m_creating, m_model;
    qint64 m_create_job = 0;
};

}  // namespace airframe::ui
