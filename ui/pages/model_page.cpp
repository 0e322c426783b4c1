// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/model_page.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>
#include <QtConcurrentRun>
#include <cmath>

#include "core/base/error.h"
#include "core/formats/model_file.h"
#include "core/formats/model_name.h"
#include "core/formats/model_summary.h"
#include "core/study/placement.h"
#include "ui/actions.h"
#include "ui/models/numbers.h"
#include "ui/number_text.h"
#include "ui/pages/import_card.h"
#include "ui/placement_text.h"
#include "ui/selection.h"
#include "ui/study_opener.h"
#include "ui/widgets/error_card.h"
#include "ui/widgets/fact_grid.h"
#include "ui/widgets/layer_strip.h"
#include "ui/widgets/layer_table.h"
#include "ui/widgets/layout.h"
#include "ui/widgets/memory_card.h"
#include "ui/widgets/state_view.h"

namespace airframe::ui {

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

    m_memory = new MemoryCard(context.theme);
    m_import = new ImportCard(context);

    const Card layers = card(tr("Layers"));
    m_strip = new LayerStrip(context.theme);
    m_strip->setInteractive(true);
    m_strip->setNumbered(true);
    m_strip->setAccessibleName(tr("Layers of the model"));
    m_layer_title = label({}, "muted");
    m_table = new LayerTable(context.theme);
    m_all = button(tr("All layers"));
    m_all->setToolTip(tr("Back from one layer's tensors to the list of layers"));
    auto* above = new QHBoxLayout;
    above->addWidget(m_layer_title, 1);
    above->addWidget(m_all);
    layers.column->addWidget(m_strip);
    layers.column->addLayout(above);
    layers.column->addWidget(m_table, 1);

    // Two placements, an import's words and the table are more than a small window is high.
    auto* all = new QWidget;
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(all);
    m_cards = scroll;
    auto* cards = new QVBoxLayout(all);
    cards->setContentsMargins(0, 0, 0, 0);
    cards->setSpacing(16);
    auto* upper = new QHBoxLayout;
    upper->setSpacing(16);
    upper->addWidget(facts.frame, 3);
    upper->addWidget(m_memory, 2);
    auto* full = new QVBoxLayout(m_full);
    full->setContentsMargins(0, 0, 0, 0);
    full->setSpacing(16);
    auto* head = new QHBoxLayout;
    head->addWidget(m_title);
    head->addSpacing(16);
    head->addWidget(m_subtitle, 1);
    full->addLayout(head);
    cards->addLayout(upper);
    cards->addWidget(layers.frame, 1);
    full->addWidget(m_cards, 1);
    full->addStretch();
    auto* column = pageColumn(this);
    column->addWidget(m_error);
    column->addWidget(m_import);
    column->addWidget(m_empty, 1);
    column->addWidget(m_full, 1);

    connect(m_empty, &StateView::activated, this, [this] {
        if (QAction* open = m_context.actions->action(QStringLiteral("file.open"))) open->trigger();
    });
    connect(&m_reading, &QFutureWatcher<Header>::finished, this, &ModelPage::headerRead);
    connect(context.opener, &StudyOpener::modelOpening, this, [this](const QString& path) {
        m_path.clear();  // the same path may be another file by now
        showModel(path);
    });
    connect(context.opener, &StudyOpener::failed, this, [this](const Problem& problem) {
        // What the header told already is told better than the engine's refusal of the same file.
        if (m_snapshot || m_context.opener->modelInHand().isEmpty() || !m_error->problem().isEmpty()) return;
        m_state = State::failed;
        m_error->show(problem);
        Q_EMIT stateChanged();
    });
    connect(context.selection, &Selection::slotsChanged, this, &ModelPage::fillMemory);
    connect(m_strip, &LayerStrip::layerPicked, context.selection, &Selection::setLayer);
    connect(m_table, &LayerTable::layerPicked, context.selection, &Selection::setLayer);
    connect(m_all, &QPushButton::clicked, this, [this] { m_context.selection->setLayer(-1); });
    connect(context.selection, &Selection::layerChanged, this, [this](int layer) {
        m_strip->setCurrentLayer(layer);
        fillLayers();
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
    m_import->setSnapshot(snapshot);
    if (!snapshot && !m_context.opener->modelInHand().isEmpty()) return;  // its header is on screen
    showModel(snapshot ? QString::fromStdString(snapshot->model.path) : QString());
}

void ModelPage::showModel(const QString& path) {
    m_empty->setVisible(path.isEmpty());
    m_full->setVisible(!path.isEmpty());
    if (path == m_path) {
        if (!m_file) fillFacts();
        return;
    }
    m_path = path;
    m_file.reset();
    m_error->clear();
    m_state = path.isEmpty() ? State::empty : State::running;
    if (!path.isEmpty()) m_reading.setFuture(QtConcurrent::run(&ModelPage::read, path));
    fillFacts();
    fillMemory();
    fillLayers();
    Q_EMIT stateChanged();
}

void ModelPage::headerRead() {
    const Header header = m_reading.result();
    if (header.path != m_path) return;  // another study was opened meanwhile
    m_file = header.file;
    if (!m_file) m_error->show(header.problem);
    // A header can be read where a study could not be made: both are said.
    m_state = m_error->problem().isEmpty() ? State::ready : State::failed;
    fillFacts();
    fillMemory();
    fillLayers();
    Q_EMIT stateChanged();
}

QString ModelPage::summary() const {
    if (m_path.isEmpty()) return tr("No model is open.");
    if (!m_file && !m_snapshot) return m_state == State::failed ? tr("%1 cannot be read.").arg(m_title->text()) : tr("Reading %1.").arg(m_title->text());
    return tr("%1, %2 layers.").arg(m_title->text()).arg(m_file ? m_file->config().layers : m_snapshot->model.layers);
}

QString ModelPage::ownPlacement() const {
    if (!m_file) return m_snapshot ? teacherText(m_snapshot->model.layers) : QString();
    std::vector<std::string> blocks;
    for (const LayerConfig& layer : m_file->config().layer) blocks.push_back(layer.block);
    return QString::fromStdString(Placement(std::move(blocks)).text());
}

void ModelPage::fillFacts() {
    m_title->setText(QString::fromStdString(modelName(m_path.toStdString())));
    m_strip->setPlacement(ownPlacement());
    QStringList subtitle;
    QList<Fact> facts;
    if (m_snapshot && QString::fromStdString(m_snapshot->model.path) == m_path) {
        const ModelRow& model = m_snapshot->model;
        subtitle = {QString::fromStdString(model.format).toUpper(), QString::fromStdString(model.architecture), tr("%1 layers").arg(model.layers)};
        // Without the file the study still knows the shapes.
        const QJsonObject kept = QJsonDocument::fromJson(QByteArray::fromStdString(model.config_json)).object();
        const auto number = [&kept](const char* key) { return kept.value(QLatin1String(key)).toDouble(std::nan("")); };
        facts = {{tr("Layers"), QString::number(model.layers), {}},
                 {tr("Parameters"), shortCountText(number("parameters")), {}},
                 {tr("Vocabulary"), countText(number("vocab")), {}},
                 {tr("Hidden size"), countText(number("hidden")), {}},
                 {tr("Query heads"), countText(number("heads")), {}},
                 {tr("Key/value heads"), countText(number("kv_heads")), {}}};
    }
    if (m_file) {
        const ModelConfig& config = m_file->config();
        const ModelSummary summary = summarise(*m_file);
        subtitle = {QString::fromStdString(m_file->format()).toUpper(), QString::fromStdString(config.architecture),
                    tr("%1 layers").arg(config.layers), QString::fromStdString(summary.total.typeNames())};
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
    m_cards->setVisible(!facts.isEmpty() || m_state == State::running);
    m_subtitle->setText(subtitle.join(QStringLiteral("  ·  ")));
    m_facts->setFacts(facts);
}

void ModelPage::fillMemory() {
    const QString a = m_context.selection->slotA();
    m_memory->setModel(m_file, a.isEmpty() ? ownPlacement() : a, m_context.selection->slotB());
}

void ModelPage::fillLayers() {
    const int layer = m_context.selection->layer();
    m_strip->setCurrentLayer(layer);
    m_table->show(m_file.get(), layer);
    m_all->setVisible(m_file && layer >= 0);
    if (!m_file) return m_layer_title->setText(m_state == State::running ? tr("Reading the header…") : QString());
    const ModelSummary summary = summarise(*m_file);
    const auto at = static_cast<std::size_t>(layer);
    const TensorCount& count = layer >= 0 && at < summary.layers.size() ? summary.layers[at].count : summary.total.count;
    const QString sizes = tr("%1 tensors, %2").arg(countText(count.tensors), byteText(static_cast<double>(count.bytes)));
    m_layer_title->setText(layer < 0 ? tr("All: %1. Pick a layer for its tensors.").arg(sizes) : tr("Layer %1: %2").arg(layer).arg(sizes));
}

}  // namespace airframe::ui
