// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/placement_text.h"

#include <QCoreApplication>

#include "core/base/error.h"
#include "core/study/placement.h"

namespace airframe::ui {

namespace {

QString translated(const char* text) {
    return QCoreApplication::translate("placement", text);
}

}  // namespace

QStringList blocksOf(const QString& canonical_text) {
    QStringList blocks;
    if (canonical_text.isEmpty()) return blocks;
    try {
        const Placement placement = Placement::parse(canonical_text.toStdString());
        for (const std::string& block : placement.blocks()) blocks << QString::fromStdString(block);
    } catch (const Failure&) {
        blocks.clear();  // a text that is no placement has no layers to draw
    }
    return blocks;
}

int fullLayersOf(const QString& canonical_text) {
    const QStringList blocks = blocksOf(canonical_text);
    return blocks.isEmpty() ? -1 : static_cast<int>(blocks.count(QStringLiteral("attn")));
}

QString teacherText(int layers) {
    if (layers < 1) return {};
    return QString::fromStdString(Placement(std::vector<std::string>(static_cast<std::size_t>(layers), "attn")).text());
}

QString placementName(const QString& canonical_text) {
    const QStringList blocks = blocksOf(canonical_text);
    if (blocks.isEmpty()) return {};
    QStringList full;
    for (qsizetype layer = 0; layer < blocks.size(); ++layer)
        if (blocks[layer] == QLatin1String("attn")) full << QString::number(layer);
    if (full.size() == blocks.size()) return translated("original");
    if (full.isEmpty()) return translated("all linear");
    QString name = translated("%1 full of %2").arg(full.size()).arg(blocks.size());
    if (full.size() <= 8) name += QStringLiteral(": ") + full.join(QStringLiteral(", "));
    return name;
}

QString blockName(const QString& id) {
    if (id == QLatin1String("attn")) return translated("full attention");
    if (id == QLatin1String("jet")) return translated("JetBlock (linear)");
    if (id == QLatin1String("swa")) return translated("sliding window");
    return id;
}

}  // namespace airframe::ui
