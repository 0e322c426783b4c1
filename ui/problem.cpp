// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/problem.h"

#include <QJsonDocument>
#include <QSysInfo>

namespace airframe::ui {

QString Problem::details() const {
    QStringList lines;
    lines << QStringLiteral("Airframe " AIRFRAME_VERSION ", Qt %1, %2").arg(QLatin1String(qVersion()), QSysInfo::prettyProductName());
    lines << QStringLiteral("tried: ") + tried;
    if (!where.isEmpty()) lines << QStringLiteral("where: ") + where;
    lines << QStringLiteral("what: ") + what;
    if (!hint.isEmpty()) lines << QStringLiteral("hint: ") + hint;
    return lines.join(QLatin1Char('\n'));
}

Problem Problem::fromEngine(const QString& tried, const QJsonObject& error) {
    Problem problem{tried, error.value(QLatin1String("where")).toString(), error.value(QLatin1String("what")).toString(),
                    error.value(QLatin1String("hint")).toString()};
    if (problem.what.isEmpty()) problem.what = error.value(QLatin1String("message")).toString();
    return problem;
}

Problem Problem::fromJson(const QString& tried, const std::string& error_json) {
    const QByteArray bytes = QByteArray::fromStdString(error_json);
    const QJsonDocument document = QJsonDocument::fromJson(bytes);
    if (!document.isObject()) return {tried, {}, QString::fromUtf8(bytes), {}};
    return fromEngine(tried, document.object());
}

}  // namespace airframe::ui
