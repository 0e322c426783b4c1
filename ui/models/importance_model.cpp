// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/importance_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ui/models/numbers.h"
#include "ui/models/task_names.h"

namespace airframe::ui {

void ImportanceModel::setCells(std::vector<ImportanceCell> cells, std::vector<ImportanceCell> means,
                               std::vector<Task> tasks, int layers) {
    const bool same_shape = layers == m_layers && tasks.size() == m_tasks.size() &&
                            std::equal(tasks.begin(), tasks.end(), m_tasks.begin(),
                                       [](const Task& a, const Task& b) { return a.id == b.id; });
    if (!same_shape) beginResetModel();
    m_cells = std::move(cells);
    m_means = std::move(means);
    m_tasks = std::move(tasks);
    m_layers = layers;
    rebuild();
    if (!same_shape) {
        endResetModel();
    } else if (rowCount() > 0 && columnCount() > 0) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        Q_EMIT headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
        Q_EMIT headerDataChanged(Qt::Vertical, 0, rowCount() - 1);
    }
}

void ImportanceModel::setShown(const std::set<std::string>& tasks) {
    if (tasks == m_shown) return;
    beginResetModel();
    m_shown = tasks;
    m_sort_row = -1;
    rebuild();
    endResetModel();
}

void ImportanceModel::setPerTaskScale(bool on) {
    m_per_task = on;
    rebuild();
    if (rowCount() > 0 && columnCount() > 0) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

void ImportanceModel::setRanks(bool on) {
    m_ranks = on;
    if (rowCount() > 0 && columnCount() > 0) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

void ImportanceModel::setMarks(const std::set<int>& pinned, const std::set<int>& forbidden) {
    m_pinned = pinned;
    m_forbidden = forbidden;
    if (columnCount() > 0) Q_EMIT headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
}

void ImportanceModel::sortColumnsBy(int row) {
    Q_EMIT layoutAboutToBeChanged({}, HorizontalSortHint);
    const std::vector<int> before = m_order;
    m_sort_row = row < rowCount() ? row : -1;
    rebuild();
    QModelIndexList from, to;
    for (const QModelIndex& old : persistentIndexList()) {
        const int layer = before[static_cast<std::size_t>(old.column())];
        from << old;
        to << index(old.row(), columnOf(layer));
    }
    changePersistentIndexList(from, to);
    Q_EMIT layoutChanged({}, HorizontalSortHint);
}

void ImportanceModel::rebuild() {
    m_rows.clear();
    for (const Task& task : m_tasks)
        if (m_shown.empty() || m_shown.count(task.id)) m_rows.push_back(task);
    const std::size_t layers = static_cast<std::size_t>(m_layers);
    m_grid.assign(m_rows.size() + 1, std::vector<const ImportanceCell*>(layers, nullptr));
    const auto put = [&](std::size_t row, const ImportanceCell& cell) {
        if (cell.layer >= 0 && cell.layer < m_layers) m_grid[row][static_cast<std::size_t>(cell.layer)] = &cell;
    };
    for (const ImportanceCell& cell : m_cells)
        for (std::size_t row = 0; row < m_rows.size(); ++row)
            if (m_rows[row].id == cell.task) put(row, cell);
    for (const ImportanceCell& cell : m_means) put(m_rows.size(), cell);

    std::pair<double, double> all{0, 0};
    m_scales.assign(m_grid.size(), {0, 0});
    for (std::size_t row = 0; row < m_grid.size(); ++row)
        for (const ImportanceCell* cell : m_grid[row]) {
            if (!cell) continue;
            m_scales[row] = {std::min(m_scales[row].first, cell->score), std::max(m_scales[row].second, cell->score)};
            all = {std::min(all.first, cell->score), std::max(all.second, cell->score)};
        }
    if (!m_per_task) std::fill(m_scales.begin(), m_scales.end(), all);

    m_order.resize(layers);
    std::iota(m_order.begin(), m_order.end(), 0);
    if (m_sort_row < 0 || m_sort_row >= static_cast<int>(m_grid.size())) {
        m_sort_row = -1;
        return;
    }
    const auto& keys = m_grid[static_cast<std::size_t>(m_sort_row)];
    const auto score = [&](int layer) {
        const ImportanceCell* cell = keys[static_cast<std::size_t>(layer)];
        return cell ? cell->score : -std::numeric_limits<double>::infinity();
    };
    std::stable_sort(m_order.begin(), m_order.end(), [&](int a, int b) { return score(a) > score(b); });
}

int ImportanceModel::columnOf(int layer) const {
    const auto found = std::find(m_order.begin(), m_order.end(), layer);
    return found == m_order.end() ? -1 : static_cast<int>(found - m_order.begin());
}

const ImportanceCell* ImportanceModel::cell(int row, int layer) const {
    return m_grid.at(static_cast<std::size_t>(row)).at(static_cast<std::size_t>(layer));
}

std::pair<double, double> ImportanceModel::scale(int row) const {
    return row >= 0 && row < static_cast<int>(m_scales.size()) ? m_scales[static_cast<std::size_t>(row)]
                                                               : std::pair<double, double>{0, 0};
}

int ImportanceModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || m_rows.empty() ? 0 : static_cast<int>(m_rows.size()) + 1;
}

int ImportanceModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : m_layers; }

QVariant ImportanceModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const int layer = layerOf(index.column());
    if (role == LayerRole) return layer;
    if (role == TaskRole) return isMean(index.row()) ? QStringLiteral("mean") : QString::fromStdString(m_rows[static_cast<std::size_t>(index.row())].id);
    if (role == Qt::TextAlignmentRole) return static_cast<int>(Qt::AlignCenter);
    const ImportanceCell* found = cell(index.row(), layer);
    const QString task = isMean(index.row()) ? tr("Mean of the shown tasks")
                                             : taskLabel(m_rows[static_cast<std::size_t>(index.row())].id);
    if (!found) {
        if (role == Qt::ToolTipRole) return tr("Layer %1, %2: not measured yet").arg(layer).arg(task);
        if (role == Qt::AccessibleTextRole) return tr("layer %1, %2: missing").arg(layer).arg(task);
        return {};
    }
    const auto [low, high] = scale(index.row());
    switch (role) {
        case Qt::DisplayRole:
            return m_ranks ? rankText(found->rank_low, found->rank_high) : fixed(found->score, 2);
        case Qt::AccessibleTextRole:
            return tr("layer %1, %2: %3 nats, %4, rank %5").arg(layer).arg(task, signedFixed(found->score),
                intervalText(found->low, found->high), rankText(found->rank_low, found->rank_high));
        case Qt::ToolTipRole:
            return tr("<b>Layer %1 · %2</b><br>%3 nats per token<br>95 % interval %4<br>rank %5 of %6, %7 items")
                .arg(layer).arg(task, signedFixed(found->score), intervalText(found->low, found->high),
                                rankText(found->rank_low, found->rank_high)).arg(m_layers).arg(found->items);
        case ValueRole: return found->score;
        case LowRole: return found->low;
        case HighRole: return found->high;
        case RankRole: return found->rank;
        case RankLowRole: return found->rank_low;
        case RankHighRole: return found->rank_high;
        case ScaleLowRole: return low;
        case ScaleHighRole: return high;
        case FillRole:
            if (m_ranks) return m_layers > 1 ? 1.0 - (found->rank - 1.0) / (m_layers - 1.0) : 1.0;
            return high > low ? (found->score - low) / (high - low) : 0.0;
        default: return {};
    }
}

QVariant ImportanceModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Horizontal) {
        if (section < 0 || section >= m_layers) return {};
        const int layer = layerOf(section);
        if (role == Qt::DisplayRole) return QString::number(layer);
        if (role == LayerRole) return layer;
        if (role == Qt::ToolTipRole) {
            QString text = tr("Layer %1").arg(layer);
            if (m_pinned.count(layer)) text += tr(", pinned to full attention");
            if (m_forbidden.count(layer)) text += tr(", forbidden to be full attention");
            return text + tr("\nP pins it, F forbids it, Space selects it");
        }
        return {};
    }
    if (section < 0 || section >= rowCount()) return {};
    if (isMean(section)) {
        if (role == Qt::DisplayRole) return tr("Mean");
        if (role == Qt::ToolTipRole) return tr("Mean of the shown tasks. Click: sort the layers by it");
        return {};
    }
    const Task& task = m_rows[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole) return taskLabel(task.id);
    if (role == Qt::ToolTipRole)
        return tr("%1\n%2 items, %3 scored tokens per candidate; loss of the base %4 nats per token\nClick: sort the "
                  "layers by this task")
            .arg(taskExplanation(task.id)).arg(task.items).arg(task.tokens).arg(fixed(task.base_nll));
    return {};
}

void rankByIntervals(std::vector<ImportanceCell>& means) {
    for (ImportanceCell& cell : means) {
        cell.rank = cell.rank_low = 1;
        cell.rank_high = static_cast<int>(means.size());
        for (const ImportanceCell& other : means) {
            cell.rank += other.score > cell.score ? 1 : 0;
            cell.rank_low += other.low > cell.high ? 1 : 0;
            cell.rank_high -= other.high < cell.low ? 1 : 0;
        }
    }
}

}  // namespace airframe::ui
