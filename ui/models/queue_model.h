// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QStringList>
#include <vector>

#include "core/study/records.h"

namespace airframe::ui {

/// The queued candidates of a search in the order in which they will be evaluated. Reordering by drag or by move() asks
/// for a new order and changes nothing itself: the engine decides, and its answer comes with the next rows. GUI thread.
class QueueModel : public QAbstractListModel {
    Q_OBJECT
  public:
    explicit QueueModel(QObject* parent = nullptr) : QAbstractListModel(parent) {}
    void setQueue(const std::vector<ProposalRow>& proposals, std::int64_t run);
    void move(int row, int to);  ///< asks for it
    [[nodiscard]] QString placementAt(int row) const;
    [[nodiscard]] bool byPerson(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    [[nodiscard]] Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
    [[nodiscard]] QStringList mimeTypes() const override;
    [[nodiscard]] QMimeData* mimeData(const QModelIndexList& indexes) const override;
    bool dropMimeData(const QMimeData* data, Qt::DropAction action, int row, int column, const QModelIndex& parent) override;

  Q_SIGNALS:
    void orderRequested(const QStringList& placements);

  private:
    std::vector<ProposalRow> m_rows;
};

}  // namespace airframe::ui
