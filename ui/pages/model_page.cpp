// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model_page.h"

#include <QClipboard>
#include <QComboBox>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>
#include <QtConcurrentRun>
#include <cmath>

#include "core/base/error.h"
#include "core/formats/model_file.h"
#include "ui/actions.h"
#include "ui/memory_estimate.h"
#include "ui/models/numbers.h"
#include "ui/number_text.h"
#include "ui/placement_text.h"
#include "ui/selection.h"
#include "ui/theme.h"
#include "ui/widgets/error_card.h"
#include "ui/widgets/fact_grid.h"
#include "ui/widgets/fit_bar.h"
#include "ui/widgets/layer_strip.h"
#include "ui/widgets/layout.h"
#include "ui/widgets/state_view.h"

namespace airframe::ui {

namespace {

constexpr int weight_bytes = 4;  // the engine holds weights as float32 unless asked for bf16

QString shapeText(const TensorInfo& tensor) {
    QStringList sizes;
    for (const auto size : tensor.shape) sizes << countText(static_cast<double>(size));
    return sizes.join(QStringLiteral(" × "));
}

}  // namespace

ModelPage::ModelPage(const UiContext& context, QWidget* parent) : Page(context, parent) {
    m_error = new ErrorCard(context.theme);
    m_empty = new StateView(context.theme);
    m_empty->setTexts(tr("No model yet"),
                      {tr("Open a GGUF or safetensors file, or a folder with config.json: only its header is read."),
                       tr("A study is made for it, where everything you find is kept.")},
                      tr("Open model or study…"));
    m_full = new QWidget;
    m_title = label({}, "title");
    m_subtitle = label({}, "muted");

    const Card facts = card(tr("Facts"));
    m_facts = new FactGrid(2);
    facts.column->addWidget(m_facts);
    facts.column->addStretch();

    const Card memory = card(tr("Memory while writing"));
    auto* context_label = label(tr("&Context"), "muted");
    auto* batch_label = label(tr("&Batch"), "muted");
    m_context_size = new QComboBox;
    m_batch = new QComboBox;
    for (const int tokens : {1024, 2048, 4096, 8192, 16384, 32768, 131072})
        m_context_size->addItem(tr("%1 tokens").arg(countText(tokens)), tokens);
    for (const int batch : {1, 2, 4, 8, 16, 32}) m_batch->addItem(QString::number(batch), batch);
    m_context_size->setCurrentIndex(3);
    context_label->setBuddy(m_context_size);
    batch_label->setBuddy(m_batch);
    auto* choose = new QHBoxLayout;
    choose->setSpacing(8);
    choose->addWidget(context_label);
    choose->addWidget(m_context_size);
    choose->addSpacing(8);
    choose->addWidget(batch_label);
    choose->addWidget(m_batch);
    choose->addStretch();
    memory.column->addLayout(choose);
    m_memory = new FactGrid(1);
    m_cache_line = label({});
    m_cache_line->setWordWrap(true);
    m_fit_a = new FitBar(context.theme, QStringLiteral("A"));
    m_fit_b = new FitBar(context.theme, QStringLiteral("B"));
    memory.column->addWidget(m_memory);
    memory.column->addWidget(m_cache_line);
    memory.column->addSpacing(8);
    memory.column->addWidget(m_fit_a);
    memory.column->addWidget(m_fit_b);
    memory.column->addStretch();

    const Card layers = card(tr("Layers"));
    m_strip = new LayerStrip(context.theme);
    m_strip->setInteractive(true);
    m_strip->setNumbered(true);
    m_strip->setAccessibleName(tr("Layers of the model"));
    m_layer_title = label({}, "muted");
    m_tensors = new QTableWidget(0, 4);
    m_tensors->setHorizontalHeaderLabels({tr("Tensor"), tr("Type"), tr("Shape"), tr("Bytes")});
    m_tensors->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    for (int column = 1; column < 4; ++column)
        m_tensors->horizontalHeader()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
    m_tensors->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_tensors->verticalHeader()->hide();
    m_tensors->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_tensors->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_tensors->setShowGrid(false);
    m_tensors->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 10);
    for (int column = 2; column < 4; ++column)
        m_tensors->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_tensors->setAccessibleName(tr("Tensors of the selected layer"));
    m_tensors->setMinimumHeight(120);
    layers.column->addWidget(m_strip);
    layers.column->addWidget(m_layer_title);
    layers.column->addWidget(m_tensors, 1);

    auto* upper = new QHBoxLayout;
    upper->setSpacing(16);
    upper->addWidget(facts.frame, 3);
    upper->addWidget(memory.frame, 2);
    auto* full = new QVBoxLayout(m_full);
    full->setContentsMargins(0, 0, 0, 0);
    full->setSpacing(16);
    auto* head = new QHBoxLayout;
    head->addWidget(m_title);
    head->addSpacing(16);
    head->addWidget(m_subtitle, 1);
    full->addLayout(head);
    full->addLayout(upper);
    full->addWidget(layers.frame, 1);
    auto* column = pageColumn(this);
    column->addWidget(m_error);
    column->addWidget(m_empty, 1);
    column->addWidget(m_full, 1);

    connect(m_empty, &StateView::activated, this, [this] {
        if (QAction* open = m_context.actions->action(QStringLiteral("file.open"))) open->trigger();
    });
    connect(&m_reading, &QFutureWatcher<Header>::finished, this, &ModelPage::headerRead);
    connect(m_context_size, &QComboBox::currentIndexChanged, this, &ModelPage::fillMemory);
    connect(m_batch, &QComboBox::currentIndexChanged, this, &ModelPage::fillMemory);
    connect(context.selection, &Selection::slotsChanged, this, &ModelPage::fillMemory);
    connect(m_strip, &LayerStrip::layerPicked, context.selection, &Selection::setLayer);
    connect(context.selection, &Selection::layerChanged, this, [this](int layer) {
        m_strip->setCurrentLayer(layer);
        fillTensors();
    });
    connect(context.actions->add(QStringLiteral("model.copyFacts"), MenuId::model, tr("&Copy the facts as text")),
            &QAction::triggered, this, [this] { QGuiApplication::clipboard()->setText(m_facts->asText()); });
    setSnapshot(nullptr);
}

ModelPage::~ModelPage() {
    m_reading.disconnect(this);
    m_reading.waitForFinished();
}

ModelPage::Header ModelPage::read(const QString& path) {
    Header header{path, nullptr, {}};
    try {
        header.file = ModelFile::open(path.toStdString());
    } catch (const Failure& failure) {
        const Error& error = failure.error();
        header.problem = {tr("Reading the model"), QString::fromStdString(error.where), QString::fromStdString(error.what),
                          QString::fromStdString(error.hint)};
    } catch (const std::exception& error) {
        header.problem = {tr("Reading the model"), path, QString::fromUtf8(error.what()), {}};
    }
    return header;
}

void ModelPage::setSnapshot(const SnapshotPtr& snapshot) {
    m_snapshot = snapshot;
    m_empty->setVisible(!snapshot);
    m_full->setVisible(snapshot != nullptr);
    const QString path = snapshot ? QString::fromStdString(snapshot->model.path) : QString();
    if (!snapshot) {
        m_state = State::empty;
        m_file.reset();
        m_error->clear();
    } else if (path != m_path) {
        m_state = State::running;
        m_file.reset();
        m_reading.setFuture(QtConcurrent::run(&ModelPage::read, path));
    }
    const bool changed = path != m_path;
    m_path = path;
    if (!changed) return;
    fillFacts();
    fillMemory();
    fillTensors();
    Q_EMIT stateChanged();
}

void ModelPage::headerRead() {
    const Header header = m_reading.result();
    if (header.path != m_path) return;  // another study was opened meanwhile
    m_file = header.file;
    m_state = m_file ? State::ready : State::failed;
    if (m_file) m_error->clear();
    else m_error->show(header.problem);
    fillFacts();
    fillMemory();
    fillTensors();
    Q_EMIT stateChanged();
}

QString ModelPage::summary() const {
    if (!m_snapshot) return tr("No model is open.");
    return tr("%1, %2 layers.").arg(m_title->text()).arg(m_snapshot->model.layers);
}

void ModelPage::fillFacts() {
    if (!m_snapshot) return;
    const ModelRow& model = m_snapshot->model;
    m_title->setText(QFileInfo(m_path).completeBaseName());
    m_strip->setPlacement(teacherText(model.layers));
    m_subtitle->setText(QStringList{QString::fromStdString(model.format).toUpper(), QString::fromStdString(model.architecture),
                                    tr("%1 layers").arg(model.layers)}
                            .join(QStringLiteral("  ·  ")));
    // Without the file the study still knows the shapes.
    const QJsonObject kept = QJsonDocument::fromJson(QByteArray::fromStdString(model.config_json)).object();
    const auto number = [&kept](const char* key) { return countText(kept.value(QLatin1String(key)).toDouble(std::nan(""))); };
    QList<Fact> facts = {{tr("Layers"), QString::number(model.layers), {}},
                         {tr("Parameters"), shortCountText(kept.value(QLatin1String("parameters")).toDouble(std::nan(""))), {}},
                         {tr("Vocabulary"), number("vocab"), {}},
                         {tr("Hidden size"), number("hidden"), {}},
                         {tr("Query heads"), number("heads"), {}},
                         {tr("Key/value heads"), number("kv_heads"), {}}};
    if (m_file) {
        const ModelConfig& config = m_file->config();
        facts = {
            {tr("Parameters"), shortCountText(static_cast<double>(m_file->parameters())), tr("Weights that are shared count once")},
            {tr("File"), byteText(static_cast<double>(m_file->bytes())), m_path},
            {tr("Tensors"), countText(static_cast<double>(m_file->tensors().size())), {}},
            {tr("Vocabulary"), countText(config.vocab), {}},
            {tr("Trained context"), tr("%1 tokens").arg(countText(config.context)), {}},
            {tr("Output head"), config.tied ? tr("tied to the embedding") : tr("own weights"), {}},
            {tr("Layers"), QString::number(config.layers), {}},
            {tr("Hidden size"), countText(config.hidden), tr("D: width of the residual stream")},
            {tr("Feed-forward size"), countText(config.intermediate), tr("Width of the SwiGLU")},
            {tr("Query heads"), QString::number(config.heads), {}},
            {tr("Key/value heads"), QString::number(config.kv_heads), tr("Shared by groups of query heads")},
            {tr("Head size"), QString::number(config.head_dim), {}},
        };
    }
    m_facts->setFacts(facts);
}

void ModelPage::fillMemory() {
    const bool known = m_file && m_snapshot;
    for (QWidget* part : {static_cast<QWidget*>(m_memory), static_cast<QWidget*>(m_cache_line), static_cast<QWidget*>(m_fit_a),
                          static_cast<QWidget*>(m_fit_b)})
        part->setVisible(known);
    if (!known) return;
    const ModelConfig& config = m_file->config();
    const QString a = m_context.selection->slotA().isEmpty() ? teacherText(config.layers) : m_context.selection->slotA();
    const QString b = m_context.selection->slotB();
    const int context = m_context_size->currentData().toInt(), batch = m_batch->currentData().toInt();
    const QString meaning = tr("Keys and values of the attention layers as float32, for one sequence");
    QList<Fact> facts = {{tr("Cache per token, A"), byteText(cacheBytesPerToken(config, a)), meaning}};
    if (!b.isEmpty()) facts << Fact{tr("Cache per token, B"), byteText(cacheBytesPerToken(config, b)), meaning};
    m_memory->setFacts(facts);
    const double cache_a = cacheBytes(config, a, context, batch), cache_b = cacheBytes(config, b, context, batch);
    m_cache_line->setText(b.isEmpty() ? tr("At %1 × %2: %3 of cache for A.")
                                            .arg(countText(context), countText(batch), byteText(cache_a))
                                      : tr("At %1 × %2: %3 of cache for A, %4 for B.")
                                            .arg(countText(context), countText(batch), byteText(cache_a), byteText(cache_b)));
    const double weights = static_cast<double>(m_file->parameters()) * weight_bytes, free = availableMemory();
    m_fit_a->setBytes(weights, cache_a, free);
    m_fit_b->setBytes(weights, cache_b, free);
    m_fit_b->setVisible(!b.isEmpty());
}

void ModelPage::fillTensors() {
    m_tensors->setRowCount(0);
    const int layer = m_context.selection->layer();
    m_strip->setCurrentLayer(layer);
    if (!m_file) {
        m_layer_title->setText(m_state == State::running ? tr("Reading the header…") : QString());
        return;
    }
    const std::string prefix = "model.layers." + std::to_string(layer) + ".";
    double bytes = 0;
    for (const TensorInfo& tensor : m_file->tensors()) {
        const bool of_a_layer = tensor.name.rfind("model.layers.", 0) == 0;
        if (layer >= 0 ? tensor.name.rfind(prefix, 0) != 0 : of_a_layer) continue;
        const int row = m_tensors->rowCount();
        m_tensors->insertRow(row);
        const QString name = QString::fromStdString(layer >= 0 ? tensor.name.substr(prefix.size()) : tensor.name);
        const QStringList cells = {name, QString::fromStdString(tensor.type), shapeText(tensor), byteText(static_cast<double>(tensor.bytes))};
        for (int column = 0; column < cells.size(); ++column) {
            auto* item = new QTableWidgetItem(cells[column]);
            if (column >= 2) item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            if (column >= 2) item->setFont(m_context.theme->numberFont());
            m_tensors->setItem(row, column, item);
        }
        bytes += static_cast<double>(tensor.bytes);
    }
    m_layer_title->setText(layer < 0 ? tr("Outside the layers: %1. Pick a layer with the mouse or the arrow keys.").arg(byteText(bytes))
                                     : tr("Layer %1: %2 tensors, %3").arg(layer).arg(m_tensors->rowCount()).arg(byteText(bytes)));
}

}  // namespace airframe::ui
