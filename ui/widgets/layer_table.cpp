// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/layer_table.h"

#include <QHeaderView>

#include "core/formats/model_summary.h"
#include "ui/models/numbers.h"
#include "ui/number_text.h"
#include "ui/placement_text.h"
#include "ui/theme.h"

namespace airframe::ui {

namespace {

QString shapeText(const TensorInfo& tensor) {
    QStringList sizes;
    for (const auto size : tensor.shape) sizes << countText(static_cast<double>(size));
    return sizes.join(QStringLiteral(" × "));
}

QString bytes(std::uint64_t count) {
    return byteText(static_cast<double>(count));
}

}  // namespace

LayerTable::LayerTable(const Theme* theme, QWidget* parent) : QTableWidget(parent), m_theme(theme) {
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    verticalHeader()->hide();
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setShowGrid(false);
    setTabKeyNavigation(false);
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 10);
    horizontalHeader()->setMinimumSectionSize(fontMetrics().horizontalAdvance(QStringLiteral("0")) * 12);
    setMinimumHeight(120);
    connect(this, &QTableWidget::cellActivated, this, [this](int row) {
        if (m_layers && row + 1 < rowCount()) Q_EMIT layerPicked(row);  // the last row is what lies outside
    });
}

void LayerTable::show(const ModelFile* file, int layer) {
    m_layers = layer < 0;
    setRowCount(0);
    setAccessibleName(m_layers ? tr("Layers and their sizes") : tr("Tensors of layer %1").arg(layer));
    if (!file) return;
    if (m_layers) showLayers(*file);
    else showTensors(*file, layer);
}

void LayerTable::setColumns(const QList<Column>& columns) {
    m_columns = columns;
    setColumnCount(static_cast<int>(columns.size()));
    for (int i = 0; i < columns.size(); ++i) {
        auto* head = new QTableWidgetItem(columns[i].name);
        head->setTextAlignment((columns[i].number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        setHorizontalHeaderItem(i, head);
        const int longest = m_layers ? 2 : 0;  // stored types of a layer, a tensor's name
        horizontalHeader()->setSectionResizeMode(i, i == longest ? QHeaderView::Stretch : QHeaderView::ResizeToContents);
    }
}

void LayerTable::addRow(const QStringList& cells) {
    const int row = rowCount();
    insertRow(row);
    for (int column = 0; column < cells.size(); ++column) {
        auto* item = new QTableWidgetItem(cells[column]);
        if (m_columns[column].number) {
            item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            item->setFont(m_theme->numberFont());
        }
        setItem(row, column, item);
    }
}

void LayerTable::showLayers(const ModelFile& file) {
    setColumns({{tr("Layer"), false}, {tr("Block"), false}, {tr("Stored as"), false}, {tr("Tensors"), true}, {tr("Parameters"), true}, {tr("Bytes"), true}});
    const ModelSummary summary = summarise(file);
    const auto add = [this](const QString& name, const QString& block, const LayerSummary& row) {
        addRow({name, block, QString::fromStdString(row.typeNames()), countText(row.count.tensors),
                countText(static_cast<double>(row.count.parameters)), bytes(row.count.bytes)});
    };
    for (std::size_t i = 0; i < summary.layers.size(); ++i) {
        const LayerSummary& layer = summary.layers[i];
        const QString block = blockName(QString::fromStdString(layer.block));
        add(QString::number(i), layer.window > 0 ? tr("%1, %2 keys").arg(block, countText(layer.window)) : block, layer);
    }
    add(tr("outside"), tr("embedding, norm, head"), summary.outside);
}

void LayerTable::showTensors(const ModelFile& file, int layer) {
    setColumns({{tr("Tensor"), false}, {tr("Type"), false}, {tr("Shape"), true}, {tr("Bytes"), true}});
    const std::size_t prefix = ("model.layers." + std::to_string(layer) + ".").size();
    for (const TensorInfo& tensor : file.tensors())
        if (layerOfTensor(tensor.name) == layer)
            addRow({QString::fromStdString(tensor.name.substr(prefix)), QString::fromStdString(tensor.type), shapeText(tensor), bytes(tensor.bytes)});
}

}  // namespace airframe::ui
