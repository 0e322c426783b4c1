// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/export_page.h"

#include <QComboBox>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QJsonArray>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStandardPaths>
#include <QUrl>
#include <QVBoxLayout>

#include "core/formats/model_name.h"
#include "ui/actions.h"
#include "ui/engine_client.h"
#include "ui/placement_text.h"
#include "ui/resume.h"
#include "ui/selection.h"
#include "ui/theme.h"
#include "ui/widgets/error_card.h"
#include "ui/widgets/layer_strip.h"
#include "ui/widgets/layout.h"
#include "ui/widgets/state_view.h"

namespace airframe::ui {

namespace {

/// What can be made: the engine's words for it, and what it is called here.
struct Format {
    QString word, ending;
    const char* label;
    QStringList storages;  ///< the usual one first
    QList<std::pair<QString, const char*>> contents;
};

/// In the order of the engine's option --format.
const QList<Format>& formats() {
    static const QList<Format> rows = {
        {QStringLiteral("hf"), {}, QT_TRANSLATE_NOOP("airframe::ui::ExportPage", "Hugging Face folder"),
         {QStringLiteral("float32"), QStringLiteral("bf16")},
         {{QStringLiteral("config.json"), QT_TRANSLATE_NOOP("airframe::ui::ExportPage", "shapes, and layer_types with one block per layer")},
          {QStringLiteral("model.safetensors"), QT_TRANSLATE_NOOP("airframe::ui::ExportPage", "the weights of this placement alone")},
          {QStringLiteral("*.py"), QT_TRANSLATE_NOOP("airframe::ui::ExportPage", "code with which transformers runs it")},
          {QStringLiteral("tokenizer.json, tokenizer_config.json"), QT_TRANSLATE_NOOP("airframe::ui::ExportPage", "vocabulary, special tokens, chat template")},
          {QStringLiteral("architecture.json"), QT_TRANSLATE_NOOP("airframe::ui::ExportPage", "the placement and its blocks, as text")},
          {QStringLiteral("generation_config.json"), QT_TRANSLATE_NOOP("airframe::ui::ExportPage", "where a text begins and ends")},
          {QStringLiteral("README.md"), QT_TRANSLATE_NOOP("airframe::ui::ExportPage", "model card with provenance: model and checkpoint hashes, scores, program version")}}},
        {QStringLiteral("gguf"), QStringLiteral(".gguf"), QT_TRANSLATE_NOOP("airframe::ui::ExportPage", "GGUF file"),
         {QStringLiteral("F16"), QStringLiteral("Q8_0"), QStringLiteral("Q4_1"), QStringLiteral("Q4_0")},
         {{QStringLiteral("*.gguf"), QT_TRANSLATE_NOOP("airframe::ui::ExportPage", "weights, tokenizer and chat template in one file; llama.cpp runs it if every layer is attention")}}},
        {QStringLiteral("architecture"), QStringLiteral(".json"), QT_TRANSLATE_NOOP("airframe::ui::ExportPage", "Architecture alone"), {},
         {{QStringLiteral("*.json"), QT_TRANSLATE_NOOP("airframe::ui::ExportPage", "the placement, its blocks, scores and provenance, without weights; another study can import it")}}},
    };
    return rows;
}

QString exportName(const StudySnapshot& snapshot, const QString& placement, const QString& ending) {
    const QString model = QString::fromStdString(modelName(snapshot.model.path));
    return QStringLiteral("%1-hybrid-%2-full%3").arg(model).arg(fullLayersOf(placement)).arg(ending);
}

}  // namespace

ExportPage::ExportPage(const UiContext& context, QWidget* parent) : Page(context, parent) {
    m_error = new ErrorCard(context.theme);
    m_empty = new StateView(context.theme);
    m_empty->setTexts(tr("Nothing to take away yet"),
                      {tr("An export holds the chosen placement as a Hugging Face folder, a GGUF file, or its architecture alone."),
                       tr("It is reloaded and compared before it is called done.")},
                      tr("Go to the Supernet"));
    m_full = new QWidget;
    const Card what = card(tr("What"));
    auto* choice_label = label(tr("&Placement"), "muted");
    m_choice = new QComboBox;
    choice_label->setBuddy(m_choice);
    m_strip = new LayerStrip(context.theme);
    auto* format_label = label(tr("For&mat"), "muted");
    m_format = new QComboBox;
    format_label->setBuddy(m_format);
    for (const Format& format : formats()) m_format->addItem(tr(format.label));
    m_storage = new QComboBox;
    m_storage->setAccessibleName(tr("Type of the stored matrices"));
    auto* folder_label = label(tr("&Folder"), "muted");
    m_folder = new QLineEdit(QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation));
    folder_label->setBuddy(m_folder);
    auto* choose = button(tr("Choose…"));
    auto* name_label = label(tr("&Name"), "muted");
    m_name = new QLineEdit;
    name_label->setBuddy(m_name);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(16);
    grid->setVerticalSpacing(8);
    grid->addWidget(choice_label, 0, 0);
    grid->addWidget(m_choice, 0, 1, 1, 2);
    grid->addWidget(m_strip, 1, 1, 1, 2);
    grid->addWidget(format_label, 2, 0);
    grid->addWidget(m_format, 2, 1);
    grid->addWidget(m_storage, 2, 2);
    grid->addWidget(folder_label, 3, 0);
    grid->addWidget(m_folder, 3, 1);
    grid->addWidget(choose, 3, 2);
    grid->addWidget(name_label, 4, 0);
    grid->addWidget(m_name, 4, 1, 1, 2);
    grid->setColumnStretch(1, 1);
    what.column->addLayout(grid);

    const Card files = card(tr("What will be written"));
    m_contents = label({});
    m_contents->setTextFormat(Qt::RichText);
    m_contents->setWordWrap(true);
    files.column->addWidget(m_contents);

    m_export = button(tr("Export"), true);
    m_export->setMinimumHeight(36);
    m_reason = label({}, "muted");
    auto* go = new QHBoxLayout;
    go->setSpacing(16);
    go->addWidget(m_export);
    go->addWidget(m_reason, 1);

    const Card result = card();
    m_result_card = result.frame;
    m_result_title = label({}, "heading");
    m_result_title->setWordWrap(true);
    m_files = label({}, "muted");
    m_files->setWordWrap(true);
    m_files->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* show = button(tr("Show the folder"));
    result.column->addWidget(m_result_title);
    result.column->addWidget(m_files);
    result.column->addWidget(show, 0, Qt::AlignLeft);
    m_result_card->hide();

    auto* full = new QVBoxLayout(m_full);
    full->setContentsMargins(0, 0, 0, 0);
    full->setSpacing(16);
    full->addWidget(label(tr("Export"), "title"));
    full->addWidget(what.frame);
    full->addWidget(files.frame);
    full->addLayout(go);
    full->addWidget(m_result_card);
    full->addStretch();
    auto* column = pageColumn(this);
    column->addWidget(m_error);
    column->addWidget(m_empty, 1);
    column->addWidget(m_full, 1);

    connect(m_empty, &StateView::activated, this, [this] {
        if (QAction* page = m_context.actions->action(QStringLiteral("page.supernet"))) page->trigger();
    });
    connect(choose, &QPushButton::clicked, this, [this] {
        const QString folder = QFileDialog::getExistingDirectory(this, tr("Export into"), m_folder->text());
        if (!folder.isEmpty()) m_folder->setText(folder);
    });
    connect(m_choice, &QComboBox::currentIndexChanged, this, [this] {
        m_strip->setPlacement(placement());
        showFormat();
    });
    connect(m_format, &QComboBox::currentIndexChanged, this, &ExportPage::showFormat);
    connect(m_choice, &QComboBox::activated, this, [this] { m_chosen = true; });
    connect(m_folder, &QLineEdit::textChanged, this, &ExportPage::updateControls);
    connect(m_name, &QLineEdit::textChanged, this, &ExportPage::updateControls);
    connect(m_export, &QPushButton::clicked, this, &ExportPage::start);
    connect(show, &QPushButton::clicked, this, [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_done_dir)); });
    connect(context.selection, &Selection::slotsChanged, this, &ExportPage::fillChoices);
    connect(context.actions->add(QStringLiteral("file.export"), MenuId::file, tr("&Export the model of slot B…"),
                                 QKeySequence(Qt::CTRL | Qt::Key_E)),
            &QAction::triggered, this, [this] {
                if (QAction* page = m_context.actions->action(QStringLiteral("page.export"))) page->trigger();
            });
    connect(context.engine, &EngineClient::finished, this, [this](qint64 id, const QString&, const QJsonObject& result) {
        if (id == m_job && id != 0) showResult(result);
        updateControls();
    });
    const auto over = [this](qint64 id) {
        if (id == m_job) m_job = 0;
        updateControls();
    };
    connect(context.engine, &EngineClient::stopped, this, over);
    connect(context.engine, &EngineClient::started, this, &ExportPage::updateControls);
    connect(context.engine, &EngineClient::failed, this, [this, over](qint64 id, const QString&, const QJsonObject& error) {
        if (id == m_job && id != 0) m_error->show(Problem::fromEngine(tr("The export"), error));
        over(id);
    });
    showFormat();
    setSnapshot(nullptr);
}

/// The format's storage types, its files, and a name that fits.
void ExportPage::showFormat() {
    const Format& format = formats().at(std::max(0, m_format->currentIndex()));
    const QString before = m_storage->currentText();
    m_storage->clear();
    m_storage->addItems(format.storages);
    m_storage->setCurrentIndex(std::max(0, m_storage->findText(before)));
    m_storage->setVisible(!format.storages.isEmpty());
    QString rows;
    for (const auto& [file, meaning] : format.contents)
        rows += QStringLiteral("<tr><td style='padding-right:24px'>%1</td><td>%2</td></tr>").arg(file.toHtmlEscaped(), tr(meaning).toHtmlEscaped());
    m_contents->setText(QStringLiteral("<table>%1</table>").arg(rows));
    if (m_snapshot) m_name->setText(exportName(*m_snapshot, placement(), format.ending));
    updateControls();
}

void ExportPage::setSnapshot(const SnapshotPtr& snapshot) {
    if (!snapshot || !m_snapshot || snapshot->path != m_snapshot->path) {
        m_result_card->hide();
        m_error->clear();
        m_name->clear();
        m_chosen = false;
    }
    m_snapshot = snapshot;
    const bool trained = snapshot && !snapshot->checkpoints.empty();
    m_empty->setVisible(!trained);
    m_full->setVisible(trained);
    fillChoices();
}

void ExportPage::fillChoices() {
    const QString before = placement();
    QStringList texts;
    const QSignalBlocker quiet(m_choice);
    m_choice->clear();
    const QList<std::pair<QString, QString>> candidates = {{tr("B"), m_context.selection->slotB()},
                                                           {tr("A"), m_context.selection->slotA()},
                                                           {tr("selected"), m_context.selection->selected()}};
    for (const auto& [name, text] : candidates) {
        if (text.isEmpty() || texts.contains(text)) continue;
        texts << text;
        m_choice->addItem(QStringLiteral("%1 – %2").arg(name, placementName(text)), text);
    }
    m_choice->setCurrentIndex(m_chosen ? std::max(0, m_choice->findData(before)) : 0);
    m_strip->setPlacement(placement());
    if (m_snapshot && (m_name->text().isEmpty() || before != placement())) showFormat();
    updateControls();
}

QString ExportPage::placement() const {
    return m_choice->currentData().toString();
}

QString ExportPage::target() const {
    return QDir(m_folder->text()).filePath(m_name->text());
}

void ExportPage::start() {
    m_error->clear();
    m_result_card->hide();
    QJsonObject params{{QStringLiteral("placement"), placement()},
                       {QStringLiteral("to"), target()},
                       {QStringLiteral("format"), formats().at(m_format->currentIndex()).word}};
    if (!m_storage->currentText().isEmpty()) params[QStringLiteral("storage")] = m_storage->currentText();
    m_job = m_context.engine->request(QStringLiteral("export"), params);
    updateControls();
}

void ExportPage::showResult(const QJsonObject& result) {
    m_job = 0;
    m_done_dir = result.value(QLatin1String("dir")).toString();
    const bool weights = result.value(QLatin1String("checked_tokens")).toInt() > 0;
    m_result_title->setText(weights ? tr("Done: reloaded, largest difference of a logit %1")
                                          .arg(result.value(QLatin1String("max_logit_difference")).toDouble(), 0, 'g', 3)
                                    : tr("Done: read again, the same architecture"));
    QStringList files;
    for (const QJsonValue& file : result.value(QLatin1String("files")).toArray())
        files << (file.isObject() ? file.toObject().value(QLatin1String("name")).toString() : file.toString());
    m_files->setText(m_done_dir + QLatin1Char('\n') + files.join(QStringLiteral(", ")));
    m_result_card->show();
}

void ExportPage::updateControls() {
    const bool trained = m_snapshot && !m_snapshot->checkpoints.empty();
    const bool busy = m_context.engine->current() != 0;
    QString reason;
    if (m_job) reason = tr("Writing, then reloading to compare…");
    else if (busy) reason = tr("%1 is running.").arg(jobName(m_context.engine->currentOp()));
    else if (placement().isEmpty()) reason = tr("Put a placement in slot B first.");
    else if (m_name->text().isEmpty() || m_folder->text().isEmpty()) reason = tr("Choose a folder and a name.");
    else if (QFileInfo::exists(target())) reason = tr("%1 exists already; choose another name.").arg(target());
    m_export->setEnabled(trained && reason.isEmpty());
    m_reason->setText(reason.isEmpty() ? target() : reason);
    const State before = m_state;
    m_state = m_job                                  ? State::running
              : !m_error->problem().isEmpty()        ? State::failed
              : m_result_card->isVisibleTo(m_full)   ? State::ready
                                                     : State::empty;
    m_summary = !trained ? tr("Nothing is trained, so there is nothing to export.")
                         : tr("Ready to export %1.").arg(placementName(placement()));
    if (before != m_state) Q_EMIT stateChanged();
}

}  // namespace airframe::ui
