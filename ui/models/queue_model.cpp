// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/queue_model.h"

#include <QMimeData>
#include <algorithm>

#include "ui/models/row_table.h"
#include "ui/placement_text.h"

namespace airframe::ui {

namespace {
const QString mime_type = QStringLiteral("application/x-airframe-queue-row");

bool sameRows(const std::vector<ProposalRow>& a, const std::vector<ProposalRow>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const ProposalRow& x, const ProposalRow& y) {
        return x.placement == y.placement && x.origin == y.origin;
    });
}
}  // namespace

void QueueModel::setQueue(const std::vector<ProposalRow>& proposals, std::int64_t run) {
    std::vector<ProposalRow> rows;
    for (const ProposalRow& row : proposals)
        if (row.run_id == run && row.state == "queued" && row.origin != "control") rows.push_back(row);
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return std::pair(a.round, a.queue_pos) < std::pair(b.round, b.queue_pos);
    });
    if (sameRows(rows, m_rows)) return;
    // The usual change is that the first were taken: a reset would throw the selection away.
    const std::size_t taken = m_rows.size() > rows.size() ? m_rows.size() - rows.size() : 0;
    if (taken > 0 && !rows.empty() && sameRows({m_rows.begin() + static_cast<std::ptrdiff_t>(taken), m_rows.end()}, rows)) {
        beginRemoveRows({}, 0, static_cast<int>(taken) - 1);
        m_rows.erase(m_rows.begin(), m_rows.begin() + static_cast<std::ptrdiff_t>(taken));
        endRemoveRows();
        return;
    }
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
}

void QueueModel::move(int row, int to) {
    const int rows = rowCount();
    if (row < 0 || row >= rows || to == row || to < 0 || to >= rows) return;
    QStringList order;
    for (const ProposalRow& queued : m_rows) order << QString::fromStdString(queued.placement);
    order.move(row, to);
    Q_EMIT orderRequested(order);
}

QString QueueModel::placementAt(int row) const {
    return row >= 0 && row < rowCount() ? QString::fromStdString(m_rows[static_cast<std::size_t>(row)].placement) : QString();
}

bool QueueModel::byPerson(int row) const { return m_rows.at(static_cast<std::size_t>(row)).origin == "person"; }

int QueueModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_rows.size()); }

QVariant QueueModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const QString placement = placementAt(index.row());
    if (role == Qt::DisplayRole) return placementName(placement);
    if (role == PlacementRole || role == StripRole) return placement;
    if (role == Qt::ToolTipRole)
        return byPerson(index.row()) ? tr("%1, asked for by a person").arg(placementName(placement)) : placementName(placement);
    return {};
}

Qt::ItemFlags QueueModel::flags(const QModelIndex& index) const {
    if (!index.isValid()) return Qt::ItemIsDropEnabled;  // between rows, not onto them
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled | Qt::ItemNeverHasChildren;
}

QStringList QueueModel::mimeTypes() const { return {mime_type}; }

QMimeData* QueueModel::mimeData(const QModelIndexList& indexes) const {
    auto* data = new QMimeData;
    if (!indexes.isEmpty()) data->setData(mime_type, QByteArray::number(indexes.first().row()));
    return data;
}

bool QueueModel::dropMimeData(const QMimeData* data, Qt::DropAction, int row, int, const QModelIndex& parent) {
    if (parent.isValid() || !data->hasFormat(mime_type)) return false;
    const int from = data->data(mime_type).toInt();
    const int place = row < 0 ? rowCount() : row;  // dropped below the last row
    move(from, place > from ? place - 1 : place);
    return false;  // the view must not remove the dragged row: nothing has moved yet
}

}  // namespace airframe::ui
