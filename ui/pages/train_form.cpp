// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/train_form.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>

#include "ui/number_text.h"
#include "ui/settings.h"
#include "ui/study_opener.h"
#include "ui/widgets/layout.h"

namespace airframe::ui {

namespace {

constexpr int default_minutes = 15;
constexpr int tokens_unit = 1000;  // the field counts thousands of tokens

}  // namespace

TrainForm::TrainForm(QWidget* parent) : QWidget(parent) {
    auto* text_label = label(tr("&Text"));
    m_text = new QLineEdit(QSettings().value(QLatin1String(settings::text_paths), StudyOpener::trainingText()).toString());
    m_text->setPlaceholderText(tr("Files and folders of UTF-8 text, ; between them"));
    m_text->setMinimumWidth(220);
    text_label->setBuddy(m_text);
    auto* files = button(tr("Files…"));
    auto* folder = button(tr("Folder…"));
    auto* amount_label = label(tr("&For"));
    m_amount = new QSpinBox;
    m_amount->setRange(1, 1000000);
    m_amount->setValue(default_minutes);
    m_amount->setAccelerated(true);
    m_amount->setAccessibleName(tr("How much"));
    amount_label->setBuddy(m_amount);
    m_unit = new QComboBox;
    m_unit->addItems({tr("minutes"), tr("thousand tokens")});
    m_unit->setAccessibleName(tr("Minutes or tokens"));
    m_train = button({});
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(text_label);
    row->addWidget(m_text, 1);
    row->addWidget(files);
    row->addWidget(folder);
    row->addSpacing(8);
    row->addWidget(amount_label);
    row->addWidget(m_amount);
    row->addWidget(m_unit);
    row->addSpacing(8);
    row->addWidget(m_train);
    connect(files, &QPushButton::clicked, this, [this] {
        addPaths(QFileDialog::getOpenFileNames(this, tr("Text to train on"), {}, tr("Text (*.txt *.md *.rst *.zst);;All files (*)")));
    });
    connect(folder, &QPushButton::clicked, this, [this] {
        const QString path = QFileDialog::getExistingDirectory(this, tr("Folder of text to train on"));
        if (!path.isEmpty()) addPaths({path});
    });
    connect(m_text, &QLineEdit::textChanged, this, [this](const QString& text) {
        QSettings().setValue(QLatin1String(settings::text_paths), text);
        Q_EMIT changed();
    });
    connect(m_amount, &QSpinBox::valueChanged, this, &TrainForm::changed);
    connect(m_unit, &QComboBox::currentIndexChanged, this, [this](int unit) {
        m_amount->setValue(unit == 0 ? default_minutes : 500);
        Q_EMIT changed();
    });
    connect(m_train, &QPushButton::clicked, this, &TrainForm::trainRequested);
}

QStringList TrainForm::paths() const {
    QStringList paths;
    for (const QString& path : m_text->text().split(QLatin1Char(';'), Qt::SkipEmptyParts))
        if (!path.trimmed().isEmpty()) paths << path.trimmed();
    return paths;
}

void TrainForm::addPaths(const QStringList& more) {
    if (!more.isEmpty()) m_text->setText((paths() + more).join(QStringLiteral("; ")));
}

QJsonObject TrainForm::params() const {
    QJsonObject params{{QStringLiteral("text"), QJsonArray::fromStringList(paths())}};
    if (m_unit->currentIndex() == 0) params.insert(QStringLiteral("minutes"), m_amount->value());
    else params.insert(QStringLiteral("tokens"), static_cast<qint64>(m_amount->value()) * tokens_unit);
    return params;
}

QString TrainForm::blocked() const {
    if (paths().isEmpty()) return tr("Choose text to train on first.");
    for (const QString& path : paths())
        if (!QFileInfo::exists(path)) return tr("There is no file or folder %1.").arg(path);
    return {};
}

QString TrainForm::amountText() const {
    return m_unit->currentIndex() == 0 ? tr("about %1 min").arg(m_amount->value())
                                       : tr("%1 tokens").arg(countText(1.0 * m_amount->value() * tokens_unit));
}

void TrainForm::setEnabledButton(bool on, const QString& text) {
    m_train->setText(text);
    m_train->setVisible(!text.isEmpty());
    m_train->setEnabled(on);
}

}  // namespace airframe::ui
