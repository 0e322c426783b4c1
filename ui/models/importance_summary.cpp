// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <map>

#include "ui/models/numbers.h"
#include "ui/models/importance_model.h"
#include "ui/models/task_names.h"

namespace airframe::ui {

namespace {

constexpr int largest_group = 4;  // more layers than that are no longer "needs layers ..."

QString tr(const char* text) { return QCoreApplication::translate("ImportanceSummary", text); }

/// Layers of the largest cleanly separated leading group, empty if there is none.
std::vector<int> leadingGroup(std::vector<const ImportanceCell*> cells) {
    std::sort(cells.begin(), cells.end(), [](auto* a, auto* b) { return a->rank < b->rank; });
    std::vector<int> best;
    const std::size_t most = std::min<std::size_t>(largest_group, cells.size() - 1);
    for (std::size_t k = 1; k <= most; ++k) {
        const auto end_of_group = cells.begin() + static_cast<std::ptrdiff_t>(k);
        const int size = static_cast<int>(k);
        const bool apart =
            std::all_of(cells.begin(), end_of_group, [&](auto* c) { return c->rank_high <= size && c->low > 0; }) &&
            std::all_of(end_of_group, cells.end(), [&](auto* c) { return c->rank_low > size; });
        if (!apart) continue;
        best.clear();
        for (std::size_t i = 0; i < k; ++i) best.push_back(cells[i]->layer);
    }
    std::sort(best.begin(), best.end());
    return best;
}

}  // namespace

QString importanceSummary(const std::vector<ImportanceCell>& cells, const std::string& view) {
    std::map<std::string, std::vector<const ImportanceCell*>> by_task;
    for (const ImportanceCell& cell : cells)
        if (cell.view == view) by_task[cell.task].push_back(&cell);
    std::vector<std::string> ids;
    for (const auto& [id, list] : by_task) ids.push_back(id);

    QStringList needs, spread, none;
    for (const std::string& id : inTaskOrder(ids)) {
        const auto& list = by_task[id];
        const bool any = std::any_of(list.begin(), list.end(), [](auto* cell) { return cell->low > 0; });
        const auto group = leadingGroup(list);
        if (!any) none << taskLabel(id);
        else if (group.empty()) spread << taskLabel(id);
        else needs << (group.size() == 1 ? tr("%1 needs layer %2") : tr("%1 needs layers %2")).arg(taskLabel(id), layerList(group));
    }
    QStringList parts = needs;
    if (!spread.isEmpty())
        parts << (spread.size() == 1 ? tr("%1 is spread out: no group of up to four layers stands apart")
                                     : tr("%1 are spread out: no group of up to four layers stands apart")).arg(listText(spread));
    if (!none.isEmpty()) parts << tr("for %1 no layer helps beyond the error of measurement").arg(listText(none));
    if (parts.isEmpty()) return tr("Nothing measured in this view yet.");
    return parts.join(QStringLiteral("; ")) + QLatin1Char('.');
}

}  // namespace airframe::ui
