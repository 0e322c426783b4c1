// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QString>
#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace airframe::ui {

/// Roles that every table of rows answers.
enum TableRole {
    SortRole = Qt::UserRole,  ///< what a column sorts by
    PlacementRole,            ///< canonical text of the row's placement, empty if it has none
    StripRole,                ///< set in columns that are drawn as a layer strip: the placement
    FadedRole,                ///< true: draw the row muted
};

/// A table model over a vector of structs: a column is a title and what it says about a row. Live data go in by sync(),
/// which keeps rows that stay (and so selections and scroll positions) and touches only what changed. GUI thread.
template <class Row>
class RowTable : public QAbstractTableModel {
  public:
    struct Column {
        QString title, tip;
        std::function<QString(const Row&)> text;
        std::function<QVariant(const Row&)> sort;  ///< empty: by text, and the column is left-aligned
        bool strip = false;                        ///< text is a placement, drawn as a strip
    };
    using Key = std::function<QString(const Row&)>;

    RowTable(std::vector<Column> columns, Key key, QObject* parent = nullptr)
        : QAbstractTableModel(parent), m_columns(std::move(columns)), m_key(std::move(key)) {}

    std::function<QString(const Row&)> placement;  ///< what PlacementRole answers; may be empty
    std::function<QString(const Row&)> tip;        ///< tooltip of a row; may be empty
    std::function<bool(const Row&)> faded;         ///< may be empty

    [[nodiscard]] const std::vector<Row>& rows() const { return m_rows; }

    /// Makes the table hold `rows` (their keys unique). Rows known already keep their place, new ones come at the end.
    void sync(std::vector<Row> rows) {
        QHash<QString, int> wanted;
        for (int i = 0; i < static_cast<int>(rows.size()); ++i) wanted.insert(m_key(rows[static_cast<std::size_t>(i)]), i);
        int survivors = 0;
        for (const Row& row : m_rows) survivors += wanted.contains(m_key(row)) ? 1 : 0;
        if (survivors == 0) {  // another source
            beginResetModel();
            m_rows = std::move(rows);
            endResetModel();
            return;
        }
        for (int i = static_cast<int>(m_rows.size()) - 1; i >= 0; --i) {
            if (wanted.contains(m_key(m_rows[static_cast<std::size_t>(i)]))) continue;
            beginRemoveRows({}, i, i);
            m_rows.erase(m_rows.begin() + i);
            endRemoveRows();
        }
        for (Row& row : m_rows) row = rows[static_cast<std::size_t>(wanted.take(m_key(row)))];
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        if (wanted.isEmpty()) return;
        std::vector<int> fresh(wanted.begin(), wanted.end());
        std::sort(fresh.begin(), fresh.end());
        beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(fresh.size()) - 1);
        for (const int i : fresh) m_rows.push_back(std::move(rows[static_cast<std::size_t>(i)]));
        endInsertRows();
    }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
    }
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override {
        if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
        const Row& row = m_rows[static_cast<std::size_t>(index.row())];
        const Column& column = m_columns[static_cast<std::size_t>(index.column())];
        switch (role) {
            case Qt::DisplayRole: return column.text(row);
            case Qt::ToolTipRole: return tip ? QVariant(tip(row)) : QVariant();
            case Qt::TextAlignmentRole:
                return static_cast<int>((column.sort ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
            case SortRole: return column.sort ? column.sort(row) : QVariant(column.text(row));
            case PlacementRole: return placement ? QVariant(placement(row)) : QVariant();
            case StripRole: return column.strip ? QVariant(column.text(row)) : QVariant();
            case FadedRole: return faded && faded(row);
            default: return {};
        }
    }
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override {
        if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
        const Column& column = m_columns[static_cast<std::size_t>(section)];
        if (role == Qt::DisplayRole) return column.title;
        if (role == Qt::ToolTipRole && !column.tip.isEmpty()) return column.tip;
        if (role == Qt::TextAlignmentRole)
            return static_cast<int>((column.sort ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        return {};
    }

  private:
    std::vector<Column> m_columns;
    Key m_key;
    std::vector<Row> m_rows;
};

}  // namespace airframe::ui
