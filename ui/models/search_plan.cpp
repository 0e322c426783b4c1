// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/search_plan.h"

#include <QUndoCommand>

#include "ui/selection.h"

namespace airframe::ui {

class SearchPlan::Change : public QUndoCommand {
  public:
    Change(SearchPlan& plan, SearchChoices after, const QString& text)
        : QUndoCommand(text), m_plan(plan), m_before(plan.m_choices), m_after(std::move(after)) {}
    void undo() override { set(m_before); }
    void redo() override { set(m_after); }
    [[nodiscard]] int id() const override { return 1; }
    bool mergeWith(const QUndoCommand* other) override {
        if (other->text() != text()) return false;
        m_after = static_cast<const Change*>(other)->m_after;
        return true;
    }

  private:
    void set(const SearchChoices& choices) {
        m_plan.m_choices = choices;
        Q_EMIT m_plan.choicesChanged();
    }
    SearchPlan& m_plan;
    SearchChoices m_before, m_after;
};

SearchPlan* SearchPlan::of(Selection* selection) {
    if (auto* plan = selection->findChild<SearchPlan*>(QString(), Qt::FindDirectChildrenOnly)) return plan;
    return new SearchPlan(selection);
}

void SearchPlan::setChoices(const SearchChoices& choices, const QString& text) {
    if (choices == m_choices) return;
    m_undo.push(new Change(*this, choices, text));
}

void SearchPlan::togglePin(int layer) {
    if (layer < 0) return;
    SearchChoices next = m_choices;
    next.forbidden.erase(layer);
    const bool on = next.pinned.insert(layer).second;
    if (!on) next.pinned.erase(layer);
    setChoices(next, on ? tr("pin layer %1").arg(layer) : tr("unpin layer %1").arg(layer));
}

void SearchPlan::toggleForbid(int layer) {
    if (layer < 0) return;
    SearchChoices next = m_choices;
    next.pinned.erase(layer);
    const bool on = next.forbidden.insert(layer).second;
    if (!on) next.forbidden.erase(layer);
    setChoices(next, on ? tr("forbid layer %1").arg(layer) : tr("allow layer %1").arg(layer));
}

void SearchPlan::setBase(const SearchChoices& base, bool keep_changes) {
    if (base == m_base && keep_changes) return;
    const bool was_changed = changed();
    m_base = base;
    if (keep_changes && was_changed) {
        Q_EMIT choicesChanged();
        return;
    }
    m_undo.clear();
    m_choices = base;
    Q_EMIT choicesChanged();
}

}  // namespace airframe::ui
