// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QUndoStack>

#include "ui/models/search_choices.h"

namespace airframe::ui {

class Selection;

/// The choices that a person is making for the search, shared by all pages: pinned and forbidden layers, budget, width,
/// weights. Every change can be undone until it is sent; what was sent becomes the base that changes are counted from.
/// There is one per selection hub, owned by it; GUI thread only.
class SearchPlan : public QObject {
    Q_OBJECT
  public:
    /// The plan of this selection hub, made on first use.
    static SearchPlan* of(Selection* selection);

    [[nodiscard]] const SearchChoices& choices() const { return m_choices; }
    [[nodiscard]] const SearchChoices& base() const { return m_base; }
    [[nodiscard]] bool changed() const { return m_choices != m_base; }
    /// Sets all choices at once as one step to undo. Steps with the same text in a row become one (a slider's moves).
    void setChoices(const SearchChoices& choices, const QString& text);
    void togglePin(int layer);     ///< also lifts a ban
    void toggleForbid(int layer);  ///< also unpins
    /// The running search goes by `base` now: unsent changes stay on top of it only if `keep_changes`.
    void setBase(const SearchChoices& base, bool keep_changes);
    [[nodiscard]] QUndoStack* undoStack() { return &m_undo; }

  Q_SIGNALS:
    void choicesChanged();

  private:
    explicit SearchPlan(QObject* parent) : QObject(parent) {}
    class Change;
    SearchChoices m_choices, m_base;
    QUndoStack m_undo;
};

}  // namespace airframe::ui
