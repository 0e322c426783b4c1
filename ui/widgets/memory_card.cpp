// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/memory_card.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "core/base/memory_room.h"
#include "core/formats/memory_need.h"
#include "core/formats/native_support.h"
#include "ui/models/numbers.h"
#include "ui/number_text.h"
#include "ui/placement_text.h"
#include "ui/widgets/fact_grid.h"
#include "ui/widgets/fit_bar.h"
#include "ui/widgets/layout.h"

namespace airframe::ui {

namespace {

QComboBox* chooser(QHBoxLayout* row, const QString& name) {
    auto* text = label(name, "muted");
    auto* box = new QComboBox;
    text->setBuddy(box);
    row->addWidget(text);
    row->addWidget(box);
    row->addSpacing(4);
    return box;
}

/// Bytes that one more token of a sequence adds at this context.
double growth(const ModelFile& file, const MemoryUse& use) {
    double bytes = 0;
    for (std::size_t layer = 0; layer < use.blocks.size(); ++layer) {
        const BlockMemory memory = blockMemory(file.config(), static_cast<int>(layer), use.blocks[layer], use.form);
        if (memory.window == 0 || use.context < memory.window) bytes += memory.per_token;
    }
    return bytes;
}

}  // namespace

MemoryCard::MemoryCard(const Theme* theme, QWidget* parent) : QWidget(parent) {
    const Card memory = card(tr("Memory while writing"));
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(memory.frame);
    auto* choose = new QHBoxLayout;
    choose->setSpacing(6);
    m_context = chooser(choose, tr("&Context"));
    for (const int tokens : {1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072}) m_context->addItem(countText(tokens), tokens);
    m_context->setCurrentIndex(2);
    m_context->setToolTip(tr("Tokens of each sequence, the prompt's and the written ones"));
    m_batch = chooser(choose, tr("&Batch"));
    for (const int batch : {1, 2, 4, 8, 16, 32}) m_batch->addItem(QString::number(batch), batch);
    m_batch->setToolTip(tr("Sequences written at once"));
    m_compute = chooser(choose, tr("Co&mpute"));
    for (const ComputeForm form : compute_forms) m_compute->addItem(QString::fromUtf8(nameOf(form).data(), static_cast<int>(nameOf(form).size())), static_cast<int>(form));
    m_compute->setCurrentIndex(static_cast<int>(ComputeForm::native));
    m_compute->setToolTip(tr("How weights are held: as float32, as bf16, or native, as the file has them"));
    choose->addStretch();
    memory.column->addLayout(choose);
    m_known = new QWidget;
    auto* column = new QVBoxLayout(m_known);
    column->setContentsMargins(0, 0, 0, 0);
    m_facts = new FactGrid(2);
    m_fit_a = new FitBar(theme, QStringLiteral("A"));
    m_fit_b = new FitBar(theme, QStringLiteral("B"));
    m_note = label({}, "muted");
    m_note->setWordWrap(true);
    column->addWidget(m_note);
    column->addWidget(m_facts);
    column->addSpacing(8);
    column->addWidget(m_fit_a);
    column->addWidget(m_fit_b);
    memory.column->addWidget(m_known);
    memory.column->addStretch();
    for (QComboBox* box : {m_context, m_batch, m_compute}) connect(box, &QComboBox::currentIndexChanged, this, &MemoryCard::fill);
    fill();
}

void MemoryCard::setModel(std::shared_ptr<const ModelFile> file, const QString& a, const QString& b) {
    m_file = std::move(file);
    m_a = a;
    m_b = b;
    fill();
}

void MemoryCard::fill() {
    m_known->setVisible(m_file != nullptr);
    if (!m_file) return;
    MemoryUse use;
    use.form = static_cast<ComputeForm>(m_compute->currentData().toInt());
    const std::string lacks = use.form == ComputeForm::native ? nativeLacks(m_file->config()) : std::string();
    if (!lacks.empty()) use.form = ComputeForm::bf16;
    m_note->setText(tr("Not native, because the model has %1: shown for bf16.").arg(QString::fromStdString(lacks)));
    m_note->setVisible(!lacks.empty());
    use.context = m_context->currentData().toInt();
    use.batch = m_batch->currentData().toInt();
    const double free = static_cast<double>(availableMemory());
    QList<Fact> facts;
    const auto tell = [&](const QString& placement, const QString& slot, FitBar* bar) {
        use.blocks.clear();
        const QStringList blocks = blocksOf(placement);
        for (const LayerConfig& layer : m_file->config().layer) {
            const auto at = static_cast<int>(use.blocks.size());
            use.blocks.push_back(blocks.size() == m_file->config().layers ? blocks[at].toStdString() : layer.block);
        }
        const MemoryNeed need = memoryNeed(*m_file, use);
        facts << Fact{tr("Weights, %1").arg(slot), byteText(need.weights), tr("Of the placement's own layers, in the chosen form")}
              << Fact{tr("Cache, %1").arg(slot), byteText(need.states),
                      tr("Keys and values of attention layers, states of linear ones, of all sequences at this context")}
              << Fact{tr("Per token, %1").arg(slot), byteText(growth(*m_file, use)), tr("What one more token adds to the cache of one sequence")}
              << Fact{tr("Activations, %1").arg(slot), byteText(need.activations), tr("The widest moment of reading a prompt, by chunks of 512 tokens")};
        bar->setBytes(need.weights, need.states, need.activations, free);
    };
    tell(m_a, tr("A"), m_fit_a);
    if (!m_b.isEmpty()) tell(m_b, tr("B"), m_fit_b);
    m_fit_b->setVisible(!m_b.isEmpty());
    m_facts->setFacts(facts);
}

}  // namespace airframe::ui
