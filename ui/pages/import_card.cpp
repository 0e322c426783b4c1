// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/import_card.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonObject>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>

#include "ui/actions.h"
#include "ui/engine_client.h"
#include "ui/placement_text.h"
#include "ui/problem.h"
#include "ui/selection.h"
#include "ui/settings.h"
#include "ui/widgets/error_card.h"
#include "ui/widgets/layout.h"

namespace airframe::ui {

namespace {

QStringList texts(const QJsonObject& result, const char* key) {
    QStringList all;
    for (const QJsonValue& value : result.value(QLatin1String(key)).toArray()) all << value.toString();
    return all;
}

}  // namespace

ImportCard::ImportCard(const UiContext& context, QWidget* parent) : QWidget(parent), m_context(context) {
    m_error = new ErrorCard(context.theme);
    const Card told = card();
    m_card = told.frame;
    m_title = label({}, "heading");
    m_text = label({}, "muted");
    m_text->setWordWrap(true);
    auto* close = button(tr("Dismiss"));
    auto* row = new QHBoxLayout;
    auto* words = new QVBoxLayout;
    words->addWidget(m_title);
    words->addWidget(m_text);
    row->addLayout(words, 1);
    row->addWidget(close, 0, Qt::AlignTop);
    told.column->addLayout(row);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_error);
    column->addWidget(m_card);
    m_card->hide();
    hide();
    m_action = context.actions->add(QStringLiteral("model.import"), MenuId::model, tr("&Import architecture…"), {},
                                    tr("Brings a placement from an architecture.json into this study, with a star and in slot B"));
    m_action->setEnabled(false);
    connect(close, &QPushButton::clicked, this, &QWidget::hide);
    connect(m_error, &ErrorCard::dismissed, this, &QWidget::hide);
    connect(m_action, &QAction::triggered, this, [this] {
        const QString path = QFileDialog::getOpenFileName(window(), tr("Import architecture"),
                                                          QSettings().value(QLatin1String(settings::last_folder)).toString(),
                                                          tr("Architectures (*.json);;All files (*)"));
        if (!path.isEmpty()) import(path);
    });
    connect(context.engine, &EngineClient::finished, this, [this](qint64 id, const QString&, const QJsonObject& result) {
        if (id == m_job && id != 0) tell(result);
    });
    connect(context.engine, &EngineClient::failed, this, [this](qint64 id, const QString&, const QJsonObject& error) {
        if (id != m_job || id == 0) return;
        m_job = 0;
        m_card->hide();
        m_error->show(Problem::fromEngine(tr("Importing an architecture"), error));
        show();
    });
}

void ImportCard::setSnapshot(const SnapshotPtr& snapshot) {
    m_action->setEnabled(snapshot && !snapshot->read_only);
    const QString study = snapshot ? QString::fromStdString(snapshot->path) : QString();
    if (study == m_study) return;
    m_study = study;
    m_job = 0;
    m_error->clear();
    hide();
}

void ImportCard::import(const QString& path) {
    m_error->clear();
    hide();
    if (QAction* page = m_context.actions->action(QStringLiteral("page.model"))) page->trigger();
    m_job = m_context.engine->request(QStringLiteral("import"), {{QStringLiteral("file"), path}});
}

QString ImportCard::text() const {
    return m_card->isVisibleTo(this) ? m_title->text() + QLatin1Char('\n') + m_text->text() : QString();
}

void ImportCard::tell(const QJsonObject& result) {
    m_job = 0;
    const QString placement = result.value(QLatin1String("placement")).toString();
    m_context.selection->setSelected(placement);
    m_context.selection->setSlotB(placement);
    m_title->setText(result.value(QLatin1String("new")).toBool() ? tr("Imported: %1").arg(placementName(placement))
                                                                 : tr("Imported before: %1").arg(placementName(placement)));
    QStringList words{tr("It has a star and is in slot B; Front can score and time it.")};
    const QString base = result.value(QLatin1String("base")).toString();
    const QString base_model = result.value(QLatin1String("base_model")).toString();
    if (base == QLatin1String("other"))
        words << (base_model.isEmpty() ? tr("It was found for another base model.") : tr("It was found for another base model, %1.").arg(base_model));
    if (base == QLatin1String("unknown")) words << tr("The file does not say for which base model it was found.");
    if (const QStringList dims = texts(result, "other_dims"); !dims.isEmpty())
        words << tr("Dimensions differ (%1); those of this study apply.").arg(dims.join(QStringLiteral("; ")));
    for (const QString& block : texts(result, "untrained_blocks")) words << tr("No %1 is trained in this study yet.").arg(blockName(block));
    m_text->setText(words.join(QLatin1Char(' ')));
    m_card->show();
    show();
}

}  // namespace airframe::ui
