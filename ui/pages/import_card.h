// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/pages/page.h"

class QAction;
class QFrame;
class QJsonObject;
class QLabel;

namespace airframe::ui {

class ErrorCard;

/// *Import architecture…*: asks for an architecture.json, has the engine bring it into the study, puts its placement into
/// slot B and tells in a card what came of it. Hidden while there is nothing to tell. GUI thread.
class ImportCard : public QWidget {
    Q_OBJECT
  public:
    explicit ImportCard(const UiContext& context, QWidget* parent = nullptr);
    void setSnapshot(const SnapshotPtr& snapshot);
    /// Has the engine import it; the answer comes to the card.
    void import(const QString& path);
    [[nodiscard]] QAction* action() const { return m_action; }
    [[nodiscard]] qint64 job() const { return m_job; }  ///< the engine's job that is being waited for, 0 = none
    [[nodiscard]] QString text() const;  ///< what the card tells, "" = nothing

  private:
    void tell(const QJsonObject& result);
    UiContext m_context;
    QAction* m_action;
    ErrorCard* m_error;
    QFrame* m_card;
    QLabel *m_title, *m_text;
    QString m_study;
    qint64 m_job = 0;
};

}  // namespace airframe::ui
