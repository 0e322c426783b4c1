// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/study_snapshot.h"

namespace airframe::ui {

class Actions;
class EngineClient;
class Selection;
class StudyOpener;
class StudyReader;
class Theme;

/// What every page is given. Pointers outlive the pages.
struct UiContext {
    Selection* selection = nullptr;
    EngineClient* engine = nullptr;
    StudyReader* reader = nullptr;
    Theme* theme = nullptr;
    Actions* actions = nullptr;
    StudyOpener* opener = nullptr;
};

/// One step of the path. A page builds its widgets in the constructor, follows the selection, and shows what the
/// snapshot holds: an empty state that teaches one thing and offers one button, a partial, a full, or a failed state.
class Page : public QWidget {
    Q_OBJECT
  public:
    enum class State { empty, running, ready, failed };  ///< the dot on the page's tab
    Page(const UiContext& context, QWidget* parent) : QWidget(parent), m_context(context) {}
    virtual void setSnapshot(const SnapshotPtr& snapshot) = 0;  ///< may be null: no study open
    [[nodiscard]] virtual State state() const = 0;
    /// One spoken sentence that sums up what the page shows.
    [[nodiscard]] virtual QString summary() const = 0;

  Q_SIGNALS:
    void stateChanged();

  protected:
    UiContext m_context;
};

}  // namespace airframe::ui
