// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/numbers.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <QStringList>
#include <cmath>

#include "core/base/error.h"
#include "core/study/placement.h"

namespace airframe::ui {

namespace {
QString tr(const char* text) { return QCoreApplication::translate("Numbers", text); }
}  // namespace

QString fixed(double value, int decimals) {
    if (!std::isfinite(value)) return QStringLiteral("–");
    const QString text = QString::number(std::abs(value), 'f', decimals);
    return value < 0 && text.toDouble() != 0 ? QChar(0x2212) + text : text;
}

QString signedFixed(double value, int decimals) {
    const QString text = fixed(value, decimals);
    return value > 0 && text.toDouble() != 0 ? QLatin1Char('+') + text : text;
}

QString speedText(double tokens_per_s) {
    if (!(tokens_per_s > 0)) return QStringLiteral("–");
    return tr("%1 tok/s").arg(QLocale::c().toString(tokens_per_s, 'f', tokens_per_s < 100 ? 1 : 0));
}

QString byteText(double bytes) {
    if (!(bytes >= 0)) return QStringLiteral("–");
    static const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    while (bytes >= 1024 && unit < 4) bytes /= 1024, ++unit;
    return QStringLiteral("%1 %2").arg(QString::number(bytes, 'f', unit == 0 || bytes >= 100 ? 0 : 1), QLatin1String(units[unit]));
}

QString intervalText(double low, double high, int decimals) {
    return tr("%1 to %2").arg(fixed(low, decimals), fixed(high, decimals));
}

QString rankText(int low, int high) {
    return low == high ? QString::number(low) : QStringLiteral("%1–%2").arg(low).arg(high);
}

QString spreadText(const MeasurementRow::Spread& spread) {
    const auto number = [](double value) { return QString::number(value, 'f', value < 100 ? 1 : 0); };
    return tr("%1 (%2 to %3, %4 repeats)")
        .arg(speedText(spread.median), number(spread.q1), number(spread.q3))
        .arg(spread.n);
}

QString timeOfDay(std::int64_t utc_ms) {
    return QDateTime::fromMSecsSinceEpoch(utc_ms).toString(QStringLiteral("HH:mm:ss"));
}

QString listText(const QStringList& names) {
    if (names.size() < 2) return names.join(QString());
    return tr("%1 and %2").arg(names.first(names.size() - 1).join(QStringLiteral(", ")), names.last());
}

QString layerList(const std::vector<int>& layers) {
    QStringList names;
    for (const int layer : layers) names << QString::number(layer);
    return listText(names);
}

std::vector<int> fullLayerList(const QString& canonical_text) {
    try {
        return Placement::parse(canonical_text.toStdString()).fullLayers();
    } catch (const Failure&) {
        return {};
    }
}

}  // namespace airframe::ui
