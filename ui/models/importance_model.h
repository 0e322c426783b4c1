// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <set>
#include <string>
#include <vector>

#include "core/study/importance.h"

namespace airframe::ui {

/// The importance map as a table: one row per shown task and a last row of their mean, one column per layer. Missing
/// cells are invalid values. Ranks carry their interval; a mean's rank counts the layers whose intervals lie wholly
/// above or below its own. GUI thread.
class ImportanceModel : public QAbstractTableModel {
    Q_OBJECT
  public:
    enum Role { ValueRole = Qt::UserRole, LowRole, HighRole, RankRole, RankLowRole, RankHighRole, FillRole, LayerRole,
                TaskRole, ScaleLowRole, ScaleHighRole };
    /// A row's head: what the task is, and what its scores are counted from.
    struct Task {
        std::string id;
        double base_nll = 0;      ///< loss of the base placement, NaN if unknown
        int items = 0;
        long long tokens = 0;     ///< scored tokens per candidate
    };
    explicit ImportanceModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    /// Cells of one view. `means` are cells with the task "mean" (may be empty).
    void setCells(std::vector<ImportanceCell> cells, std::vector<ImportanceCell> means, std::vector<Task> tasks,
                  int layers);
    void setShown(const std::set<std::string>& tasks);  ///< empty = all
    void setPerTaskScale(bool on);   ///< each row has its own colour range
    void setRanks(bool on);          ///< show ranks, coloured by rank
    void setMarks(const std::set<int>& pinned, const std::set<int>& forbidden);
    /// Columns by the scores of this row, best first; -1 = layer order.
    void sortColumnsBy(int row);
    [[nodiscard]] int sortedBy() const { return m_sort_row; }
    [[nodiscard]] bool ranks() const { return m_ranks; }
    [[nodiscard]] bool perTaskScale() const { return m_per_task; }
    [[nodiscard]] const std::vector<Task>& tasks() const { return m_rows; }  ///< shown ones
    [[nodiscard]] int layerOf(int column) const { return m_order.at(static_cast<std::size_t>(column)); }
    [[nodiscard]] int columnOf(int layer) const;  ///< -1 if there is none
    [[nodiscard]] const ImportanceCell* cell(int row, int layer) const;  ///< nullptr = missing
    /// Lowest and highest value that the colours of this row span.
    [[nodiscard]] std::pair<double, double> scale(int row) const;
    [[nodiscard]] const std::set<int>& pinned() const { return m_pinned; }
    [[nodiscard]] const std::set<int>& forbidden() const { return m_forbidden; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  private:
    void rebuild();
    [[nodiscard]] bool isMean(int row) const { return row == static_cast<int>(m_rows.size()); }
    std::vector<ImportanceCell> m_cells, m_means;
    std::vector<Task> m_tasks, m_rows;
    std::set<std::string> m_shown;
    std::set<int> m_pinned, m_forbidden;
    std::vector<int> m_order;                                  // layer of each column
    std::vector<std::vector<const ImportanceCell*>> m_grid;    // [row][layer], last row = mean
    std::vector<std::pair<double, double>> m_scales;           // [row]
    int m_layers = 0, m_sort_row = -1;
    bool m_per_task = false, m_ranks = false;
};

/// One spoken sentence about a view, ties respected: a task "needs" the smallest group of at most four layers whose
/// ranks are cleanly apart from all others and whose gains exclude zero; a task without such a group is spread out.
[[nodiscard]] QString importanceSummary(const std::vector<ImportanceCell>& cells, const std::string& view);

/// Ranks of means whose items differ from task to task: by their intervals alone.
void rankByIntervals(std::vector<ImportanceCell>& means);

}  // namespace airframe::ui
